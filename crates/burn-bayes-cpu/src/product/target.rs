//! The memory of results, with start and epilogue.

use crate::vector::{self, Function};
use std::{marker::PhantomData, ops::Range, ptr};

/// The start of the sums of a result's numbers.
#[derive(Clone, Copy, Debug)]
pub enum Start<'a> {
    /// 0.
    Zero,
    /// The numbers in the result's memory.
    Result,
    /// The numbers of this row, such as a bias: one for each column.
    Row(&'a [f32]),
}

/// A function of the complete sums, applied while they are in a cache.
#[derive(Clone, Copy, Debug)]
pub enum Epilogue<'a> {
    /// No function.
    Leave,
    /// A function of each number.
    Apply(Function),
    /// Each number is multiplied by the factor and by the number at its position in the slice.
    Scale(f32, &'a [f32]),
}

impl Epilogue<'_> {
    /// The cost for each number, in units of one multiplication and addition.
    pub(super) fn cost(self) -> usize {
        match self {
            Self::Leave => 0,
            Self::Apply(_) => 32,
            Self::Scale(..) => 1,
        }
    }
}

/// A part of a product's result in memory, borrowed exclusively.
pub(super) struct Target<'a> {
    first: *mut f32,
    /// The distance between rows, in the result and in [`Epilogue::Scale`].
    stride: usize,
    size: [usize; 2],
    /// The start, for this part's columns.
    start: Start<'a>,
    /// The epilogue, from this part's first number on.
    epilogue: Epilogue<'a>,
    borrowed: PhantomData<&'a mut [f32]>,
}

// SAFETY: a target is an exclusive borrow of numbers.
#[allow(unsafe_code)]
unsafe impl Send for Target<'_> {}

impl<'a> Target<'a> {
    /// A whole result, row-major.
    ///
    /// # Panics
    ///
    /// If start or epilogue do not fit.
    pub fn new(
        result: &'a mut [f32],
        size: [usize; 2],
        start: Start<'a>,
        epilogue: Epilogue<'a>,
    ) -> Self {
        let [rows, columns] = size;
        assert_eq!(Some(result.len()), rows.checked_mul(columns));
        if let Start::Row(values) = start {
            assert_eq!(values.len(), columns);
        }
        if let Epilogue::Scale(_, values) = epilogue {
            assert_eq!(values.len(), result.len());
        }
        Self {
            first: result.as_mut_ptr(),
            stride: columns,
            size,
            start,
            epilogue,
            borrowed: PhantomData,
        }
    }

    /// Splits rows (axis 0) or columns (axis 1) into the parts between boundaries. These must
    /// ascend from 0 to the whole length.
    pub fn split(self, axis: usize, boundaries: &[usize]) -> Vec<Self> {
        assert!(boundaries.first() == Some(&0) && boundaries.last() == Some(&self.size[axis]));
        assert!(boundaries.is_sorted());
        let part = |ends: &[usize]| {
            let (start, length) = (ends[0], ends[1] - ends[0]);
            let [row, column] = if axis == 0 { [start, 0] } else { [0, start] };
            let mut size = self.size;
            size[axis] = length;
            let first = row * self.stride + column;
            // The parts lie inside this one, which is consumed. They do not overlap, since
            // boundaries ascend up to its length.
            Self {
                first: self.first.wrapping_add(first),
                size,
                start: match self.start {
                    Start::Row(values) => Start::Row(&values[column..][..size[1]]),
                    start => start,
                },
                epilogue: match self.epilogue {
                    Epilogue::Scale(factor, values) => {
                        Epilogue::Scale(factor, values.get(first..).unwrap_or_default())
                    }
                    epilogue => epilogue,
                },
                ..self
            }
        };
        boundaries.windows(2).map(part).collect()
    }

    /// Rows and columns.
    pub fn size(&self) -> [usize; 2] {
        self.size
    }

    /// The distance between rows.
    pub fn stride(&self) -> usize {
        self.stride
    }

    /// The start of the sums.
    pub fn start(&self) -> Start<'a> {
        self.start
    }

    /// The address of a number, valid while the target is borrowed.
    pub fn at(&mut self, [row, column]: [usize; 2]) -> *mut f32 {
        assert!(row < self.size[0] && column < self.size[1]);
        self.first.wrapping_add(row * self.stride + column)
    }

    /// Writes the start row, if there is one. Returns whether sums are to be added to the numbers
    /// in memory.
    pub fn begin(&mut self) -> bool {
        if let Start::Row(values) = self.start
            && !values.is_empty()
        {
            for row in 0..self.size[0] {
                self.row(row, 0..self.size[1]).copy_from_slice(values);
            }
        }
        !matches!(self.start, Start::Zero)
    }

    /// Applies the epilogue to some rows and columns whose sums are complete.
    pub fn finish(&mut self, rows: Range<usize>, columns: Range<usize>) {
        if matches!(self.epilogue, Epilogue::Leave) || columns.is_empty() {
            return;
        }
        for row in rows {
            let (epilogue, first) = (self.epilogue, row * self.stride);
            let target = self.row(row, columns.clone());
            match epilogue {
                Epilogue::Leave => {}
                Epilogue::Apply(function) => vector::apply(function, target),
                Epilogue::Scale(factor, values) => {
                    vector::multiply_by(target, factor, &values[first..][columns.clone()]);
                }
            }
        }
    }

    fn row(&mut self, row: usize, columns: Range<usize>) -> &mut [f32] {
        assert!(row < self.size[0] && columns.start <= columns.end && columns.end <= self.size[1]);
        let first = self.first.wrapping_add(row * self.stride + columns.start);
        // SAFETY: the row lies in the target, as asserted, and the target is borrowed exclusively.
        // A result is a slice, so its numbers are initialized.
        #[allow(unsafe_code)]
        unsafe {
            &mut *ptr::slice_from_raw_parts_mut(first, columns.len())
        }
    }
}
