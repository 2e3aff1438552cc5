//! The floor of a training step: its matrix products at their own shapes, by several routines.
//!
//!     cargo bench -p burn-bayes-benches --bench matmul
//!
//! Names are rows×inner×columns and the layout of the operands: `nn` row by row, `nt` the right one
//! transposed, `tn` the left one. Gelem/s are GFLOP/s. The library multiplies by vectors of its own
//! where the CPU has AVX-512, large matrices by AMX where it has that, and else as `gemm, cut`
//! does.
//! `nothing but products` is the most that the CPU's vectors can do, on as many threads: numbers
//! are multiplied and added that never leave the registers.

#[path = "common/products.rs"]
mod products;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use products::{Layout, Product};
use std::ops::Range;

/// Of the network 784 – 400 – 40 at k = 25 and batch 100.
const PRODUCTS: [([usize; 3], Layout); 5] = [
    ([2500, 400, 784], Layout::Nn),
    ([2500, 784, 400], Layout::Nt),
    ([400, 2500, 784], Layout::Tn),
    ([2500, 40, 400], Layout::Nn),
    ([100, 784, 400], Layout::Nn),
];

/// Operations below which a second thread does not pay.
const MIN_OPERATIONS_PER_THREAD: usize = 1 << 20;
/// Rows or columns below which a part is not worth its own packing.
const MIN_LENGTH: usize = 32;
/// Parts start at multiples of this, so that the innermost loop's vectors are full.
const VECTOR: usize = 16;

/// What a routine for pointers and strides needs: a product, or a part of one.
///
/// Strides say how far the next row and the next column are.
struct Call {
    shape: [usize; 3],
    left: *const f32,
    left_strides: [isize; 2],
    right: *const f32,
    right_strides: [isize; 2],
    result: *mut f32,
    result_strides: [isize; 2],
}

// SAFETY: `calls` makes calls that write to different places, and borrows the product
// exclusively until they are through.
unsafe impl Send for Call {}

