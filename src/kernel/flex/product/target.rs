//! Where results go, and what becomes of them there.

use crate::kernel::{Function, vector};
use std::{ops::Range, ptr};

/// What the sums of a result's numbers start with.
#[derive(Clone, Copy)]
pub(in crate::kernel::flex) enum Start<'a> {
    Zero,
    /// What is in the result's memory.
    Result,
    /// The numbers of this row.
    Row(&'a [f32]),
}

/// What is done with a result's numbers at last, while they are in a cache.
#[derive(Clone, Copy)]
pub(in crate::kernel::flex) enum Finish<'a> {
    Leave,
    Apply(Function),
    /// Each is multiplied by a factor and a number of its own.
    Scale(f32, &'a [f32]),
}

impl Finish<'_> {
    /// What it costs a number, in products of two numbers that are added up.
    pub fn cost(self) -> usize {
        match self {
            Self::Leave => 0,
            Self::Apply(_) => 32,
            Self::Scale(..) => 1,
        }
    }
}

/// A part of a product's result in memory.
pub(in crate::kernel::flex) struct Target<'a> {
    pub first: *mut f32,
    /// How far the next row is, here and in [`Finish::Scale`].
    pub stride: usize,
    pub size: [usize; 2],
    /// Of the part's columns.
    pub start: Start<'a>,
    /// From the part's first number on.
    pub finish: Finish<'a>,
}

#[allow(unsafe_code)]
impl Target<'_> {
    /// Writes the row that sums start with; returns whether they are to be added to what is there.
    ///
    /// # Safety
    ///
    /// The target is nobody else's and valid for writes.
    pub unsafe fn begin(&self) -> bool {
        if let Start::Row(values) = self.start {
            for row in 0..self.size[0] {
                // SAFETY: the caller's promise; the row lies in the target.
                let target = unsafe { &mut *self.row(row, 0..self.size[1]) };
                target.copy_from_slice(values);
            }
        }
        !matches!(self.start, Start::Zero)
    }

    /// Finishes the sums of some rows and columns.
    ///
    /// # Safety
    ///
    /// The target is nobody else's, and these numbers are initialized and lie in it.
    pub unsafe fn finish(&self, rows: Range<usize>, columns: Range<usize>) {
        if matches!(self.finish, Finish::Leave) {
            return;
        }
        for row in rows {
            // SAFETY: the caller's promise.
            let target = unsafe { &mut *self.row(row, columns.clone()) };
            match self.finish {
                Finish::Leave => {}
                Finish::Apply(function) => vector::apply(function, target),
                Finish::Scale(factor, values) => {
                    let values = &values[row * self.stride..][columns.clone()];
                    vector::multiply_by(target, factor, values);
                }
            }
        }
    }

    fn row(&self, row: usize, columns: Range<usize>) -> *mut [f32] {
        let first = row * self.stride + columns.start;
        ptr::slice_from_raw_parts_mut(self.first.wrapping_add(first), columns.len())
    }
}
