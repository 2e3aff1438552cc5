//! Matrix products by vectors of 16 numbers (AVX-512).
//!
//! Columns of the right operand are packed side by side, unless few rows are to be multiplied by
//! them; the left one is read where it lies if it does so row by row and is neither squared nor
//! rounded. What comes before and after a product, squares, biases, sums of columns,
//! non-linearities, takes no pass over memory of its own. Each number of a result is summed up in
//! the same order wherever it stands.

mod fours;
mod pack;
pub(super) mod pairs;
mod panels;
mod transpose;

use super::{
    memory::Own,
    product::{Matrix, Target, chunks},
};
use crate::kernel::Precision;
use pack::{copy, pack};
use panels::{Factors, Tile, multiply_panel};
use std::{arch::is_x86_feature_detected, iter, ops::Range};
pub(super) use transpose::transpose;

/// Numbers in a vector.
const LANES: usize = 16;
/// Columns that are multiplied at once: three vectors, whose sums for eight rows fill most of the
/// registers.
const PANEL: usize = 3 * LANES;
/// Rows that are multiplied at once.
pub(super) const ROWS: usize = 8;

/// What is worked on at once: inner indices and columns. Packed, they stay in the second-level
/// cache, while rows, a few in the first-level one, are multiplied by all of them; more inner
/// indices mean that results are read and written less often.
const MAX_INNER: usize = 400;
const MAX_COLUMNS: usize = 10 * PANEL;
/// Numbers of rows by which one packed panel after the other is multiplied: they stay in the
/// first-level cache.
const MAX_LEFT: usize = 2 * ROWS * MAX_INNER;
/// Rows that are at most taken so, and as many where panels are not packed or factors are rounded:
/// they stay in the second-level cache.
const MAX_ROWS: usize = 128;
/// For fewer rows the right operand is read where it lies, if it does so row by row.
const MIN_ROWS_TO_PACK: usize = 256;

pub(super) fn available() -> bool {
    is_x86_feature_detected!("avx512f")
}

/// Whether a left operand is copied rather than read where it lies.
pub(super) fn copies(left: &Matrix, precision: Precision) -> bool {
    left.squared || precision == Precision::Bf16 || left.strides[1] != 1
}

/// Whether a right operand is packed for so many rows rather than read where it lies.
pub(super) fn packs(right: &Matrix, num_rows: usize, precision: Precision) -> bool {
    right.strides[1] != 1 || precision == Precision::Bf16 || num_rows >= MIN_ROWS_TO_PACK
}

/// Columns that are multiplied at once. Rather two vectors twice than three and one, which is too
/// few products for what is loaded.
fn panels(columns: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let mut rest = columns;
    iter::from_fn(move || {
        let vectors = match rest.len().div_ceil(LANES) {
            0 => return None,
            4 => 2,
            vectors => vectors.min(PANEL / LANES),
        };
        let panel = rest.start..rest.end.min(rest.start + vectors * LANES);
        rest.start = panel.end;
        Some(panel)
    })
}

/// A mask of the first lanes.
#[inline]
fn first(lanes: usize) -> u16 {
    if lanes < LANES { (1 << lanes) - 1 } else { !0 }
}

/// Rows and columns in memory: the first number, and how far the next row and the next column are.
#[derive(Clone, Copy)]
struct Lines<'a> {
    values: &'a [f32],
    strides: [usize; 2],
}

impl<'a> Lines<'a> {
    /// Some rows and columns, where they are.
    fn of(matrix: Matrix<'a>, rows: Range<usize>, columns: Range<usize>) -> Self {
        let strides = matrix.strides;
        Self {
            values: &matrix.values[rows.start * strides[0] + columns.start * strides[1]..],
            strides,
        }
    }

    fn skip_rows(self, count: usize) -> Self {
        Self {
            values: &self.values[count * self.strides[0]..],
            ..self
        }
    }
}

