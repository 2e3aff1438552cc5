//! Matrix products by [tiles](super::amx) or [vectors](super::avx512) where there are any, else by
//! the `gemm` crate, shared out over threads.
//!
//! Each thread takes a part of the result's rows or columns. That is faster than the crate's own
//! threads at the sizes of a training step, and every number is computed by the same operations in
//! the same order however many threads there are.

mod part;
mod target;
#[cfg(test)]
mod tests;

use super::{Block, rows::for_each2};
use crate::kernel::{Precision, vector};
use part::{Engine, run};
use std::ops::Range;
pub(super) use target::{Finish, Start, Target};

/// A matrix in a slice, row by row, or the transpose of one.
#[derive(Clone, Copy)]
pub(super) struct Matrix<'a> {
    pub values: &'a [f32],
    pub rows: usize,
    pub columns: usize,
    /// How far the next row and the next column are; one of them is 1.
    pub strides: [usize; 2],
    /// Whether the squares of the numbers are meant.
    pub squared: bool,
}

impl<'a> Matrix<'a> {
    pub fn new(values: &'a [f32], [rows, columns]: [usize; 2]) -> Self {
        assert_eq!(Some(values.len()), rows.checked_mul(columns));
        Self {
            values,
            rows,
            columns,
            strides: [columns, 1],
            squared: false,
        }
    }

    pub fn transposed(self) -> Self {
        Self {
            rows: self.columns,
            columns: self.rows,
            strides: [self.strides[1], self.strides[0]],
            ..self
        }
    }

    /// Adds the sums of the columns from the given one on. Partial sums of some rows each keep
    /// rounding low.
    pub fn sum_columns(&self, first: usize, sums: &mut [f32]) {
        const ROWS: usize = 64;
        let mut part = vec![0.0; sums.len()];
        let mut rows = self.values.chunks(self.strides[0].max(1)).take(self.rows);
        while rows.len() > 0 {
            part.fill(0.0);
            for row in rows.by_ref().take(ROWS) {
                vector::add_to(&mut part, &row[first..][..sums.len()]);
            }
            vector::add_to(sums, &part);
        }
    }

    /// Its numbers as they are multiplied, if those are others than in memory.
    fn prepare(&self, precision: Precision) -> Option<Block> {
        if !self.squared && precision == Precision::Full {
            return None;
        }
        let mut prepared = Block::new([self.values.len()]);
        for_each2(&mut prepared, self.values, 1, |prepared, values| {
            match self.squared {
                true => vector::square_to(values, prepared),
                false => prepared.copy_from_slice(values),
            }
            if precision == Precision::Bf16 {
                vector::round_to_bf16(prepared);
            }
        });
        Some(prepared)
    }

    /// Its numbers' squares, as a left operand.
    pub fn squared(self) -> Self {
        Self {
            squared: true,
            ..self
        }
    }
}

/// left · right, written or added to `result` row by row.
pub(super) struct Product<'a> {
    pub left: Matrix<'a>,
    pub right: Matrix<'a>,
    pub result: &'a mut [f32],
    pub start: Start<'a>,
    pub finish: Finish<'a>,
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
            finish: Finish::Leave,
            sums: None,
        }
    }

    /// Rows, inner indices and columns.
    fn lengths(&self) -> [usize; 3] {
        [self.left.rows, self.left.columns, self.right.columns]
    }
}

/// left · right for the benches: `shape` is rows, inner and columns; operands lie row by row, those
/// that are `transposed` column by column.
///
/// # Panics
///
/// If a slice has not as many numbers as the shape says.
pub fn multiply_slices(
    [left, right]: [&[f32]; 2],
    result: &mut [f32],
    [rows, inner, columns]: [usize; 3],
    transposed: [bool; 2],
) {
    let matrix = |values, [rows, columns]: [usize; 2], transposed| match transposed {
        true => Matrix::new(values, [columns, rows]).transposed(),
        false => Matrix::new(values, [rows, columns]),
    };
    let left = matrix(left, [rows, inner], transposed[0]);
    let right = matrix(right, [inner, columns], transposed[1]);
    multiply([Product::new(left, right, result)], Precision::Full);
}

/// Products that do not need each other: threads wait for each other only once.
pub(super) fn multiply<'a>(products: impl IntoIterator<Item = Product<'a>>, precision: Precision) {
    let engine = |product| {
        let engine = Engine::of(&product, precision);
        (product, engine)
    };
    multiply_by(products.into_iter().map(engine).collect(), precision);
}

/// The same by the given engines.
fn multiply_by(products: Vec<(Product, Engine)>, precision: Precision) {
    // Others square and round what they pack or copy anyway; the crate takes numbers from memory.
    let prepared: Vec<[Option<Block>; 2]> = (products.iter())
        .map(|(product, engine)| match engine {
            Engine::Crate => {
                [product.left, product.right].map(|operand| operand.prepare(precision))
            }
            _ => [None, None],
        })
        .collect();
    let products =
        (products.into_iter().zip(&prepared)).map(|((mut product, engine), [left, right])| {
            if let Some(values) = left {
                product.left.values = values;
                product.left.squared = false;
            }
            if let Some(values) = right {
                if let Some(sums) = product.sums.take() {
                    sums.fill(0.0);
                    product.right.sum_columns(0, sums); // of what is not rounded
                }
                product.right.values = values;
            }
            (product, engine)
        });
    run(products, precision);
}

/// Ranges of about the same length, a multiple of `unit`, and at most `max` if that is one.
pub(super) fn chunks(len: usize, max: usize, unit: usize) -> impl Iterator<Item = Range<usize>> {
    let size = len.div_ceil(len.div_ceil(max)).next_multiple_of(unit);
    (0..len)
        .step_by(size)
        .map(move |start| start..(start + size).min(len))
}
