//! A product, split into blocks that stay in a cache, and these into panels.

use super::{
    micro_kernels::{Place, multiply_panels},
    pack::{Order, pack},
    registers::Registers,
    sizes::{DEPTH, LINES, MAX_COLUMNS, MAX_INNER, MAX_ROWS, PANEL, TILE},
};
use crate::{
    memory::Scratch,
    product::{engine::Task, ranges::chunks, ranges::longest},
};

/// Computes a task. Numbers are split into three parts, or rounded to one.
///
/// # Safety
///
/// The processor has [tiles](super::registers::available).
#[allow(unsafe_code)]
#[target_feature(enable = "avx512f,avx512dq")]
pub(super) unsafe fn multiply<const PARTS: usize>(task: Task) {
    // SAFETY: the caller promises tiles. No function that is called below calls this one, so no
    // other registers of this thread are alive.
    let registers = unsafe { Registers::configure() };
    let Task {
        left,
        right,
        mut target,
        mut sums,
        ..
    } = task;
    let ([num_rows, num_columns], num_inner) = (target.size(), left.columns);
    assert!(num_rows <= left.rows && num_columns <= right.columns && num_inner <= right.rows);
    let right = right.transposed();
    let most = |len, max, unit: usize| longest(len, max, DEPTH).div_ceil(unit);
    let block = most(num_inner, MAX_INNER, DEPTH) * PARTS * TILE;
    let rights = most(num_columns, MAX_COLUMNS, LINES) * block;
    let mut packed = Scratch::new(rights + most(num_rows, MAX_ROWS, PANEL) * 2 * block);
    let (rights, lefts) = packed.split_at_mut(rights);
    for inner in chunks(num_inner, MAX_INNER, DEPTH) {
        let panel = inner.len().div_ceil(DEPTH) * 2 * PARTS * TILE;
        for columns in chunks(num_columns, MAX_COLUMNS, DEPTH) {
            let rights = &mut rights[..columns.len().div_ceil(LINES) * panel / 2];
            let sums = sums.as_deref_mut().map(|sums| &mut sums[columns.clone()]);
            pack::<PARTS>(right, columns.clone(), &inner, Order::Pairs, rights, sums);
            for rows in chunks(num_rows, MAX_ROWS, DEPTH) {
                let lefts = &mut lefts[..rows.len().div_ceil(PANEL) * panel];
                let exact = pack::<PARTS>(left, rows.clone(), &inner, Order::Lines, lefts, None);
                for (j, right) in rights.chunks(panel).enumerate() {
                    for (i, left) in lefts.chunks(panel).enumerate() {
                        let at = [rows.start + i * PANEL, columns.start + j * PANEL];
                        let place = Place::new(&mut target, at, inner.start == 0);
                        multiply_panels::<PARTS>(left, right, exact, &place, &registers);
                    }
                }
                if inner.end == num_inner {
                    target.finish(rows, columns.clone());
                }
            }
        }
    }
}
