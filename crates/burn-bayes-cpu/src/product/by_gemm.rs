//! Products by the `gemm` crate, on any processor.

use super::engine::{Engine, Task, nearest};
use crate::precision::Precision;

/// Parts start at multiples of this, so that the innermost loop's vectors are full.
const VECTOR: usize = 16;

/// The `gemm` crate.
#[derive(Debug)]
pub(super) struct Gemm;

impl Engine for Gemm {
    fn is_available(&self) -> bool {
        true
    }

    fn pays(&self, _: [usize; 3], _: Precision) -> bool {
        true
    }

    /// `gemm` reads its operands from memory, so they must be squared or rounded beforehand.
    fn wants_prepared(&self) -> bool {
        true
    }

    /// `gemm` sums small results in another order: those of up to 64 by 64, of up to 256 numbers,
    /// and of one row or column. A part must not be small in this sense unless the whole result is.
    fn shortest_part(&self, length: usize, other: usize) -> usize {
        match other {
            0..4 => length,
            4..=64 => 128,
            _ => 32,
        }
    }

    fn boundary(&self, exact: usize, _: usize, up: bool) -> usize {
        nearest(exact, VECTOR, up)
    }

    fn multiply(&self, task: Task) {
        let Task {
            left,
            right,
            mut target,
            sums,
            ..
        } = task;
        let size @ [rows, columns] = target.size();
        let inner = left.columns;
        assert!(size == [left.rows, right.columns] && inner == right.rows);
        assert!(!left.squared && !right.squared);
        assert!(rows > 0 && columns > 0 && inner > 0);
        let add = target.begin();
        let strides = |[row, column]: [usize; 2]| (column as isize, row as isize);
        let (left_column, left_row) = strides(left.strides);
        let (right_column, right_row) = strides(right.strides);
        let last = |[i, j]: [usize; 2], [row, column]: [usize; 2]| (i - 1) * row + (j - 1) * column;
        assert!(last([rows, inner], left.strides) < left.values.len());
        assert!(last([inner, columns], right.strides) < right.values.len());
        // SAFETY: all numbers of the operands lie inside their slices, as asserted; those of the
        // target do, and are borrowed exclusively.
        #[allow(unsafe_code)]
        unsafe {
            gemm::gemm(
                rows,
                columns,
                inner,
                target.at([0, 0]),
                1,
                target.stride() as isize,
                add,
                left.values.as_ptr(),
                left_column,
                left_row,
                right.values.as_ptr(),
                right_column,
                right_row,
                1.0,
                1.0,
                false,
                false,
                false,
                gemm::Parallelism::None,
            );
        }
        if let Some(sums) = sums {
            right.sum_columns(sums);
        }
        target.finish(0..rows, 0..columns);
    }
}