/// Runs a routine over ranges of the result's rows (axis 0) or columns (axis 1), each on a thread
/// of its own.
fn calls(product: &mut Product, axis: usize, ranges: &[Range<usize>], run: impl Fn(Call) + Sync) {
    let [rows, inner, columns] = product.shape;
    let by_rows = |columns: usize| [columns as isize, 1];
    let transposed = |rows: usize| [1, rows as isize];
    let (left_strides, right_strides) = match product.layout {
        Layout::Nn => (by_rows(inner), by_rows(columns)),
        Layout::Nt => (by_rows(inner), transposed(inner)),
        Layout::Tn => (transposed(rows), by_rows(columns)),
    };
    let result_strides = by_rows(columns);
    let result = product.result.as_mut_ptr();
    let call = |range: &Range<usize>| {
        assert!(range.start <= range.end && range.end <= [rows, columns][axis]);
        let first = range.start as isize;
        let mut shape = product.shape;
        shape[2 * axis] = range.len();
        let [left, right] = [
            (1 - axis) as isize * left_strides[0],
            axis as isize * right_strides[1],
        ];
        // SAFETY: the range lies inside the result, as just checked, and so do its operands.
        unsafe {
            Call {
                shape,
                left: product.left.as_ptr().offset(first * left),
                left_strides,
                right: product.right.as_ptr().offset(first * right),
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

/// By the `gemm` crate, a part of the result for each thread: as in the library where there is no
/// AVX-512.
fn gemm_cut(product: &mut Product) {
    let [rows, _, columns] = product.shape;
    let axis = usize::from(columns > rows);
    let count =
        rayon::current_num_threads().min(product.operations() as usize / MIN_OPERATIONS_PER_THREAD);
    let ranges = cut([rows, columns][axis], count);
    calls(product, axis, &ranges, |call| {
        gemm(call, gemm::Parallelism::None)
    });
}

/// Cuts a length into at most `count` ranges of about the same length.
fn cut(length: usize, count: usize) -> Vec<Range<usize>> {
    let count = count.min(length / MIN_LENGTH).max(1);
    let boundary = |i: usize| match i * length / count {
        exact if i == count => exact,
        exact => exact / VECTOR * VECTOR,
    };
    (0..count).map(|i| boundary(i)..boundary(i + 1)).collect()
}

/// A call of the `gemm` crate.
fn gemm(call: Call, parallelism: gemm::Parallelism) {
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

/// By the `gemm` crate on its own threads.
fn gemm_threads(product: &mut Product) {
    let rows = 0..product.shape[0];
    calls(product, 0, &[rows], |call| {
        gemm(call, gemm::Parallelism::Rayon(0));
    });
}

/// By `matrixmultiply`, some rows of the result for each thread.
fn matrixmultiply_cut(product: &mut Product) {
    let ranges = cut(product.shape[0], rayon::current_num_threads());
    calls(product, 0, &ranges, |call| {
        let [rows, inner, columns] = call.shape;
        // SAFETY: a `Call` lies inside the product it was made of.
        unsafe {
            matrixmultiply::sgemm(
                rows,
                inner,
                columns,
                1.0,
                call.left,
                call.left_strides[0],
                call.left_strides[1],
                call.right,
                call.right_strides[0],
                call.right_strides[1],
                0.0,
                call.result,
                call.result_strides[0],
                call.result_strides[1],
            );
        }
    });
}

/// The product in `f64`, number by number.
fn exact(product: &Product) -> Vec<f64> {
    let [rows, inner, columns] = product.shape;
    let left = |i: usize, l: usize| match product.layout {
        Layout::Tn => product.left[l * rows + i],
        _ => product.left[i * inner + l],
    };
    let right = |l: usize, j: usize| match product.layout {
        Layout::Nt => product.right[j * inner + l],
        _ => product.right[l * columns + j],
    };
    let mut result = vec![0.0; rows * columns];
    for (i, row) in result.chunks_mut(columns).enumerate() {
        for l in 0..inner {
            let factor = f64::from(left(i, l));
            for (j, sum) in row.iter_mut().enumerate() {
                *sum += factor * f64::from(right(l, j));
            }
        }
    }
    result
}

/// A routine that is fast and wrong is no candidate.
fn check(product: &Product, expected: &[f64], name: &str) {
    let mut both = std::iter::zip(&*product.result, expected);
    let good = both.all(|(a, b)| (f64::from(*a) - b).abs() < 1e-2); // false of NaN: not written
    assert!(good, "{name} is off");
}

fn matmul(criterion: &mut Criterion) {
    type Candidate = (&'static str, fn(&mut Product));
    let candidates: [Candidate; 4] = [
        ("burn-bayes-cpu", Product::multiply),
        ("gemm, cut", gemm_cut),
        ("gemm, own threads", gemm_threads),
        ("matrixmultiply, cut by rows", matrixmultiply_cut),
    ];
    for (shape, layout) in PRODUCTS {
        let mut product = Product::random(shape, layout);
        let expected = exact(&product);

        let [rows, inner, columns] = shape;
        let layout = match layout {
            Layout::Nn => "nn",
            Layout::Nt => "nt",
            Layout::Tn => "tn",
        };
        let name = format!("{rows}×{inner}×{columns} {layout}");
        let mut group = criterion.benchmark_group("matmul");
        group.throughput(Throughput::Elements(product.operations()));
        for (candidate, run) in candidates {
            product.result.fill(f32::NAN);
            run(&mut product);
            check(&product, &expected, candidate);
            group.bench_function(BenchmarkId::new(candidate, &name), |b| {
                // On a thread of the pool, so that no candidate pays for waking it.
                rayon::scope(|_| b.iter(|| run(&mut product)));
            });
        }
    }
}

/// Adds up so many times 24 vectors of 16 products, in as many registers.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f")]
fn fused_products(count: usize) -> [f32; SUMS] {
    use std::arch::x86_64::{_mm512_fmadd_ps, _mm512_reduce_add_ps, _mm512_set1_ps};
    let [factor, addend] = std::hint::black_box([0.5, 0.25]).map(|value| _mm512_set1_ps(value));
    let mut sums: [_; SUMS] = std::array::from_fn(|i| _mm512_set1_ps(i as f32));
    for _ in 0..count {
        for sum in &mut sums {
            *sum = _mm512_fmadd_ps(*sum, factor, addend);
        }
    }
    sums.map(|sum| _mm512_reduce_add_ps(sum))
}

#[cfg(target_arch = "x86_64")]
const SUMS: usize = 24;

/// What no product can be faster than.
#[cfg(target_arch = "x86_64")]
fn peak(criterion: &mut Criterion) {
    if !std::arch::is_x86_feature_detected!("avx512f") {
        eprintln!("nothing but products: skipped, the CPU has no AVX-512");
        return;
    }
    const COUNT: usize = 100_000;
    let mut group = criterion.benchmark_group("matmul");
    let operations = 2 * 16 * SUMS * COUNT * rayon::current_num_threads();
    group.throughput(Throughput::Elements(operations as u64));
    group.bench_function("nothing but products", |b| {
        // SAFETY: the CPU has AVX-512.
        b.iter(|| rayon::broadcast(|_| unsafe { fused_products(COUNT) }));
    });
}

#[cfg(not(target_arch = "x86_64"))]
fn peak(_: &mut Criterion) {}

criterion_group!(benches, matmul, peak);
criterion_main!(benches);
