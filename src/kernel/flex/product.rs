//! Matrix products by the `gemm` crate, large ones by [tiles](super::amx) where there are any, shared out
//! over threads.
//!
//! Each thread takes a part of the result's rows or columns. That is faster than the crate's own
//! threads at the sizes of a training step, and every number is computed by the same operations in the same
//! order however many threads there are.

use super::{Block, amx, rows::for_each2};
use crate::kernel::{Precision, threads::share, vector};

/// Operations below which a second thread does not pay.
const MIN_OPERATIONS_PER_THREAD: usize = 1 << 20;
/// Parts start at multiples of this, so that the innermost loop's vectors are full.
const VECTOR: usize = 16;

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

    /// Adds the sums of the columns from the given one on. Partial sums of some rows each keep rounding low.
    fn sum_columns(&self, first: usize, sums: &mut [f32]) {
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

/// What becomes of the numbers in the result's memory.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Result {
    /// They are overwritten.
    Set,
    /// The product is added to them.
    Add,
}

/// left · right, written or added to `result` row by row.
pub(super) struct Product<'a> {
    pub left: Matrix<'a>,
    pub right: Matrix<'a>,
    pub result: &'a mut [f32],
    pub mode: Result,
    /// Where the sums of the right operand's columns go, if they are wanted as well: it passes by anyway.
    /// It must not be a transpose.
    pub sums: Option<&'a mut [f32]>,
}

/// A part of a product: the first row and column of its result, and how many.
struct Part<'a> {
    left: Matrix<'a>,
    right: Matrix<'a>,
    /// Of the whole result.
    result: *mut f32,
    mode: Result,
    precision: Precision,
    tiles: bool,
    first: [usize; 2],
    size: [usize; 2],
    /// Of the part's columns; one part for each column has them.
    sums: Option<&'a mut [f32]>,
}

// SAFETY: it borrows its result exclusively, and the parts of a product do not overlap; see `parts`.
#[allow(unsafe_code)]
unsafe impl Send for Part<'_> {}

pub(super) fn multiply(
    left: Matrix,
    right: Matrix,
    result: &mut [f32],
    mode: Result,
    precision: Precision,
) {
    let product = Product {
        left,
        right,
        result,
        mode,
        sums: None,
    };
    multiply_all([Some(product)], precision);
}

/// left · right for the benches: `shape` is rows, inner and columns; operands lie row by row, those that are
/// `transposed` column by column.
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
    multiply(left, right, result, Result::Set, Precision::Full);
}

/// Several products that do not need each other: threads wait for each other only once.
pub(super) fn multiply_all<const N: usize>(products: [Option<Product>; N], precision: Precision) {
    let products: Vec<Product> = products.into_iter().flatten().collect();
    // Tiles square and round what they split anyway; the crate takes numbers from memory.
    let prepared: Vec<[Option<Block>; 2]> = (products.iter())
        .map(|product| match product.pays_for_tiles(precision) {
            true => [None, None],
            false => [product.left, product.right].map(|operand| operand.prepare(precision)),
        })
        .collect();
    let mut parts: Vec<(usize, Part)> = Vec::new();
    for (mut product, [left, right]) in products.into_iter().zip(&prepared) {
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
        parts.extend(product.parts(precision).into_iter().enumerate());
    }
    // The first parts of all products come first, as in other operations: see `share`.
    parts.sort_by_key(|(position, _)| *position);
    share(parts.into_iter(), |(_, part)| part.run());
}

impl Part<'_> {
    fn run(self) {
        let Self { left, right, .. } = self;
        let ([row, column], columns) = (self.first, right.columns);
        let add = self.mode == Result::Add;
        // SAFETY: `Matrix::new` and the assertions of `parts` make all three matrices lie inside their
        // slices, of which `result` is borrowed exclusively; parts lie inside the result and do
        // not overlap. The numbers that are added to are initialized, being a slice. There are tiles where
        // they are asked for.
        #[allow(unsafe_code)]
        unsafe {
            if self.tiles {
                let target = amx::Target {
                    first: self.result.add(row * columns + column),
                    stride: columns,
                    size: self.size,
                };
                return match self.precision {
                    Precision::Full => {
                        amx::multiply::<3>(left, right, self.first, &target, add, self.sums)
                    }
                    Precision::Bf16 => {
                        amx::multiply::<1>(left, right, self.first, &target, add, self.sums)
                    }
                };
            }
            gemm::gemm(
                self.size[0],
                self.size[1],
                left.columns,
                self.result.add(row * columns + column),
                1,
                columns as isize,
                add,
                left.values.as_ptr().add(row * left.strides[0]),
                left.strides[1] as isize,
                left.strides[0] as isize,
                right.values.as_ptr().add(column * right.strides[1]),
                right.strides[1] as isize,
                right.strides[0] as isize,
                1.0,
                1.0,
                false,
                false,
                false,
                gemm::Parallelism::None,
            );
        }
        if let Some(sums) = self.sums {
            right.sum_columns(column, sums);
        }
    }
}

