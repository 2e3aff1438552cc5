//! Rows and parts of slices, divided among threads.

use crate::threads::{part, share};
use std::ops::Range;

/// Calls `work` for every row of a block with `features` columns. A row costs as much as reading
/// and writing `cost` numbers. `begin` makes the state of a part of the work, from its range of
/// rows.
///
/// # Panics
///
/// If the values are no whole number of rows.
pub fn for_each_row_with<T>(
    values: &mut [f32],
    features: usize,
    cost: usize,
    begin: impl Fn(Range<usize>) -> T + Sync,
    work: impl Fn(usize, &mut [f32], &mut T) + Sync,
) {
    if values.is_empty() {
        return;
    }
    assert!(
        features > 0 && values.len().is_multiple_of(features),
        "{} values are no rows of {features}",
        values.len()
    );
    let rows = part(values.len() / features, cost);
    let tasks = values.chunks_mut(rows * features).enumerate();
    share(tasks, |(task, values)| {
        let rows = task * rows..task * rows + values.len() / features;
        let mut own = begin(rows.clone());
        for (row, values) in rows.zip(values.chunks_mut(features)) {
            work(row, values, &mut own);
        }
    });
}

/// The same without a state.
///
/// # Panics
///
/// Where [`for_each_row_with`] panics.
pub fn for_each_row(
    values: &mut [f32],
    features: usize,
    cost: usize,
    work: impl Fn(usize, &mut [f32]) + Sync,
) {
    let nothing = |_| ();
    for_each_row_with(values, features, cost, nothing, |row, values, ()| {
        work(row, values)
    });
}

/// Calls `work` for parts of a slice. An entry costs as much as reading and writing `cost` numbers.
pub fn for_each(values: &mut [f32], cost: usize, work: impl Fn(&mut [f32]) + Sync) {
    let len = part(values.len(), cost);
    share(values.chunks_mut(len), work);
}

/// The same with the corresponding parts of another slice.
pub fn for_each2(
    values: &mut [f32],
    other: &[f32],
    cost: usize,
    work: impl Fn(&mut [f32], &[f32]) + Sync,
) {
    let len = part(values.len(), cost);
    let tasks = values.chunks_mut(len).zip(other.chunks(len));
    share(tasks, |(values, other)| work(values, other));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_whole_rows() {
        for (len, features) in [(10, 4), (10, 0)] {
            let refused = std::panic::catch_unwind(|| {
                for_each_row(&mut vec![0.0; len], features, 1, |_, _| {});
            });
            assert!(refused.is_err());
        }
        for_each_row(&mut [], 0, 1, |_, _| unreachable!("there is no row"));
    }
}
