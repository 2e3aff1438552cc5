//! Products cut into parts, and what multiplies each.

use super::{Finish, Matrix, Product, Start, Target};
use crate::kernel::{
    Precision,
    flex::{amx, avx512},
    threads::share,
};

/// Operations below which a second thread does not pay.
const MIN_OPERATIONS_PER_THREAD: usize = 1 << 20;
/// Parts start at multiples of this, so that the innermost loop's vectors are full.
const VECTOR: usize = 16;

/// Rows of a part that are enough for parts to be about the same, being cut between eights.
const MIN_ROWS: usize = 64;

/// What multiplies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Engine {
    /// The `gemm` crate.
    Crate,
    /// Vectors of 16 numbers.
    Vectors,
    /// The same, of pairs of `bf16` if numbers are rounded to it.
    Pairs,
    /// Tiles.
    Tiles,
}

impl Engine {
    /// The fastest one.
    pub fn of(product: &Product, precision: Precision) -> Self {
        let lengths @ [rows, inner, columns] = product.lengths();
        // The crate has its own ways with results of a few rows or columns.
        let large = rows.min(inner) >= 4 && columns >= VECTOR;
        if pays_for_tiles(lengths, precision) {
            Self::Tiles
        } else if large && avx512::available() {
            match precision {
                Precision::Bf16 if avx512::pairs::pay() => Self::Pairs,
                _ => Self::Vectors,
            }
        } else {
            Self::Crate
        }
    }
}

/// Whether there are tiles and they are faster: each operand is split and packed first, which takes
/// as long as some dozens of operations with each of its numbers, and both lengths of the left one
/// are padded, by up to five eighths of the operations here.
fn pays_for_tiles([rows, inner, columns]: [usize; 3], precision: Precision) -> bool {
    let pays = match precision {
        Precision::Full => {
            let padded = rows.next_multiple_of(amx::PANEL) * inner.next_multiple_of(amx::DEPTH);
            inner >= 32
                && rows * columns >= 64 * (rows + columns)
                && 8 * padded <= 13 * rows * inner
        }
        // Without tiles, too, each number would pass the processor first, to be rounded.
        Precision::Bf16 => inner >= 32 && rows * columns >= 16 * (rows + columns),
    };
    pays && amx::available()
}

/// A part of a product: the first row and column of its result, and how many.
pub(super) struct Part<'a> {
    left: Matrix<'a>,
    right: Matrix<'a>,
    /// Of the whole result.
    result: *mut f32,
    start: Start<'a>,
    finish: Finish<'a>,
    precision: Precision,
    engine: Engine,
    first: [usize; 2],
    size: [usize; 2],
    /// Of the part's columns; one part for each column has them.
    sums: Option<&'a mut [f32]>,
}

// SAFETY: it borrows its result exclusively, and the parts of a product do not overlap; see `cut`.
#[allow(unsafe_code)]
unsafe impl Send for Part<'_> {}

impl Part<'_> {
    fn run(self) {
        let Self { left, right, .. } = self;
        let ([row, column], [num_rows, num_columns]) = (self.first, self.size);
        let (stride, first) = (right.columns, row * right.columns + column);
        let target = Target {
            first: self.result.wrapping_add(first),
            stride,
            size: self.size,
            start: match self.start {
                Start::Row(values) => Start::Row(&values[column..][..num_columns]),
                start => start,
            },
            finish: match self.finish {
                Finish::Scale(factor, values) => Finish::Scale(factor, &values[first..]),
                finish => finish,
            },
        };
        // SAFETY: `Matrix::new` and the assertions of `cut` make all three matrices lie inside
        // their slices, of which `result` is borrowed exclusively; parts lie inside the result and
        // do not overlap. The numbers that are added to are initialized, being a slice. Engines are
        // available where they are asked for.
        #[allow(unsafe_code)]
        unsafe {
            let first = self.first;
            match (self.engine, self.precision) {
                (engine @ (Engine::Vectors | Engine::Pairs), precision) => {
                    let in_pairs = engine == Engine::Pairs;
                    avx512::multiply(left, right, first, &target, precision, in_pairs, self.sums);
                }
                (Engine::Tiles, Precision::Full) => {
                    amx::multiply::<3>(left, right, first, &target, self.sums);
                }
                (Engine::Tiles, Precision::Bf16) => {
                    amx::multiply::<1>(left, right, first, &target, self.sums);
                }
                (Engine::Crate, _) => {
                    let add = target.begin();
                    gemm::gemm(
                        num_rows,
                        num_columns,
                        left.columns,
                        target.first,
                        1,
                        stride as isize,
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
                    if let Some(sums) = self.sums {
                        right.sum_columns(column, sums);
                    }
                    target.finish(0..num_rows, 0..num_columns);
                }
            }
        }
    }
}