/// left[row.., :] · right[:, column..], in the target from its start to its finish; the sums of
/// those columns, added to `sums`, for which the right operand must lie row by row. Rounded numbers
/// are multiplied in [pairs] if that is asked for.
///
/// # Safety
///
/// The CPU has [what this needs](available), and [what pairs need](pairs::available) if they are
/// asked for; nobody else uses the target, which is valid for writes and initialized if it is added
/// to.
#[allow(unsafe_code)]
#[target_feature(enable = "avx512f")]
pub(super) unsafe fn multiply(
    left: Matrix,
    right: Matrix,
    [row, column]: [usize; 2],
    target: &Target,
    precision: Precision,
    in_pairs: bool,
    mut sums: Option<&mut [f32]>,
) {
    let ([num_rows, num_columns], num_inner) = (target.size, left.columns);
    let rounded = precision == Precision::Bf16;
    let (copied, packed) = (copies(&left, precision), packs(&right, num_rows, precision));
    let paired = rounded && in_pairs;
    // Pairs are rounded when they are made.
    let precision = if paired { Precision::Full } else { precision };
    let longest = |len, max, unit| chunks(len, max, unit).next().map_or(0, |first| first.len());
    let depth = longest(num_inner, MAX_INNER, 1);
    let max_rows = if packed && !rounded {
        let rows = MAX_LEFT / depth.max(1) / ROWS * ROWS;
        rows.min(MAX_ROWS)
    } else {
        MAX_ROWS
    };
    let memory = |wanted, size| if wanted { depth * size } else { 0 };
    let width = longest(num_columns, MAX_COLUMNS, PANEL).next_multiple_of(LANES);
    let rights = memory(packed, width);
    let mut own = Own::new(rights + memory(copied, longest(num_rows, max_rows, ROWS)));
    let (rights, lefts) = own.split_at_mut(rights);
    if rounded && let Some(sums) = sums.take() {
        right.sum_columns(column, sums); // of what is not rounded
    }
    for inner in chunks(num_inner, MAX_INNER, 1) {
        let depth = inner.len();
        for columns in chunks(num_columns, MAX_COLUMNS, PANEL) {
            let lines = column + columns.start..column + columns.end;
            if packed {
                let packed = &mut rights[..depth * columns.len().next_multiple_of(LANES)];
                pack(right, inner.clone(), lines, precision, packed);
                if paired {
                    pairs::pack(packed, depth);
                }
            }
            for rows in chunks(num_rows, max_rows, ROWS) {
                let lines = row + rows.start..row + rows.end;
                let left = if paired {
                    pairs::copy(left, lines, inner.clone(), lefts)
                } else if copied {
                    copy(left, lines, inner.clone(), precision, lefts)
                } else {
                    Lines::of(left, lines, inner.clone())
                };
                for panel in panels(columns.clone()) {
                    let first = panel.start;
                    let right = match packed {
                        true => Lines {
                            values: &rights[(first - columns.start) * depth..],
                            strides: [panel.len().next_multiple_of(LANES), 1],
                        },
                        false => {
                            let panel = column + first..column + panel.end;
                            Lines::of(right, inner.clone(), panel)
                        }
                    };
                    let factors = Factors {
                        left,
                        right,
                        next: (!packed).then_some(panel.len()),
                        depth: if paired { pairs::count(depth) } else { depth },
                        paired,
                    };
                    let sums = sums.as_deref_mut().map(|sums| &mut sums[panel.clone()]);
                    let to = (target, [rows.start, first], [rows.len(), panel.len()]);
                    // SAFETY: the caller's promise; these rows and columns lie in the target.
                    unsafe { multiply_rows(factors, to, inner.start == 0, sums) };
                    if inner.end == num_inner {
                        // SAFETY: as above.
                        unsafe { target.finish(rows.clone(), panel) };
                    }
                }
            }
        }
    }
}

/// The products of some rows and a panel, in a part of the target: where it begins, and its size.
/// Those of the `first` inner indices come to what the target starts with.
///
/// # Safety
///
/// As for [`multiply`]; the part lies in the target.
#[allow(unsafe_code)]
#[target_feature(enable = "avx512f")]
unsafe fn multiply_rows(
    factors: Factors,
    (target, [row, column], [rows, columns]): (&Target, [usize; 2], [usize; 2]),
    first: bool,
    mut sums: Option<&mut [f32]>,
) {
    for i in (0..rows).step_by(ROWS) {
        let size = [ROWS.min(rows - i), columns];
        let tile = Tile::new(target, [row + i, column], size, first);
        let left = factors.left.skip_rows(i);
        // All rows see the same numbers of the right operand; the first ones sum them up.
        let sums = if row + i == 0 { sums.take() } else { None };
        // SAFETY: the caller's promise.
        unsafe { multiply_panel(&Factors { left, ..factors }, &tile, sums) };
    }
}
