//! Every engine against the definition.

use super::{
    engine::{Engine, Task},
    engines::ENGINES,
    multiply::multiply_by,
    target::Target,
    *,
};
use crate::{precision::Precision, vector::Function};
use half::bf16;
use skipped::skipped;

/// Rows, inner indices, columns: odd ones, below and above what engines work on at once.
const SHAPES: [[usize; 3]; 15] = [
    [1, 1, 1],
    [0, 70, 3],
    [3, 5, 7],
    [1, 40, 300],
    [300, 40, 1],
    [65, 0, 3],
    [150, 129, 257],
    [400, 250, 78],
    [17, 600, 33],
    [4, 9, 48],
    [9, 257, 961],
    [530, 20, 96],
    [2060, 513, 5],
    [160, 450, 432],
    [270, 30, 50],
];

/// Whole numbers small enough that every sum is exact in any order, and that all are `bf16`.
fn numbers(len: usize, seed: usize) -> Vec<f32> {
    (0..len)
        .map(|i| ((i * 7 + seed) % 11) as f32 - 5.0)
        .collect()
}

/// The same with some numbers that are no `bf16`.
fn longer_numbers(len: usize, seed: usize) -> Vec<f32> {
    let mut numbers = numbers(len, seed);
    for number in numbers.iter_mut().skip(13).step_by(97) {
        *number = 257.0;
    }
    numbers
}

/// The definition.
fn naive(
    left: impl Fn(usize, usize) -> f32,
    right: impl Fn(usize, usize) -> f32,
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

fn at<'a>(matrix: Matrix<'a>) -> impl Fn(usize, usize) -> f32 + 'a {
    move |i, j| matrix.values[i * matrix.strides[0] + j * matrix.strides[1]]
}

/// What this program and this processor have.
fn engines() -> Vec<&'static dyn Engine> {
    let available = ENGINES
        .iter()
        .copied()
        .filter(|engine| engine.is_available());
    let available: Vec<&dyn Engine> = available.collect();
    for (engine, reason) in [
        ("Tiles", "amx"),
        ("Pairs", "avx512-bf16"),
        ("Vectors", "avx512"),
    ] {
        if !available.iter().any(|other| format!("{other:?}") == engine) {
            skipped(reason);
        }
    }
    available
}

