//! Splitting products into parts for threads.

use super::{
    engine::{Engine, Task},
    product::Product,
    target::{Start, Target},
};
use crate::precision::Precision;

/// The number of operations for each thread below which a further thread does not pay.
const MIN_OPERATIONS_PER_THREAD: usize = 1 << 20;
/// The number of rows in a part from which on parts have about the same size, although boundaries
/// are multiples of eight.
const MIN_ROWS: usize = 64;

/// Splits the result along one side into parts of about the same size. Ties are rounded `up` or
/// down. A product without inner indices is completed here, and gives no tasks.
///
/// # Panics
///
/// If operands and result do not fit.
pub(super) fn cut<'a>(
    mut product: Product<'a>,
    engine: &dyn Engine,
    precision: Precision,
    up: bool,
) -> Vec<Task<'a>> {
    let [rows, inner, columns] = product.lengths();
    let (left, right) = (product.left, product.right);
    assert!(!right.squared);
    assert_eq!(inner, right.rows);
    if let Some(sums) = &mut product.sums {
        assert_eq!([sums.len(), right.strides[1]], [columns, 1]);
        sums.fill(0.0);
    }
    if inner == 0 && matches!(product.start, Start::Zero) {
        product.result.fill(0.0);
    }
    let nothing = product.result.is_empty() || inner == 0;
    let (start, epilogue) = (product.start, product.epilogue);
    let mut target = Target::new(product.result, [rows, columns], start, epilogue);
    if nothing {
        target.begin();
        target.finish(0..rows, 0..columns);
        if let Some(sums) = product.sums {
            right.sum_columns(sums);
        }
        return Vec::new();
    }
    let each = 2 * (inner + epilogue.cost());
    let operations = (rows * columns).saturating_mul(each);
    let count = num_parts([rows, columns], operations, engine);
    // Prefers the longer side.
    let own = rows / count;
    let by_rows =
        rows >= columns || own >= MIN_ROWS && engine.prefers_rows(&left, &right, own, precision);
    let axis = usize::from(!by_rows);
    let length = [rows, columns][axis];
    let boundary = |i: usize| match i == count {
        true => length,
        // In 64 bits, which these products fit on every target.
        false => {
            let at = i as u64 * length as u64 / count as u64;
            engine.boundary(at as usize, axis, up)
        }
    };
    let boundaries: Vec<usize> = (0..=count).map(boundary).collect();
    let mut sums = product.sums;
    let parts = target.split(axis, &boundaries);
    let tasks = (parts.into_iter().zip(&boundaries)).map(|(target, &first)| {
        let [num_rows, num_columns] = target.size();
        // Each column's sum is computed by exactly one part.
        let own = sums.take().map(|all| {
            let (own, others) = all.split_at_mut(num_columns);
            sums = (!others.is_empty()).then_some(others);
            own
        });
        let (rows, columns) = match axis {
            0 => (first..first + num_rows, 0..num_columns),
            _ => (0..num_rows, first..first + num_columns),
        };
        Task {
            left: left.part(rows, 0..inner),
            right: right.part(0..inner, columns),
            target,
            precision,
            sums: own,
        }
    });
    tasks.collect()
}

/// The number of parts of a result.
fn num_parts([rows, columns]: [usize; 2], operations: usize, engine: &dyn Engine) -> usize {
    let (length, other) = (rows.max(columns), rows.min(columns));
    rayon::current_num_threads()
        .min(operations / MIN_OPERATIONS_PER_THREAD)
        .min(length / engine.shortest_part(length, other).max(1))
        .max(1)
}
