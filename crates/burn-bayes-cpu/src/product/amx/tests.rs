//! Against sums in `f64`, and against themselves.

use super::{
    pack::{Order, pack},
    sizes::TILE,
    *,
};
use crate::{
    product::{
        matrix::Matrix,
        target::{Epilogue, Start, Target},
    },
    vector::bf16::to_bf16,
};
use skipped::skipped;
use std::ops::{Add, Mul, Range};

/// Odd ones, below and above a tile, a panel and what is packed at once; rows, inner, columns.
const SHAPES: [[usize; 3]; 9] = [
    [1, 1, 1],
    [16, 32, 16],
    [17, 33, 15],
    [32, 64, 48],
    [33, 31, 65],
    [64, 16, 47],
    [300, 70, 20],
    [40, 2100, 50],
    [20, 40, 1100],
];

/// Numbers of many magnitudes, both signs.
fn numbers(len: usize, seed: usize) -> Vec<f32> {
    (0..len)
        .map(|i| {
            let x = (i * 7919 + seed * 104_729) as f32;
            (x * 0.731).sin() * (x * 0.0137).cos().exp2().powi(3)
        })
        .collect()
}

struct Case {
    shape: [usize; 3],
    transposed: [bool; 2],
    left: Vec<f32>,
    right: Vec<f32>,
}

impl Case {
    /// None where the tests cannot run.
    fn all() -> impl Iterator<Item = Self> {
        let shapes = if tiles() { &SHAPES[..] } else { &[] };
        shapes.iter().flat_map(|&shape| {
            let [rows, inner, columns] = shape;
            let arrangements = [[false, false], [true, false], [false, true], [true, true]];
            arrangements.map(|transposed| Self {
                shape,
                transposed,
                left: numbers(rows * inner, 1),
                right: numbers(inner * columns, 2),
            })
        })
    }

    fn operands(&self) -> [Matrix<'_>; 2] {
        let [rows, inner, columns] = self.shape;
        let matrix = |values, [rows, columns]: [usize; 2], transposed| match transposed {
            true => Matrix::new(values, [columns, rows]).transposed(),
            false => Matrix::new(values, [rows, columns]),
        };
        [
            matrix(&self.left, [rows, inner], self.transposed[0]),
            matrix(&self.right, [inner, columns], self.transposed[1]),
        ]
    }

    /// By tiles, the given rows and columns only.
    fn multiply(&self, rows: Range<usize>, columns: Range<usize>, result: &mut [f32], add: bool) {
        self.multiply_and_sum(Precision::Full, rows, columns, result, add, None);
    }

    fn multiply_and_sum(
        &self,
        precision: Precision,
        rows: Range<usize>,
        columns: Range<usize>,
        result: &mut [f32],
        add: bool,
        sums: Option<&mut [f32]>,
    ) {
        let [left, right] = self.operands();
        let [num_rows, num_inner, num_columns] = self.shape;
        let start = if add { Start::Result } else { Start::Zero };
        let all = Target::new(result, [num_rows, num_columns], start, Epilogue::Leave);
        let some = all
            .split(0, &[0, rows.start, rows.end, num_rows])
            .swap_remove(1);
        let cuts = [0, columns.start, columns.end, num_columns];
        let target = some.split(1, &cuts).swap_remove(1);
        Tiles.multiply(Task {
            left: left.part(rows, 0..num_inner),
            right: right.part(0..num_inner, columns),
            target,
            precision,
            sums,
        });
    }

    /// Sums of products, term by term, of numbers of the given kind.
    fn sums<T: Add<Output = T> + Mul<Output = T>>(&self, number: impl Fn(f32) -> T) -> Vec<T> {
        let [rows, inner, columns] = self.shape;
        let [left, right] = self.operands();
        let at = |matrix: &Matrix, i, j| {
            number(matrix.values[i * matrix.strides[0] + j * matrix.strides[1]])
        };
        let entry = |i, j| {
            let terms = (0..inner).map(|l| at(&left, i, l) * at(&right, l, j));
            terms.reduce(Add::add).expect("there are inner indices")
        };
        (0..rows * columns)
            .map(|i| entry(i / columns, i % columns))
            .collect()
    }
}

