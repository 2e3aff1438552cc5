//! A product with its start, epilogue and sums.

use super::{
    matrix::Matrix,
    target::{Epilogue, Start},
};

/// left · right, written or added to the row-major `result`.
pub struct Product<'a> {
    /// The left operand, which may be squared.
    pub left: Matrix<'a>,
    /// The right operand.
    pub right: Matrix<'a>,
    /// The result: rows of the left operand times columns of the right one.
    pub result: &'a mut [f32],
    /// The start of the sums.
    pub start: Start<'a>,
    /// The function of the complete sums.
    pub epilogue: Epilogue<'a>,
    /// The sums of the right operand's columns, if they are wanted: they need no further pass over
    /// memory. The right operand must not be a transpose then.
    pub sums: Option<&'a mut [f32]>,
}

impl<'a> Product<'a> {
    /// left · right, without start, epilogue and sums.
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
