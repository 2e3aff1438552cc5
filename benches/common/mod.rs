//! Matrix products without anything around them: what no training step can be faster than.

use burn_bayes::prelude::*;
use std::ops::Range;

/// Operations below which a second thread does not pay.
const MIN_OPERATIONS_PER_THREAD: usize = 1 << 20;
/// Rows or columns below which a part is not worth its own packing.
const MIN_LENGTH: usize = 32;
/// Parts start at multiples of this, so that the innermost loop's vectors are full.
const VECTOR: usize = 16;

/// How the operands lie in memory: row by row, or as the transpose of what does.
#[derive(Clone, Copy)]
pub enum Layout {
    /// As in a forward pass.
    Nn,
    /// The right one transposed, as in the gradient of an input.
    Nt,
    /// The left one transposed, as in the gradient of a weight.
    Tn,
}

/// A product with memory for its operands and its result.
pub struct Product {
    /// Rows, inner, columns.
    pub shape: [usize; 3],
    pub layout: Layout,
    pub left: Vec<f32>,
    pub right: Vec<f32>,
    pub result: Vec<f32>,
}

/// What a routine for pointers and strides needs: a product, or a part of one.
///
/// Strides say how far the next row and the next column are.
pub struct Call {
    pub shape: [usize; 3],
    pub left: *const f32,
    pub left_strides: [isize; 2],
    pub right: *const f32,
    pub right_strides: [isize; 2],
    pub result: *mut f32,
    pub result_strides: [isize; 2],
}

// SAFETY: `Product::calls` makes calls that write to different places, and borrows the product
// exclusively until they are through.
unsafe impl Send for Call {}

impl Product {
    pub fn random(shape: [usize; 3], layout: Layout) -> Self {
        let [rows, inner, columns] = shape;
        let mut noise = Noise::seeded(0);
        let mut numbers = |rows: usize, columns: usize| -> Vec<f32> {
            let numbers = noise.normal_matrix([rows, columns], &Device::default());
            numbers.into_data().try_to_vec().expect("numbers are f32")
        };
        Self {
            shape,
            layout,
            left: numbers(rows, inner),
            right: numbers(inner, columns),
            result: vec![0.0; rows * columns],
        }
    }

    /// Multiplications and additions.
    pub fn operations(&self) -> u64 {
        2 * self.shape.iter().product::<usize>() as u64
    }

    /// Runs a routine over ranges of the result's rows (axis 0) or columns (axis 1), each on a thread of its
    /// own.
    pub fn calls(&mut self, axis: usize, ranges: &[Range<usize>], run: impl Fn(Call) + Sync) {
        let [rows, inner, columns] = self.shape;
        let by_rows = |columns: usize| [columns as isize, 1];
        let transposed = |rows: usize| [1, rows as isize];
        let (left_strides, right_strides) = match self.layout {
            Layout::Nn => (by_rows(inner), by_rows(columns)),
            Layout::Nt => (by_rows(inner), transposed(inner)),
            Layout::Tn => (transposed(rows), by_rows(columns)),
        };
        let result_strides = by_rows(columns);
        let result = self.result.as_mut_ptr();
        let call = |range: &Range<usize>| {
            assert!(range.start <= range.end && range.end <= [rows, columns][axis]);
            let first = range.start as isize;
            let mut shape = self.shape;
            shape[2 * axis] = range.len();
            let [left, right] = [
                (1 - axis) as isize * left_strides[0],
                axis as isize * right_strides[1],
            ];
            // SAFETY: the range lies inside the result, as just checked, and so do its operands.
            unsafe {
                Call {
                    shape,
                    left: self.left.as_ptr().offset(first * left),
                    left_strides,
                    right: self.right.as_ptr().offset(first * right),
                    right_strides,
                    result: result.offset(first * result_strides[axis]),
                    result_strides,
                }
            }
        };
        for pair in ranges.windows(2) {
            assert!(pair[0].end <= pair[1].start, "the parts overlap");
        }
        let run = &run;
        let mut calls: Vec<Call> = ranges.iter().map(call).collect();
        rayon::scope(|scope| {
            let own = calls.pop();
            for call in calls {
                scope.spawn(move |_| run(call));
            }
            own.into_iter().for_each(run);
        });
    }

    /// By the `gemm` crate, a part of the result for each thread: as in the library.
    pub fn multiply_cut(&mut self) {
        let [rows, _, columns] = self.shape;
        let axis = usize::from(columns > rows);
        let count = rayon::current_num_threads()
            .min(self.operations() as usize / MIN_OPERATIONS_PER_THREAD);
        let ranges = cut([rows, columns][axis], count);
        self.calls(axis, &ranges, |call| gemm(call, gemm::Parallelism::None));
    }
}

/// Cuts a length into at most `count` ranges of about the same length.
pub fn cut(length: usize, count: usize) -> Vec<Range<usize>> {
    let count = count.min(length / MIN_LENGTH).max(1);
    let boundary = |i: usize| match i * length / count {
        exact if i == count => exact,
        exact => exact / VECTOR * VECTOR,
    };
    (0..count).map(|i| boundary(i)..boundary(i + 1)).collect()
}

/// A call of the `gemm` crate.
pub fn gemm(call: Call, parallelism: gemm::Parallelism) {
    let [rows, inner, columns] = call.shape;
    // SAFETY: a `Call` lies inside the product it was made of.
    unsafe {
        gemm::gemm(
            rows,
            columns,
            inner,
            call.result,
            call.result_strides[1],
            call.result_strides[0],
            false,
            call.left,
            call.left_strides[1],
            call.left_strides[0],
            call.right,
            call.right_strides[1],
            call.right_strides[0],
            1.0,
            1.0,
            false,
            false,
            false,
            parallelism,
        );
    }
}
