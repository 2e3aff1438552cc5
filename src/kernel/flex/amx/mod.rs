//! Matrix products by the tile registers of newer server CPUs (Intel AMX), as exact as `f32`.
//!
//! Tiles multiply numbers of 16 bits (`bf16`), sixteen times as many at once as vectors of 32 bits.
//! A number's 24 significant bits are the sum of three such numbers, x = h + m + l, without any
//! rounding. Of the nine products of two such sums the six largest are added up in `f32`; the
//! others together are at most 2⁻²³ of the whole, and mostly far less (Henry, Tang and Heinecke,
//! 2019). Where all rows of the left operand that are packed at once are such numbers themselves,
//! as binary data are, three products are enough, and give the same numbers. Results are as near to
//! the exact ones as those of `f32` products, and do not depend on what other rows or columns are
//! computed with them. Products in half precision take one such number for each, rounded, and one
//! product.
//!
//! Two things differ: an infinite operand, or one above 3.39e38, makes a result NaN, and operands
//! below 2e-31 lose digits.

mod pack;
mod panels;
#[cfg(test)]
mod tests;

use super::{
    memory::Own,
    product::{Matrix, Target, chunks},
};
use pack::{Order, pack};
use panels::{Place, multiply_panels};
use std::{
    arch::{asm, is_x86_feature_detected, x86_64::__cpuid_count},
    sync::OnceLock,
};

/// Rows of a tile, and numbers of 32 bits in a row of it.
const LINES: usize = 16;
/// Inner indices in a tile: each number of 32 bits in it is a pair.
pub(super) const DEPTH: usize = 2 * LINES;
const TILE: usize = LINES * LINES;
/// Lines of a panel: two tiles side by side.
pub(super) const PANEL: usize = 2 * LINES;

/// What is packed at once, so that it stays in the second-level cache: inner indices, columns,
/// rows.
const MAX_INNER: usize = 448;
const MAX_COLUMNS: usize = 416;
const MAX_ROWS: usize = 128;

/// Whether this CPU has tiles and the system lets this process use them.
pub(super) fn available() -> bool {
    static AVAILABLE: OnceLock<bool> = OnceLock::new();
    *AVAILABLE.get_or_init(|| {
        is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512dq") && {
            const BF16_AND_TILES: u32 = 1 << 22 | 1 << 24;
            __cpuid_count(7, 0).edx & BF16_AND_TILES == BF16_AND_TILES && permitted()
        }
    })
}

/// Asks Linux for the tiles' registers, for all threads of the process: they make what is saved
/// when a thread is interrupted larger.
#[allow(unsafe_code)]
fn permitted() -> bool {
    const ARCH_PRCTL: usize = 158;
    const REQUEST_PERMISSION: usize = 0x1023;
    const TILE_DATA: usize = 18;
    let refused: usize;
    // SAFETY: this system call touches no memory of the program; kernels that do not know it say
    // so.
    unsafe {
        asm!(
            "syscall",
            inlateout("rax") ARCH_PRCTL => refused,
            in("rdi") REQUEST_PERMISSION,
            in("rsi") TILE_DATA,
            lateout("rcx") _,
            lateout("r11") _,
            options(nostack),
        );
    }
    refused == 0
}

/// The thread's tile registers, all of full size, until this is dropped.
struct Tiles;

impl Tiles {
    /// # Safety
    ///
    /// The CPU has [them](available).
    #[allow(unsafe_code)]
    unsafe fn configure() -> Self {
        #[repr(C, align(64))]
        struct Configuration {
            palette: u8,
            reserved: [u8; 15],
            bytes_per_row: [u16; 16],
            rows: [u8; 16],
        }
        let existing = |i: usize| i < 8;
        let configuration = Configuration {
            palette: 1,
            reserved: [0; 15],
            bytes_per_row: std::array::from_fn(|i| if existing(i) { 64 } else { 0 }),
            rows: std::array::from_fn(|i| if existing(i) { 16 } else { 0 }),
        };
        // SAFETY: the CPU has tiles, and the memory is laid out as it wants it.
        unsafe {
            asm!("ldtilecfg [{}]", in(reg) &configuration, options(nostack, readonly, preserves_flags));
        }
        Self
    }
}

impl Drop for Tiles {
    fn drop(&mut self) {
        // SAFETY: there are tiles, or `configure` would not have been called.
        #[allow(unsafe_code)]
        unsafe {
            asm!("tilerelease", options(nostack, nomem, preserves_flags));
        }
    }
}

/// left[rows.., :] · right[:, columns..], in the target from its start to its finish; the sums of
/// those columns, added to `sums`. Numbers are split into three parts, or rounded to one.
///
/// # Safety
///
/// The CPU has [tiles](available), and nobody else uses the target, which is valid for writes and
/// initialized if it is added to.
#[allow(unsafe_code)]
#[target_feature(enable = "avx512f,avx512dq")]
pub(super) unsafe fn multiply<const PARTS: usize>(
    left: Matrix,
    right: Matrix,
    [row, column]: [usize; 2],
    target: &Target,
    mut sums: Option<&mut [f32]>,
) {
    // SAFETY: the caller's promise.
    let _tiles = unsafe { Tiles::configure() };
    let ([num_rows, num_columns], num_inner) = (target.size, left.columns);
    let (left, right) = (left, right.transposed());
    // The first range is the longest.
    let most = |len, max, unit: usize| {
        chunks(len, max, DEPTH)
            .next()
            .map_or(0, |r| r.len().div_ceil(unit))
    };
    let block = most(num_inner, MAX_INNER, DEPTH) * PARTS * TILE;
    let rights = most(num_columns, MAX_COLUMNS, LINES) * block;
    let mut packed = Own::new(rights + most(num_rows, MAX_ROWS, PANEL) * 2 * block);
    let (rights, lefts) = packed.split_at_mut(rights);
    for inner in chunks(num_inner, MAX_INNER, DEPTH) {
        let panel = inner.len().div_ceil(DEPTH) * 2 * PARTS * TILE;
        for columns in chunks(num_columns, MAX_COLUMNS, DEPTH) {
            let rights = &mut rights[..columns.len().div_ceil(LINES) * panel / 2];
            let lines = column + columns.start..column + columns.end;
            let sums = sums.as_deref_mut().map(|sums| &mut sums[columns.clone()]);
            pack::<PARTS>(right, lines, &inner, Order::Pairs, rights, sums);
            for rows in chunks(num_rows, MAX_ROWS, DEPTH) {
                let lefts = &mut lefts[..rows.len().div_ceil(PANEL) * panel];
                let lines = row + rows.start..row + rows.end;
                let exact = pack::<PARTS>(left, lines, &inner, Order::Lines, lefts, None);
                for (j, right) in rights.chunks(panel).enumerate() {
                    for (i, left) in lefts.chunks(panel).enumerate() {
                        let at = [rows.start + i * PANEL, columns.start + j * PANEL];
                        let place = Place::new(target, at, inner.start == 0);
                        // SAFETY: the caller's promise; the panels cover the target and no more.
                        unsafe { multiply_panels::<PARTS>(left, right, exact, &place) };
                    }
                }
                if inner.end == num_inner {
                    // SAFETY: the caller's promise; these rows and columns lie in the target.
                    unsafe { target.finish(rows, columns.clone()) };
                }
            }
        }
    }
}
