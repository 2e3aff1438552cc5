//! The interface of the routines that multiply.

use super::{matrix::Matrix, target::Target};
use crate::precision::Precision;
use std::fmt::Debug;

/// A part of a product: rows of the left operand, columns of the right one.
pub(super) struct Task<'a> {
    pub left: Matrix<'a>,
    pub right: Matrix<'a>,
    pub target: Target<'a>,
    pub precision: Precision,
    /// The sums of the right operand's columns are added to this, if they are wanted. The right
    /// operand must be row-major then.
    pub sums: Option<&'a mut [f32]>,
}

/// A routine for parts of products. The order in which a number of the result is summed must not
/// depend on the part that it is in.
pub(super) trait Engine: Debug + Sync {
    /// Whether this processor has the instructions that the engine needs.
    fn is_available(&self) -> bool;

    /// Whether the engine is faster than all later ones in the list, for a product of these rows,
    /// inner indices and columns.
    fn pays(&self, lengths: [usize; 3], precision: Precision) -> bool;

    /// Whether operands must be squared and rounded beforehand. Other engines do that when they
    /// pack.
    fn wants_prepared(&self) -> bool {
        false
    }

    /// The smallest length of a part. `length` is that of the whole side, and `other` that of the
    /// other side.
    fn shortest_part(&self, length: usize, other: usize) -> usize;

    /// Whether to split rows even if there are more columns. That pays if a left operand would be
    /// copied for each part of columns, while the right one is copied for no part of this many
    /// rows.
    fn prefers_rows(&self, _: &Matrix, _: &Matrix, _rows: usize, _: Precision) -> bool {
        false
    }

    /// The boundary of parts for `exact`, on an axis: 0 for rows, 1 for columns. Engines that take
    /// the nearest one round ties `up` or down.
    fn boundary(&self, exact: usize, axis: usize, up: bool) -> usize;

    /// # Panics
    ///
    /// If the engine is not available.
    fn multiply(&self, task: Task);
}

/// The nearest multiple of `unit`. Ties are rounded `up` or down.
pub(super) fn nearest(exact: usize, unit: usize, up: bool) -> usize {
    (exact + unit / 2 - usize::from(!up)) / unit * unit
}
