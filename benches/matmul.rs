//! The floor of a training step: its matrix products at their own shapes, by several routines.
//!
//!     cargo bench --bench matmul
//!
//! Names are rows×inner×columns and the layout of the operands: `nn` row by row, `nt` the right one
//! transposed, `tn` the left one. Gelem/s are GFLOP/s. The library multiplies as `gemm, cut` does; burn's
//! own product allocates its result, the others write to memory that is there.

mod common;

use burn_bayes::prelude::*;
use common::{Layout, Product};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

/// Of the network 784 – 400 – 40 at k = 25 and batch 100.
const PRODUCTS: [([usize; 3], Layout); 5] = [
    ([2500, 400, 784], Layout::Nn),
    ([2500, 784, 400], Layout::Nt),
    ([400, 2500, 784], Layout::Tn),
    ([2500, 40, 400], Layout::Nn),
    ([100, 784, 400], Layout::Nn),
];

/// By the `gemm` crate on its own threads.
fn gemm_threads(product: &mut Product) {
    let rows = 0..product.shape[0];
    product.calls(0, &[rows], |call| {
        common::gemm(call, gemm::Parallelism::Rayon(0));
    });
}

/// By `matrixmultiply`, some rows of the result for each thread.
fn matrixmultiply_cut(product: &mut Product) {
    let ranges = common::cut(product.shape[0], rayon::current_num_threads());
    product.calls(0, &ranges, |call| {
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

/// The operands as burn has them; transposing moves no numbers.
fn tensors(product: &Product) -> [Tensor<2>; 2] {
    let tensor = |values: &[f32], rows: usize, columns: usize, transposed: bool| {
        let device = Device::default();
        let make =
            |shape: [usize; 2]| Tensor::from_data(TensorData::new(values.to_vec(), shape), &device);
        if transposed {
            make([columns, rows]).transpose()
        } else {
            make([rows, columns])
        }
    };
    let [rows, inner, columns] = product.shape;
    let (left, right) = (
        matches!(product.layout, Layout::Tn),
        matches!(product.layout, Layout::Nt),
    );
    [
        tensor(&product.left, rows, inner, left),
        tensor(&product.right, inner, columns, right),
    ]
}

/// A routine that is fast and wrong is no candidate.
fn check(product: &Product, expected: &[f32], name: &str) {
    let error = std::iter::zip(&product.result, expected)
        .map(|(a, b)| (a - b).abs())
        .fold(0.0, f32::max);
    assert!(error < 1e-2, "{name} is {error} off");
}

fn matmul(criterion: &mut Criterion) {
    type Candidate = (&'static str, fn(&mut Product));
    let candidates: [Candidate; 3] = [
        ("gemm, cut", Product::multiply_cut),
        ("gemm, own threads", gemm_threads),
        ("matrixmultiply, cut by rows", matrixmultiply_cut),
    ];
    for (shape, layout) in PRODUCTS {
        let mut product = Product::random(shape, layout);
        let [left, right] = tensors(&product);
        let expected = left.clone().matmul(right.clone()).into_data();
        let expected = expected.as_slice::<f32>().expect("numbers are f32");

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
            check(&product, expected, candidate);
            group.bench_function(BenchmarkId::new(candidate, &name), |b| {
                // On a thread of the pool, so that no candidate pays for waking it.
                rayon::scope(|_| b.iter(|| run(&mut product)));
            });
        }
        group.bench_function(BenchmarkId::new("burn-flex", &name), |b| {
            let device = left.device();
            rayon::scope(|_| {
                b.iter(|| {
                    let result = left.clone().matmul(right.clone());
                    device.sync().expect("the device works");
                    result
                });
            });
        });
    }
}

criterion_group!(benches, matmul);
criterion_main!(benches);