impl<'a> Product<'a> {
    /// Whether there are tiles and they are faster: each operand is split and packed first, which takes as
    /// long as some dozens of operations with each of its numbers, and both lengths of the left one are
    /// padded.
    fn pays_for_tiles(&self, precision: Precision) -> bool {
        let [rows, inner, columns] = [self.left.rows, self.left.columns, self.right.columns];
        let padding = |len: usize, unit| len.next_multiple_of(unit) - len;
        let pays = match precision {
            Precision::Full => {
                inner >= 64
                    && rows * columns >= 64 * (rows + columns)
                    && padding(inner, amx::DEPTH) <= inner / 4
                    && padding(rows, amx::PANEL) <= rows / 8
            }
            // Without tiles, too, each number would pass the processor first, to be rounded.
            Precision::Bf16 => inner >= 32 && rows * columns >= 16 * (rows + columns),
        };
        pays && amx::available()
    }

    /// Cuts the result along its longer side, into parts of about the same size.
    fn parts(mut self, precision: Precision) -> Vec<Part<'a>> {
        let [rows, inner, columns] = [self.left.rows, self.left.columns, self.right.columns];
        assert_eq!(inner, self.right.rows);
        assert_eq!(Some(self.result.len()), rows.checked_mul(columns));
        if inner == 0 && self.mode == Result::Set {
            self.result.fill(0.0);
        }
        if let Some(sums) = &mut self.sums {
            assert_eq!([sums.len(), self.right.strides[1]], [columns, 1]);
            sums.fill(0.0);
        }
        if self.result.is_empty() || inner == 0 {
            if let Some(sums) = self.sums {
                self.right.sum_columns(0, sums);
            }
            return Vec::new();
        }
        let axis = usize::from(columns > rows);
        let length = [rows, columns][axis];
        assert!(!self.right.squared);
        let tiles = self.pays_for_tiles(precision);
        let count = num_parts([rows, columns], 2 * rows * inner * columns, tiles);
        let boundary = |i: usize| {
            let exact = i * length / count;
            match (tiles, axis) {
                _ if i == count => length,
                // The thread that shares out begins before the others, with the first part.
                (true, 0) => exact.next_multiple_of(amx::PANEL),
                (true, _) => exact.next_multiple_of(VECTOR),
                (false, _) => (exact + VECTOR / 2) / VECTOR * VECTOR,
            }
        };
        let result = self.result.as_mut_ptr();
        let mut sums = self.sums;
        (0..count)
            .map(|i| {
                let mut part = Part {
                    left: self.left,
                    right: self.right,
                    result,
                    mode: self.mode,
                    precision,
                    tiles,
                    first: [0, 0],
                    size: [rows, columns],
                    sums: None,
                };
                part.first[axis] = boundary(i);
                part.size[axis] = boundary(i + 1) - boundary(i);
                if let Some(all) = sums.take() {
                    let (own, others) = all.split_at_mut(part.size[1]);
                    part.sums = Some(own);
                    sums = (!others.is_empty()).then_some(others);
                }
                part
            })
            .collect()
    }
}

