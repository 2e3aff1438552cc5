//! A product, split into blocks that stay in caches, and these into panels.

use super::{
    lines::{Lines, panels},
    micro_kernel::{Factors, Tile, multiply_tile},
    pack::{copy, pack},
    pairs,
    sizes::{LANES, MAX_COLUMNS, MAX_INNER, MAX_LEFT, MAX_ROWS, MIN_ROWS_TO_PACK, PANEL, ROWS},
};
use crate::{
    memory::Scratch,
    precision::Precision,
    product::{
        engine::Task,
        matrix::Matrix,
        ranges::{chunks, longest},
        target::Target,
    },
};

/// Whether a left operand is copied, instead of read in place.
pub(super) fn copies(left: &Matrix, precision: Precision) -> bool {
    left.squared || precision == Precision::Bf16 || left.strides[1] != 1
}

/// Whether a right operand is packed for a product of this many rows, instead of read in place.
pub(super) fn packs(right: &Matrix, num_rows: usize, precision: Precision) -> bool {
    right.strides[1] != 1 || precision == Precision::Bf16 || num_rows >= MIN_ROWS_TO_PACK
}

/// The plan of a task: which operands are copied, and the sizes of blocks.
struct Plan {
    /// Whether the left operand is copied.
    copied: bool,
    /// Whether the right operand is packed.
    packed: bool,
    /// The rounding of factors when they are copied or packed. Pairs are rounded when they are
    /// made.
    rounding: Precision,
    /// The largest number of rows of a block.
    max_rows: usize,
    /// The largest number of entries of a packed block.
    rights: usize,
    /// The largest number of entries of a copied block.
    lefts: usize,
}

impl Plan {
    fn of(task: &Task, paired: bool) -> Self {
        let Task {
            left,
            right,
            precision,
            ..
        } = task;
        let copied = copies(left, *precision);
        let packed = packs(right, left.rows, *precision);
        let depth = longest(left.columns, MAX_INNER, 1);
        let max_rows = if packed && *precision == Precision::Full {
            let rows = MAX_LEFT / depth.max(1) / ROWS * ROWS;
            rows.min(MAX_ROWS)
        } else {
            MAX_ROWS
        };
        let memory = |wanted, size| if wanted { depth * size } else { 0 };
        let width = longest(right.columns, MAX_COLUMNS, PANEL).next_multiple_of(LANES);
        Self {
            copied,
            packed,
            rounding: if paired { Precision::Full } else { *precision },
            max_rows,
            rights: memory(packed, width),
            lefts: memory(copied, longest(left.rows, max_rows, ROWS)),
        }
    }
}

/// Computes a task. If `paired`, rounded numbers are multiplied in [pairs].
///
/// # Safety
///
/// If `paired`, the processor has [the instruction for pairs](pairs::available).
#[allow(unsafe_code)]
#[target_feature(enable = "avx512f")]
pub(super) unsafe fn multiply(task: Task, paired: bool) {
    let plan = Plan::of(&task, paired);
    let Task {
        left,
        right,
        mut target,
        precision,
        mut sums,
    } = task;
    let ([num_rows, num_columns], num_inner) = (target.size(), left.columns);
    assert!(num_rows <= left.rows && num_columns <= right.columns && num_inner <= right.rows);
    let mut scratch = Scratch::new(plan.rights + plan.lefts);
    let (rights, lefts) = scratch.split_at_mut(plan.rights);
    if precision == Precision::Bf16
        && let Some(sums) = sums.take()
    {
        right.sum_columns(sums); // of what is not rounded
    }
    for inner in chunks(num_inner, MAX_INNER, 1) {
        let depth = inner.len();
        for columns in chunks(num_columns, MAX_COLUMNS, PANEL) {
            if plan.packed {
                let packed = &mut rights[..depth * columns.len().next_multiple_of(LANES)];
                pack(right, inner.clone(), columns.clone(), plan.rounding, packed);
                if paired {
                    pairs::pack(packed, depth);
                }
            }
            for rows in chunks(num_rows, plan.max_rows, ROWS) {
                let left = if paired {
                    pairs::copy(left, rows.clone(), inner.clone(), lefts)
                } else if plan.copied {
                    copy(left, rows.clone(), inner.clone(), plan.rounding, lefts)
                } else {
                    Lines::of(left, rows.clone(), inner.clone())
                };
                for panel in panels(columns.clone()) {
                    let right = match plan.packed {
                        true => Lines {
                            values: &rights[(panel.start - columns.start) * depth..],
                            strides: [panel.len().next_multiple_of(LANES), 1],
                        },
                        false => Lines::of(right, inner.clone(), panel.clone()),
                    };
                    let factors = Factors {
                        left,
                        right,
                        next: (!plan.packed).then_some(panel.len()),
                        depth: if paired { pairs::count(depth) } else { depth },
                        paired,
                    };
                    let place = Place {
                        at: [rows.start, panel.start],
                        size: [rows.len(), panel.len()],
                        first: inner.start == 0,
                    };
                    let sums = sums.as_deref_mut().map(|sums| &mut sums[panel.clone()]);
                    // SAFETY: the caller's promise.
                    unsafe { multiply_rows(factors, &mut target, place, sums) };
                    if inner.end == num_inner {
                        target.finish(rows.clone(), panel);
                    }
                }
            }
        }
    }
}

/// A part of the target.
#[derive(Clone, Copy)]
struct Place {
    at: [usize; 2],
    size: [usize; 2],
    /// Whether these are the products of the first inner indices, which are added to the target's
    /// start.
    first: bool,
}

/// The products of some rows and a panel.
///
/// # Safety
///
/// As for [`multiply`].
#[allow(unsafe_code)]
#[target_feature(enable = "avx512f")]
unsafe fn multiply_rows(
    factors: Factors,
    target: &mut Target,
    place: Place,
    mut sums: Option<&mut [f32]>,
) {
    let ([row, column], [rows, columns]) = (place.at, place.size);
    for i in (0..rows).step_by(ROWS) {
        let size = [ROWS.min(rows - i), columns];
        let tile = Tile::new(target, [row + i, column], size, place.first);
        let left = factors.left.skip_rows(i);
        // All rows use the same numbers of the right operand, so only the first rows compute their
        // sums.
        let sums = if row + i == 0 { sums.take() } else { None };
        // SAFETY: the caller's promise.
        unsafe { multiply_tile(&Factors { left, ..factors }, &tile, sums) };
    }
}
