//! The products of packed panels.

use super::{LINES, PANEL, TILE};
use crate::kernel::flex::product::Target;
use std::arch::asm;

/// Two panels' product, in the target from row and column `at` on.
///
/// # Safety
///
/// As for [`super::multiply`]; the tiles are [configured](super::Tiles).
#[allow(unsafe_code)]
#[target_feature(enable = "avx512f,avx512dq")]
pub(super) unsafe fn multiply_panels<const PARTS: usize>(
    left: &[f32],
    right: &[f32],
    target: &Target,
    [row, column]: [usize; 2],
    add: bool,
) {
    let rows = (target.size[0] - row).min(PANEL);
    let columns = (target.size[1] - column).min(PANEL);
    let kernel = match (PARTS, columns <= LINES) {
        (1, true) => narrow_rounded,
        (1, false) => wide_rounded,
        (3, true) => narrow,
        (3, false) => wide,
        _ => unreachable!("{PARTS} parts"),
    };
    let blocks = left.len() / (2 * PARTS * TILE);
    // SAFETY: row and column lie in the target. The kernels write 32 rows of 16 or 32 numbers: where
    // the target has less, to a copy.
    unsafe {
        let first = target.first.add(row * target.stride + column);
        if rows == PANEL && columns.is_multiple_of(LINES) {
            return kernel(left, right, blocks, first, target.stride, add);
        }
        let mut copy = [0.0f32; PANEL * PANEL];
        let row_of = |i: usize| first.add(i * target.stride);
        for (i, copy) in copy.chunks_mut(PANEL).enumerate().take(rows) {
            if add {
                row_of(i).copy_to_nonoverlapping(copy.as_mut_ptr(), columns);
            }
        }
        kernel(left, right, blocks, copy.as_mut_ptr(), PANEL, add);
        for (i, copy) in copy.chunks(PANEL).enumerate().take(rows) {
            row_of(i).copy_from_nonoverlapping(copy.as_ptr(), columns);
        }
    }
}

/// Loads the two tiles of a part of the left operand.
macro_rules! left {
    ($part:literal) => {
        concat!(
            "tileloadd tmm4, [{left} + {row} + 2048 * ",
            $part,
            "]\n",
            "tileloadd tmm5, [{left} + {row} + 2048 * ",
            $part,
            " + 1024]"
        )
    };
}

/// Loads the two tiles of a part of the right operand.
macro_rules! right {
    ($part:literal) => {
        concat!(
            "tileloadd tmm6, [{right} + {row} + 2048 * ",
            $part,
            "]\n",
            "tileloadd tmm7, [{right} + {row} + 2048 * ",
            $part,
            " + 1024]"
        )
    };
}

/// Of the result's tiles, which are two beside or two above each other: 0 and 1, then 2 and 3.
macro_rules! zero {
    (wide) => {
        "tilezero tmm0
         tilezero tmm1
         tilezero tmm2
         tilezero tmm3"
    };
    (narrow) => {
        "tilezero tmm0
         tilezero tmm2"
    };
}

macro_rules! load {
    (wide) => {
        "tileloadd tmm0, [{upper} + {stride}]
         tileloadd tmm1, [{upper} + {stride} + 64]
         tileloadd tmm2, [{lower} + {stride}]
         tileloadd tmm3, [{lower} + {stride} + 64]"
    };
    (narrow) => {
        "tileloadd tmm0, [{upper} + {stride}]
         tileloadd tmm2, [{lower} + {stride}]"
    };
}

macro_rules! store {
    (wide) => {
        "tilestored [{upper} + {stride}], tmm0
         tilestored [{upper} + {stride} + 64], tmm1
         tilestored [{lower} + {stride}], tmm2
         tilestored [{lower} + {stride} + 64], tmm3"
    };
    (narrow) => {
        "tilestored [{upper} + {stride}], tmm0
         tilestored [{lower} + {stride}], tmm2"
    };
}

/// Adds the products of the tiles that are loaded: of the right operand two, or one.
macro_rules! term {
    () => {
        "tdpbf16ps tmm0, tmm4, tmm6
         tdpbf16ps tmm1, tmm4, tmm7
         tdpbf16ps tmm2, tmm5, tmm6
         tdpbf16ps tmm3, tmm5, tmm7"
    };
    ($right:literal) => {
        concat!(
            "tdpbf16ps tmm0, tmm4, ",
            $right,
            "\ntdpbf16ps tmm2, tmm5, ",
            $right
        )
    };
}

/// A function that multiplies two panels: 32 rows by the columns of so many tiles, numbers of so many parts.
/// Parts 0, 1, 2 are high, middle and low; small terms come first.
macro_rules! kernel {
    ($name:ident, $width:ident, $tiles:literal tiles, $parts:literal parts, $($block:tt)+) => {
        /// # Safety
        ///
        /// The tiles are [configured](super::Tiles), and the result is nobody else's.
        #[allow(unsafe_code)]
        unsafe fn $name(
            left: &[f32],
            right: &[f32],
            blocks: usize,
            result: *mut f32,
            stride: usize,
            add: bool,
        ) {
            const LEFT: usize = 2 * $parts * TILE;
            const RIGHT: usize = $tiles * $parts * TILE;
            assert_eq!([left.len(), right.len()], [LEFT * blocks, RIGHT * blocks]);
            assert!(blocks > 0);
            // SAFETY: as asserted and promised. No compiled code uses tile registers, so that they need
            // not be named.
            unsafe {
                asm!(
                    zero!($width),
                    "test {add}, {add}",
                    "jz 2f",
                    load!($width),
                    "2:",
                    $($block)+,
                    "add {left}, {left_block}",
                    "add {right}, {right_block}",
                    "dec {blocks}",
                    "jnz 2b",
                    store!($width),
                    left = inout(reg) left.as_ptr() => _,
                    right = inout(reg) right.as_ptr() => _,
                    blocks = inout(reg) blocks => _,
                    upper = in(reg) result,
                    lower = in(reg) result.add(LINES * stride),
                    stride = in(reg) stride * size_of::<f32>(),
                    row = in(reg) LINES * size_of::<f32>(),
                    add = in(reg) usize::from(add),
                    left_block = const LEFT * size_of::<f32>(),
                    right_block = const RIGHT * size_of::<f32>(),
                    options(nostack),
                );
            }
        }
    };
}

kernel!(
    wide, wide, 2 tiles, 3 parts,
    left!(2), right!(0), term!(),
    left!(1), term!(),
    right!(1), term!(),
    left!(0), term!(),
    right!(2), term!(),
    right!(0), term!()
);

kernel!(
    narrow, narrow, 1 tiles, 3 parts,
    "tileloadd tmm6, [{right} + {row}]",
    "tileloadd tmm7, [{right} + {row} + 1024]",
    "tileloadd tmm3, [{right} + {row} + 2048]",
    left!(2), term!("tmm6"),
    left!(1), term!("tmm6"), term!("tmm7"),
    left!(0), term!("tmm7"), term!("tmm3"), term!("tmm6")
);

kernel!(wide_rounded, wide, 2 tiles, 1 parts, left!(0), right!(0), term!());

kernel!(
    narrow_rounded, narrow, 1 tiles, 1 parts,
    "tileloadd tmm6, [{right} + {row}]", left!(0), term!("tmm6")
);