/// How many parts a result is cut into.
fn num_parts([rows, columns]: [usize; 2], operations: usize, tiles: bool) -> usize {
    let (length, other) = (rows.max(columns), rows.min(columns));
    // The crate sums results of up to 64 by 64, of up to 256 numbers and of one row or column in another
    // order; a part must not be such a result if the whole is none.
    let shortest = match other {
        _ if tiles => 128,
        0..4 => length,
        4..=64 => 128,
        _ => 32,
    };
    rayon::current_num_threads()
        .min(operations / MIN_OPERATIONS_PER_THREAD)
        .min(length / shortest.max(1))
        .max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whole numbers small enough that every sum is exact in any order.
    fn numbers(len: usize, seed: usize) -> Vec<f32> {
        (0..len)
            .map(|i| ((i * 7 + seed) % 11) as f32 - 5.0)
            .collect()
    }

    /// The definition.
    fn naive(
        left: &dyn Fn(usize, usize) -> f32,
        right: &dyn Fn(usize, usize) -> f32,
        [m, k, n]: [usize; 3],
    ) -> Vec<f32> {
        let mut result = Vec::new();
        for i in 0..m {
            for j in 0..n {
                result.push((0..k).map(|l| left(i, l) * right(l, j)).sum());
            }
        }
        result
    }

    const SHAPES: [[usize; 3]; 9] = [
        [1, 1, 1],
        [0, 70, 3],
        [3, 5, 7],
        [1, 40, 300],
        [300, 40, 1],
        [65, 0, 3],
        [150, 129, 257],
        [400, 250, 78],
        [17, 600, 33],
    ];

    #[test]
    fn equals_the_definition_in_every_arrangement() {
        for [m, k, n] in SHAPES {
            let (a, b) = (numbers(m * k, 1), numbers(k * n, 2));
            for (a_transposed, b_transposed) in
                [(false, false), (true, false), (false, true), (true, true)]
            {
                let left = match a_transposed {
                    false => Matrix::new(&a, [m, k]),
                    true => Matrix::new(&a, [k, m]).transposed(),
                };
                let right = match b_transposed {
                    false => Matrix::new(&b, [k, n]),
                    true => Matrix::new(&b, [n, k]).transposed(),
                };
                let a_at = |i: usize, l: usize| {
                    if a_transposed {
                        a[l * m + i]
                    } else {
                        a[i * k + l]
                    }
                };
                let b_at = |l: usize, j: usize| {
                    if b_transposed {
                        b[j * k + l]
                    } else {
                        b[l * n + j]
                    }
                };
                let expected = naive(&a_at, &b_at, [m, k, n]);
                let mut result = vec![f32::NAN; m * n];
                multiply(left, right, &mut result, Result::Set, Precision::Full);
                assert_eq!(
                    result, expected,
                    "{m} {k} {n} {a_transposed} {b_transposed}"
                );
                multiply(left, right, &mut result, Result::Add, Precision::Full);
                let twice: Vec<f32> = expected.iter().map(|value| 2.0 * value).collect();
                assert_eq!(result, twice);
                let squares = naive(&|i, l| a_at(i, l).powi(2), &b_at, [m, k, n]);
                multiply(
                    left.squared(),
                    right,
                    &mut result,
                    Result::Set,
                    Precision::Full,
                );
                assert_eq!(result, squares);
                if !b_transposed {
                    let mut sums = vec![f32::NAN; n];
                    multiply_all(
                        [Some(Product {
                            left,
                            right,
                            result: &mut result,
                            mode: Result::Set,
                            sums: Some(&mut sums),
                        })],
                        Precision::Full,
                    );
                    assert_eq!(result, expected);
                    let column = |j| (0..k).map(|l| b_at(l, j)).sum::<f32>();
                    assert_eq!(sums, (0..n).map(column).collect::<Vec<_>>(), "{m} {k} {n}");
                }
            }
        }
    }

    /// Bits, not only values: a result must not depend on the machine's number of threads.
    #[test]
    fn threads_do_not_change_a_bit() {
        let random =
            |len: usize| -> Vec<f32> { (0..len).map(|i| ((i as f32) * 0.731).sin()).collect() };
        let shapes = [
            [500, 400, 784],
            [400, 500, 784],
            [784, 100, 400],
            [40, 2500, 400],
            [2500, 40, 80],
        ];
        let cases = shapes
            .map(|shape| [Precision::Full, Precision::Bf16].map(|precision| (shape, precision)));
        for ([m, k, n], precision) in cases.into_iter().flatten() {
            let (a, b) = (random(m * k), random(k * n));
            let results: Vec<[Vec<f32>; 2]> = [1, 2, 3, 7]
                .into_iter()
                .map(|threads| {
                    let pool = rayon::ThreadPoolBuilder::new()
                        .num_threads(threads)
                        .build()
                        .unwrap();
                    let [mut result, mut sums] = [m * n, n].map(|len| vec![0.0; len]);
                    pool.install(|| {
                        multiply_all(
                            [Some(Product {
                                left: Matrix::new(&a, [m, k]),
                                right: Matrix::new(&b, [k, n]),
                                result: &mut result,
                                mode: Result::Set,
                                sums: Some(&mut sums),
                            })],
                            precision,
                        );
                    });
                    [result, sums]
                })
                .collect();
            for result in &results[1..] {
                assert!(result == &results[0], "{m} {k} {n} {precision:?}");
            }
        }
    }
}
