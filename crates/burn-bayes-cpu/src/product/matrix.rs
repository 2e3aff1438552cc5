//! Operands of products.

use crate::{
    memory::Block,
    precision::Precision,
    rows::for_each2,
    vector::{self, bf16},
};
use std::ops::Range;

/// A matrix in a slice, row by row, or the transpose of one.
#[derive(Clone, Copy, Debug)]
pub struct Matrix<'a> {
    pub(super) values: &'a [f32],
    pub(super) rows: usize,
    pub(super) columns: usize,
    /// The distances between rows and between columns; one of them is 1.
    pub(super) strides: [usize; 2],
    /// Whether the matrix consists of the numbers' squares.
    pub(super) squared: bool,
}

impl<'a> Matrix<'a> {
    /// A matrix of these rows and columns, row-major.
    ///
    /// # Panics
    ///
    /// If rows times columns is not the length of the slice.
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

    /// The transpose, of the same numbers in memory.
    pub fn transposed(self) -> Self {
        Self {
            rows: self.columns,
            columns: self.rows,
            strides: [self.strides[1], self.strides[0]],
            ..self
        }
    }

    /// The matrix of the squared numbers, for a left operand.
    pub fn squared(self) -> Self {
        Self {
            squared: true,
            ..self
        }
    }

    /// A part of the rows and columns.
    pub(super) fn part(self, rows: Range<usize>, columns: Range<usize>) -> Self {
        assert!(rows.end <= self.rows && columns.end <= self.columns);
        let first = rows.start * self.strides[0] + columns.start * self.strides[1];
        Self {
            values: self.values.get(first..).unwrap_or_default(),
            rows: rows.len(),
            columns: columns.len(),
            ..self
        }
    }

    /// Adds the sums of the columns of a row-major matrix. Partial sums over blocks of rows keep
    /// the rounding error low.
    pub(super) fn sum_columns(&self, sums: &mut [f32]) {
        const ROWS: usize = 64;
        assert_eq!([sums.len(), self.strides[1]], [self.columns, 1]);
        let mut part = vec![0.0; sums.len()];
        let mut rows = self.values.chunks(self.strides[0].max(1)).take(self.rows);
        while rows.len() > 0 {
            part.fill(0.0);
            for row in rows.by_ref().take(ROWS) {
                vector::add_to(&mut part, &row[..sums.len()]);
            }
            vector::add_to(sums, &part);
        }
    }

    /// The squared or rounded numbers as they are multiplied; `None` if they are those in memory.
    pub(super) fn prepare(&self, precision: Precision) -> Option<Block> {
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
                bf16::round_to_bf16(prepared);
            }
        });
        Some(prepared)
    }
}
