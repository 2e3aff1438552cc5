//! What multiplies.

use super::{matrix::Matrix, target::Target};
use crate::precision::Precision;
use std::fmt::Debug;

/// A part of a product: rows of the left operand, columns of the right one.
pub(super) struct Task<'a> {
    pub left: Matrix<'a>,
    pub right: Matrix<'a>,
    pub target: Target<'a>,
    pub precision: Precision,
    /// What the sums of the right operand's columns are added to, if they are wanted. It must lie
    /// row by row then.
    pub sums: Option<&'a mut [f32]>,
}

/// A routine for parts of products. Each number of a result is summed up in the same order in
/// whatever part it is.
pub(super) trait Engine: Debug + Sync {
    /// Whether this processor has what it needs.
    fn is_available(&self) -> bool;

    /// Whether it is the fastest for such a product (rows, inner indices, columns) but for those
    /// that come before it in the list.
    fn pays(&self, lengths: [usize; 3], precision: Precision) -> bool;

    /// Whether operands come to it squared and rounded already; others do that as they pack.
    fn wants_prepared(&self) -> bool {
        false
    }

    /// How long a part must be at least, of a result whose other side is so long.
    fn shortest_part(&self, length: usize, other: usize) -> usize;

    /// Whether a left operand is copied for each part of columns, and the right one for no part of
    /// so many rows: a reason to cut rows where columns are more.
    fn prefers_rows(&self, _: &Matrix, _: &Matrix, _rows: usize, _: Precision) -> bool {
        false
    }

    /// Where a part begins that should begin at `exact`, on an axis: 0 for rows, 1 for columns.
    /// What lies in the middle between two is rounded `up` or down.
    fn boundary(&self, exact: usize, axis: usize, up: bool) -> usize;

    /// # Panics
    ///
    /// If it is not available.
    fn multiply(&self, task: Task);
}

/// The nearest multiple, of two equally near ones the upper or the lower one.
pub(super) fn nearest(exact: usize, unit: usize, up: bool) -> usize {
    (exact + unit / 2 - usize::from(!up)) / unit * unit
}