/// Whether the tests can run; if not, they say so.
fn tiles() -> bool {
    let available = Tiles.is_available();
    if !available {
        skipped("amx");
    }
    available
}

/// As near as sums of `f32` products, term by term, are; plain `bf16` would be a thousand times as
/// far off.
#[test]
fn as_exact_as_f32() {
    for case in Case::all() {
        let [rows, _, columns] = case.shape;
        let mut result = vec![f32::NAN; rows * columns];
        case.multiply(0..rows, 0..columns, &mut result, false);
        let exact = case.sums(f64::from);
        let error = |result: &[f32]| {
            let errors = result
                .iter()
                .zip(&exact)
                .map(|(a, b)| (f64::from(*a) - b).powi(2));
            (errors.sum::<f64>() / result.len() as f64).sqrt()
        };
        // Where there is one term, both have the same rounding and one more.
        let bound = error(&case.sums(|x| x)) + f64::from(f32::EPSILON);
        assert!(
            error(&result) <= bound,
            "{:?}: {}, {bound}",
            case.shape,
            error(&result)
        );
        case.multiply(0..rows, 0..columns, &mut result, true);
        let half: Vec<f32> = result.iter().map(|twice| twice / 2.0).collect();
        // The sums that are rounded are twice as large the second time.
        let bound = bound * 1.5;
        assert!(
            error(&half) <= bound,
            "{:?}: {}, {bound}",
            case.shape,
            error(&half)
        );
    }
}

/// Exact in the factors, whose products have few enough bits.
#[test]
fn rounded_numbers_are_summed_as_exactly() {
    for case in Case::all() {
        let [rows, inner, columns] = case.shape;
        let mut result = vec![f32::NAN; rows * columns];
        let mut sums = vec![0.0; columns];
        let sums = (!case.transposed[1]).then_some(&mut sums[..]);
        case.multiply_and_sum(
            Precision::Bf16,
            0..rows,
            0..columns,
            &mut result,
            false,
            sums,
        );
        let exact = case.sums(|x| f64::from(to_bf16(x)));
        let sizes = case.sums(|x| f64::from(x.abs()));
        for ((result, exact), size) in result.iter().zip(exact).zip(sizes) {
            let error = (f64::from(*result) - exact).abs();
            let bound = f64::from(f32::EPSILON) * size * (inner as f64).sqrt();
            assert!(error <= bound, "{:?}: {error}, {bound}", case.shape);
        }
    }
}

/// To the bit, and without a number written elsewhere.
#[test]
fn a_part_is_the_same_alone() {
    for case in Case::all() {
        let [rows, _, columns] = case.shape;
        let mut whole = vec![f32::NAN; rows * columns];
        case.multiply(0..rows, 0..columns, &mut whole, false);
        let (some_rows, some_columns) = (rows / 3..rows - rows / 5, columns / 4..columns);
        let mut part = vec![7.0; rows * columns];
        case.multiply(some_rows.clone(), some_columns.clone(), &mut part, false);
        for (i, (part, whole)) in part.iter().zip(&whole).enumerate() {
            let inside =
                some_rows.contains(&(i / columns)) && some_columns.contains(&(i % columns));
            assert_eq!(*part, if inside { *whole } else { 7.0 });
        }
    }
}

