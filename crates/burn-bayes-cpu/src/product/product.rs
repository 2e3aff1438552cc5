//! A product and what surrounds it.

use super::{
    matrix::Matrix,
    target::{Epilogue, Start},
};

/// left · right, written or added to `result` row by row.
pub struct Product<'a> {
    /// The left operand, whose squares may be meant.
    pub left: Matrix<'a>,
    /// The right operand.
    pub right: Matrix<'a>,
    /// As many numbers as the left operand has rows times the right one columns.
    pub result: &'a mut [f32],
    /// What the sums start with.
    pub start: Start<'a>,
    /// What is done with them at last.
    pub epilogue: Epilogue<'a>,
    /// Where the sums of the right operand's columns go, if they are wanted as well: it passes by
    /// anyway. It must not be a transpose.
    pub sums: Option<&'a mut [f32]>,
}

impl<'a> Product<'a> {
    /// left · right, and nothing else.
    pub fn new(left: Matrix<'a>, right: Matrix<'a>, result: &'a mut [f32]) -> Self {
        Self {
            left,
            right,
            result,
            start: Start::Zero,
            epilogue: Epilogue::Leave,
            sums: None,
        }
    }

    /// Rows, inner indices and columns.
    pub(super) fn lengths(&self) -> [usize; 3] {
        [self.left.rows, self.left.columns, self.right.columns]
    }
}
