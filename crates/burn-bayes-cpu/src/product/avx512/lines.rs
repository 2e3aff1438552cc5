//! Rows and columns in memory.

use super::sizes::{LANES, PANEL};
use crate::product::matrix::Matrix;
use std::{iter, ops::Range};

/// Rows and columns in memory: the numbers from the first one on, and the distances between rows
/// and between columns.
#[derive(Clone, Copy)]
pub(super) struct Lines<'a> {
    pub values: &'a [f32],
    pub strides: [usize; 2],
}

impl<'a> Lines<'a> {
    /// Some rows and columns of a matrix, in place.
    pub fn of(matrix: Matrix<'a>, rows: Range<usize>, columns: Range<usize>) -> Self {
        let strides = matrix.strides;
        Self {
            values: &matrix.values[rows.start * strides[0] + columns.start * strides[1]..],
            strides,
        }
    }

    pub fn skip_rows(self, count: usize) -> Self {
        Self {
            values: &self.values[count * self.strides[0]..],
            ..self
        }
    }
}

/// The columns of each panel. Four remaining vectors are split into two and two: a panel of one
/// vector has too few products for each load.
pub(super) fn panels(columns: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let mut rest = columns;
    iter::from_fn(move || {
        let vectors = match rest.len().div_ceil(LANES) {
            0 => return None,
            4 => 2,
            vectors => vectors.min(PANEL / LANES),
        };
        let panel = rest.start..rest.end.min(rest.start + vectors * LANES);
        rest.start = panel.end;
        Some(panel)
    })
}

/// A mask of the first lanes.
#[inline]
pub(super) fn first(lanes: usize) -> u16 {
    if lanes < LANES { (1 << lanes) - 1 } else { !0 }
}