/// Rows of whole numbers have three products of parts alone and six beside another row, to the same
/// bits.
#[test]
fn exact_numbers_take_fewer_products() {
    for mut case in Case::all() {
        let [rows, inner, columns] = case.shape;
        for (i, number) in case.left.iter_mut().enumerate() {
            *number = (i % 3) as f32 - 1.0;
        }
        let is_exact = |case: &Case| {
            let blocks = inner.div_ceil(DEPTH) * rows.div_ceil(PANEL);
            let mut packed = vec![0.0; blocks * 2 * 3 * TILE];
            let [left, _] = case.operands();
            // SAFETY: `tiles` was asked.
            #[allow(unsafe_code)]
            unsafe {
                pack::<3>(left, 0..rows, &(0..inner), Order::Lines, &mut packed, None)
            }
        };
        assert!(is_exact(&case));
        let [mut exact, mut others] = [(); 2].map(|()| vec![f32::NAN; rows * columns]);
        case.multiply(0..rows, 0..columns, &mut exact, false);
        case.left[0] = 1.0 / 3.0; // in the first row, transposed or not
        assert!(!is_exact(&case));
        case.multiply(0..rows, 0..columns, &mut others, false);
        let bits = |values: &[f32]| values.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
        assert_eq!(
            bits(&exact[columns..]),
            bits(&others[columns..]),
            "{:?}",
            case.shape
        );
        case.left[0] = 0.0;
        case.right[0] = f32::INFINITY; // in the first column, transposed or not
        assert!(is_exact(&case));
        case.multiply(0..rows, 0..columns, &mut exact, false);
        assert!(exact.iter().step_by(columns).all(|x| !x.is_finite()));
    }
}

#[test]
fn the_right_operands_columns_are_summed_beside() {
    for case in Case::all().filter(|case| !case.transposed[1]) {
        let [rows, inner, columns] = case.shape;
        let mut result = vec![0.0; rows * columns];
        let some = columns / 4..columns;
        let mut sums = vec![1.0; some.len()];
        case.multiply_and_sum(
            Precision::Full,
            0..rows,
            some.clone(),
            &mut result,
            false,
            Some(&mut sums),
        );
        for (sum, column) in sums.iter().zip(some) {
            let terms = (0..inner).map(|l| f64::from(case.right[l * columns + column]));
            let (exact, size) = terms.fold((1.0, 1.0), |(sum, size), x| (sum + x, size + x.abs()));
            assert!(
                (f64::from(*sum) - exact).abs() < 1e-6 * size,
                "{:?}",
                case.shape
            );
        }
    }
}

/// 24 bits, and no less, come through.
#[test]
fn numbers_times_one_are_themselves() {
    if !tiles() {
        return;
    }
    let values: Vec<f32> = numbers(40 * 40, 3)
        .into_iter()
        .chain([
            f32::MIN_POSITIVE,
            2.0e-31,
            3.38e38,
            -1.0,
            16_777_215.0,
            f32::EPSILON,
        ])
        .collect();
    let count = values.len();
    let case = Case {
        shape: [count, 1, 1],
        transposed: [false, false],
        left: values.clone(),
        right: vec![1.0],
    };
    let mut result = vec![0.0; count];
    case.multiply(0..count, 0..1, &mut result, false);
    for (value, result) in values.iter().zip(&result) {
        assert_eq!(value, result);
    }
}

/// What is not finite must not become a number: training looks for it in the result.
#[test]
fn what_is_not_finite_stays_so() {
    if !tiles() {
        return;
    }
    let all_bits = f32::from_bits(0x7fff_ffff);
    for bad in [
        f32::NAN,
        -f32::NAN,
        all_bits,
        f32::INFINITY,
        f32::NEG_INFINITY,
        f32::MAX,
    ] {
        for at in 0..40 {
            let mut left = vec![1.0; 40];
            left[at] = bad;
            let case = Case {
                shape: [1, 40, 1],
                transposed: [false, false],
                left,
                right: vec![2.0; 40],
            };
            let mut result = [0.0];
            case.multiply(0..1, 0..1, &mut result, false);
            assert!(!result[0].is_finite(), "{bad} at {at}: {}", result[0]);
        }
    }
}
