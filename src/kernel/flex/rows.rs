//! Rows shared out over threads.

use crate::kernel::threads::{part, share};

/// Works on every row of a block of `features` columns, at a `cost` of so many numbers each, with a
/// buffer of a row's length.
pub(super) fn for_each_row(
    values: &mut [f32],
    features: usize,
    cost: usize,
    work: impl Fn(usize, &mut [f32], &mut [f32]) + Sync,
) {
    if values.is_empty() {
        return;
    }
    let rows = part(values.len() / features, cost);
    let tasks = values.chunks_mut(rows * features).enumerate();
    share(tasks, |(task, values)| {
        let mut buffer = vec![0.0; features];
        for (i, values) in values.chunks_mut(features).enumerate() {
            work(task * rows + i, values, &mut buffer);
        }
    });
}

/// Works on the number of each row, at a `cost` of so many numbers each, with a buffer to keep.
pub(super) fn for_each_sum(
    sums: &mut [f32],
    cost: usize,
    work: impl Fn(usize, &mut f32, &mut Vec<f32>) + Sync,
) {
    let rows = part(sums.len(), cost);
    let tasks = sums.chunks_mut(rows).enumerate();
    share(tasks, |(task, sums)| {
        let mut buffer = Vec::new();
        for (i, sum) in sums.iter_mut().enumerate() {
            work(task * rows + i, sum, &mut buffer);
        }
    });
}

/// Works on parts of a slice, at a `cost` of so many numbers for each entry.
pub(super) fn for_each(values: &mut [f32], cost: usize, work: impl Fn(&mut [f32]) + Sync) {
    let len = part(values.len(), cost);
    share(values.chunks_mut(len), work);
}

/// The same with the same parts of another slice.
pub(super) fn for_each2(
    values: &mut [f32],
    other: &[f32],
    cost: usize,
    work: impl Fn(&mut [f32], &[f32]) + Sync,
) {
    let len = part(values.len(), cost);
    let tasks = values.chunks_mut(len).zip(other.chunks(len));
    share(tasks, |(values, other)| work(values, other));
}