/// Works on operands of every shape, in every arrangement, with every engine and precision.
fn for_all(work: impl Fn(Matrix, Matrix, &'static dyn Engine, Precision)) {
    for engine in engines() {
        let cases = SHAPES.into_iter().flat_map(|shape| {
            [Precision::Full, Precision::Bf16].map(|precision| (shape, precision))
        });
        for ([m, k, n], precision) in cases {
            let a = match precision {
                Precision::Full => longer_numbers(m * k, 1),
                Precision::Bf16 => numbers(m * k, 1),
            };
            let b = numbers(k * n, 2);
            let lefts = [
                Matrix::new(&a, [m, k]),
                Matrix::new(&a, [k, m]).transposed(),
            ];
            let rights = [
                Matrix::new(&b, [k, n]),
                Matrix::new(&b, [n, k]).transposed(),
            ];
            for left in lefts {
                for right in rights {
                    work(left, right, engine, precision);
                }
            }
        }
    }
}

fn describe(left: Matrix, right: Matrix, engine: &dyn Engine, precision: Precision) -> String {
    let operands = [left, right].map(|operand| (operand.rows, operand.columns, operand.strides));
    format!("{operands:?} {engine:?} {precision:?}")
}

#[test]
fn equals_the_definition_in_every_arrangement() {
    for_all(|left, right, engine, precision| {
        let shape @ [m, k, n] = [left.rows, left.columns, right.columns];
        let what = describe(left, right, engine, precision);
        let expected = naive(at(left), at(right), shape);
        let mut result = vec![f32::NAN; m * n];
        let product = Product::new(left, right, &mut result);
        multiply_by(vec![(product, engine)], precision);
        assert_eq!(result, expected, "{what}");
        let added = Product {
            start: Start::Result,
            ..Product::new(left, right, &mut result)
        };
        multiply_by(vec![(added, engine)], precision);
        let twice: Vec<f32> = expected.iter().map(|value| 2.0 * value).collect();
        assert_eq!(result, twice, "{what}");
        let squares = naive(|i, l| at(left)(i, l).powi(2), at(right), shape);
        let squared = Product::new(left.squared(), right, &mut result);
        multiply_by(vec![(squared, engine)], precision);
        assert_eq!(result, squares, "{what}");
        if right.strides[1] == 1 {
            let mut sums = vec![f32::NAN; n];
            let summed = Product {
                sums: Some(&mut sums),
                ..Product::new(left, right, &mut result)
            };
            multiply_by(vec![(summed, engine)], precision);
            assert_eq!(result, expected, "{what}");
            let column = |j| (0..k).map(|l| at(right)(l, j)).sum::<f32>();
            assert_eq!(sums, (0..n).map(column).collect::<Vec<_>>(), "{what}");
        }
    });
}

/// Factors are rounded once, squares after squaring; products and sums are as exact as `f32`.
#[test]
fn bf16_rounds_factors_only() {
    let random = |len: usize| -> Vec<f32> { (0..len).map(|i| (i as f32 * 0.731).sin()).collect() };
    let rounded = |x: f32| bf16::from_f32(x).to_f64();
    for engine in engines() {
        for [m, k, n] in [[37, 131, 70], [130, 33, 17], [20, 1, 50]] {
            let (a, b) = (random(m * k), random(k * n));
            for squared in [false, true] {
                let lefts = [
                    Matrix::new(&a, [m, k]),
                    Matrix::new(&a, [k, m]).transposed(),
                ];
                for left in lefts.map(|left| Matrix { squared, ..left }) {
                    let right = Matrix::new(&b, [k, n]);
                    let mut result = vec![f32::NAN; m * n];
                    let product = Product::new(left, right, &mut result);
                    multiply_by(vec![(product, engine)], Precision::Bf16);
                    for (i, result) in result.into_iter().enumerate() {
                        let factor = |l| match squared {
                            true => rounded(at(left)(i / n, l).powi(2)),
                            false => rounded(at(left)(i / n, l)),
                        };
                        let terms = (0..k).map(|l| factor(l) * rounded(at(right)(l, i % n)));
                        let (sum, size) =
                            terms.fold((0.0, 0.0), |(sum, size), x| (sum + x, size + x.abs()));
                        let error = (f64::from(result) - sum).abs();
                        assert!(error <= 1e-6 * size, "{engine:?} {m} {k} {n} {squared} {i}");
                    }
                }
            }
        }
    }
}

#[test]
fn starts_and_finishes() {
    for_all(|left, right, engine, precision| {
        let shape @ [m, _, n] = [left.rows, left.columns, right.columns];
        let what = describe(left, right, engine, precision);
        let product = naive(at(left), at(right), shape);
        let (row, factors) = (numbers(n, 3), numbers(m * n, 4));
        let mut result = vec![f32::NAN; m * n];
        let scaled = Product {
            start: Start::Row(&row),
            epilogue: Epilogue::Scale(2.0, &factors),
            ..Product::new(left, right, &mut result)
        };
        multiply_by(vec![(scaled, engine)], precision);
        let expected: Vec<f32> = (0..m * n)
            .map(|i| (product[i] + row[i % n]) * 2.0 * factors[i])
            .collect();
        assert_eq!(result, expected, "{what}");
        let applied = Product {
            start: Start::Row(&row),
            epilogue: Epilogue::Apply(Function::Tanh),
            ..Product::new(left, right, &mut result)
        };
        multiply_by(vec![(applied, engine)], precision);
        for i in 0..m * n {
            let expected = f64::from(product[i] + row[i % n]).tanh() as f32;
            assert!((result[i] - expected).abs() <= 3e-7, "{what} {i}");
        }
    });
}

/// What is outside the result stays as it is, and nothing outside of operands is read: numbers
/// there are NaN.
#[test]
fn engines_keep_to_their_part() {
    // A part that begins and ends within the matrices, of a product whose other rows and columns
    // are NaN.
    let [m, k, n] = [40, 600, 130];
    let (rows, columns) = (5..24, 19..101);
    let arrangements = [(false, false), (true, true)];
    let cases = engines()
        .into_iter()
        .flat_map(|engine| arrangements.map(|transposed| (engine, transposed)));
    for (engine, (left_transposed, right_transposed)) in cases {
        let (mut a, mut b) = (numbers(m * k, 1), numbers(k * n, 2));
        for (i, value) in a.iter_mut().enumerate() {
            let row = if left_transposed { i % m } else { i / k };
            if !rows.contains(&row) {
                *value = f32::NAN;
            }
        }
        for (i, value) in b.iter_mut().enumerate() {
            let column = if right_transposed { i / k } else { i % n };
            if !columns.contains(&column) {
                *value = f32::NAN;
            }
        }
        let left = match left_transposed {
            true => Matrix::new(&a, [k, m]).transposed(),
            false => Matrix::new(&a, [m, k]),
        };
        let right = match right_transposed {
            true => Matrix::new(&b, [n, k]).transposed(),
            false => Matrix::new(&b, [k, n]),
        };
        let mut result = vec![f32::INFINITY; m * n];
        let all = Target::new(&mut result, [m, n], Start::Zero, Epilogue::Leave);
        let some = all.split(0, &[0, rows.start, rows.end, m]).swap_remove(1);
        let cuts = [0, columns.start, columns.end, n];
        engine.multiply(Task {
            left: left.part(rows.clone(), 0..k),
            right: right.part(0..k, columns.clone()),
            target: some.split(1, &cuts).swap_remove(1),
            precision: Precision::Full,
            sums: None,
        });
        for (i, result) in result.into_iter().enumerate() {
            let (row, column) = (i / n, i % n);
            let expected = match rows.contains(&row) && columns.contains(&column) {
                true => (0..k)
                    .map(|l| at(left)(row, l) * at(right)(l, column))
                    .sum(),
                false => f32::INFINITY,
            };
            assert_eq!(result, expected, "{engine:?} {row} {column}");
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
    let (precisions, engines) = ([Precision::Full, Precision::Bf16], engines());
    let cases = (shapes.into_iter())
        .flat_map(|shape| precisions.map(|precision| (shape, precision)))
        .flat_map(|case| engines.iter().map(move |&engine| (case, engine)));
    for (([m, k, n], precision), engine) in cases {
        let (a, b) = (random(m * k), random(k * n));
        let lefts = [
            Matrix::new(&a, [m, k]),
            Matrix::new(&a, [k, m]).transposed(),
        ];
        for left in lefts {
            let results: Vec<[Vec<f32>; 2]> = [1, 2, 3, 7]
                .into_iter()
                .map(|threads| {
                    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
                    let pool = pool.build().unwrap();
                    let [mut result, mut sums] = [m * n, n].map(|len| vec![0.0; len]);
                    pool.install(|| {
                        let product = Product {
                            sums: Some(&mut sums),
                            ..Product::new(left, Matrix::new(&b, [k, n]), &mut result)
                        };
                        multiply_by(vec![(product, engine)], precision);
                    });
                    [result, sums]
                })
                .collect();
            for result in &results[1..] {
                assert!(
                    result == &results[0],
                    "{m} {k} {n} {engine:?} {precision:?}"
                );
            }
        }
    }
}

/// Rows without numbers are not counted: there may be 2⁶⁴ of them.
#[test]
fn a_result_without_columns_is_done_at_once() {
    let left = Matrix::new(&[], [usize::MAX, 0]);
    let empty = || Product {
        start: Start::Row(&[]),
        epilogue: Epilogue::Apply(Function::Tanh),
        ..Product::new(left, Matrix::new(&[], [0, 0]), &mut [])
    };
    for precision in [Precision::Full, Precision::Bf16] {
        for engine in engines() {
            multiply_by(vec![(empty(), engine)], precision);
        }
        multiply([empty()], precision);
    }
}