/// Computes several products: engines of all are given, in the same order.
pub(super) fn run<'a>(products: impl Iterator<Item = (Product<'a>, Engine)>, precision: Precision) {
    // Where there is no middle, the larger part is the first one of one product, the last one of
    // the next.
    let mut up = true;
    let mut parts: Vec<(usize, Part)> = products
        .flat_map(|(product, engine)| {
            let parts = cut(product, engine, precision, up);
            let sizes = [parts.first(), parts.last()].map(|part| part.map(|part| part.size));
            up ^= sizes[0] != sizes[1];
            parts.into_iter().enumerate()
        })
        .collect();
    // The first parts of all products come first, as in other operations: see `share`.
    parts.sort_by_key(|(position, _)| *position);
    share(parts.into_iter(), |(_, part)| part.run());
}

/// Cuts the result along one side, into parts of about the same size. Halves are rounded up or
/// down.
fn cut<'a>(
    mut product: Product<'a>,
    engine: Engine,
    precision: Precision,
    up: bool,
) -> Vec<Part<'a>> {
    let [rows, inner, columns] = product.lengths();
    let (left, right) = (product.left, product.right);
    assert!(!right.squared);
    assert_eq!(inner, right.rows);
    assert_eq!(Some(product.result.len()), rows.checked_mul(columns));
    if let Start::Row(values) = product.start {
        assert_eq!(values.len(), columns);
    }
    if let Finish::Scale(_, values) = product.finish {
        assert_eq!(values.len(), product.result.len());
    }
    if let Some(sums) = &mut product.sums {
        assert_eq!([sums.len(), right.strides[1]], [columns, 1]);
        sums.fill(0.0);
    }
    if product.result.is_empty() || inner == 0 {
        if let Start::Zero = product.start {
            product.result.fill(0.0);
        }
        let target = Target {
            first: product.result.as_mut_ptr(),
            stride: columns,
            size: [rows, columns],
            start: product.start,
            finish: product.finish,
        };
        // SAFETY: the target is the whole result, which is a slice and borrowed exclusively.
        #[allow(unsafe_code)]
        unsafe {
            target.begin();
            target.finish(0..rows, 0..columns);
        }
        if let Some(sums) = product.sums {
            right.sum_columns(0, sums);
        }
        return Vec::new();
    }
    let operations = 2 * rows * columns * (inner + product.finish.cost());
    let count = num_parts([rows, columns], operations, engine);
    // Rather the longer side. But where the left operand is copied, parts of columns copy all of it
    // each, parts of rows their own of it; as long as these do not all pack the right one instead.
    let to_copy = engine == Engine::Vectors && avx512::copies(&left, precision);
    let own = rows / count;
    let by_rows =
        rows >= columns || to_copy && own >= MIN_ROWS && !avx512::packs(&right, own, precision);
    let axis = usize::from(!by_rows);
    let length = [rows, columns][axis];
    let nearest = |exact: usize, unit: usize| (exact + unit / 2 - usize::from(!up)) / unit * unit;
    let boundary = |i: usize| {
        let exact = i * length / count;
        match (engine, axis) {
            _ if i == count => length,
            // The thread that shares out begins before the others, with the first part.
            (Engine::Tiles, 0) => exact.next_multiple_of(amx::PANEL),
            (Engine::Tiles, _) => exact.next_multiple_of(VECTOR),
            (Engine::Vectors | Engine::Pairs, 0) => nearest(exact, avx512::ROWS),
            _ => nearest(exact, VECTOR),
        }
    };
    let result = product.result.as_mut_ptr();
    let mut sums = product.sums;
    (0..count)
        .map(|i| {
            let mut part = Part {
                left,
                right,
                result,
                start: product.start,
                finish: product.finish,
                precision,
                engine,
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

/// How many parts a result is cut into.
fn num_parts([rows, columns]: [usize; 2], operations: usize, engine: Engine) -> usize {
    let (length, other) = (rows.max(columns), rows.min(columns));
    // The crate sums results of up to 64 by 64, of up to 256 numbers and of one row or column in
    // another order; a part must not be such a result if the whole is none.
    let shortest = match (engine, other) {
        (Engine::Tiles, _) => 128,
        (Engine::Vectors | Engine::Pairs, _) => 2 * VECTOR,
        (Engine::Crate, 0..4) => length,
        (Engine::Crate, 4..=64) => 128,
        (Engine::Crate, _) => 32,
    };
    rayon::current_num_threads()
        .min(operations / MIN_OPERATIONS_PER_THREAD)
        .min(length / shortest.max(1))
        .max(1)
}
