//! A matrix in MATLAB's layout.

use std::fmt;

/// A matrix from a MATLAB file, in column-major order. Each number is rounded to the nearest `f32`.
///
/// NaN stays NaN, and numbers that are too large become infinite:
/// [`Datapoints`](crate::data::Datapoints) refuses both.
#[derive(Clone, PartialEq)]
pub struct MatMatrix {
    /// The number of rows, which is the length of a column.
    pub num_rows: usize,
    /// The number of columns.
    pub num_columns: usize,
    values: Vec<f32>,
}

impl MatMatrix {
    /// `values` has a number for each row and column.
    pub(super) fn new(num_rows: usize, num_columns: usize, values: Vec<f32>) -> Self {
        Self {
            num_rows,
            num_columns,
            values,
        }
    }

    /// The numbers, column by column.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// The numbers of a column.
    ///
    /// # Panics
    ///
    /// When `index` is not below `num_columns`.
    pub fn column(&self, index: usize) -> &[f32] {
        &self.values[index * self.num_rows..][..self.num_rows]
    }
}

// Printing millions of numbers would drown the message they appear in.
impl fmt::Debug for MatMatrix {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("MatMatrix")
            .field("num_rows", &self.num_rows)
            .field("num_columns", &self.num_columns)
            .finish_non_exhaustive()
    }
}
