//! Normal distributions whose covariance is a diagonal and a part of low rank.

use super::*;
use burn_bayes::{distribution::LowRankNormal, network::LowRankCovariance};

const RANK_1: LowRankCovariance = LowRankCovariance { rank: 1 };

struct Case {
    q: LowRankNormal,
    x: Tensor<3>,
    expected: [f64; 3],
}

fn cases(dtype: DType) -> impl Iterator<Item = Case> {
    include_str!("low_rank.csv").lines().map(move |line| {
        let field = |text: &str| -> Vec<f64> {
            let numbers = text.split(';');
            numbers.map(|text| text.parse().unwrap()).collect()
        };
        let fields: Vec<Vec<f64>> = line.split(',').map(field).collect();
        let row = |i: usize| tensor(&fields[i], [1, 1, fields[i].len()], dtype);
        let [d, rank] = [0, 1].map(|i| fields[i][0] as usize);
        Case {
            q: LowRankNormal::new(row(2), row(3), row(4).reshape([1, 1, d, rank])),
            x: row(5),
            expected: [fields[6][0], fields[7][0], fields[8][0]],
        }
    })
}

fn check(dtype: DType, tolerance: f64) {
    for Case { q, x, expected } in cases(dtype) {
        let like = x.ones_like();
        let other = Normal::new(like.clone() * 0.5, like.clone() * 2.0);
        let found = [
            q.log_prob(x),
            q.kl_divergence(&Normal::standard_like(&like)).unwrap(),
            q.kl_divergence(&other).unwrap(),
        ];
        for (found, expected) in found.into_iter().zip(expected) {
            let found = values(found)[0];
            let close = (found - expected).abs() <= tolerance * (1.0 + expected.abs());
            assert!(close, "{found}, expected {expected}");
        }
    }
}

#[test]
fn a_scientific_library_agrees() {
    check(DType::F32, 2e-6);
    if has_f64(&Device::default()) {
        check(DType::F64, 1e-13);
    }
}

/// D = 1e-6 I and U of ones: along U the variance is d, so nothing of the density is large, though
/// eᵀD⁻¹e and vᵀC⁻¹v are 1e7.
#[test]
fn small_diagonals_do_not_cancel() {
    let d = 9;
    let row = |number: f64| tensor(&vec![number; d], [1, 1, d], DType::F32);
    let q = LowRankNormal::new(
        row(0.0),
        row(1e-6f64.ln()),
        row(1.0).reshape([1, 1, d as i32, 1]),
    );
    let found = values(q.log_prob(row(1.0)))[0];
    let d = d as f64;
    let exact = -0.5
        * (d * std::f64::consts::TAU.ln()
            + (d - 1.0) * 1e-6f64.ln()
            + (d + 1e-6).ln()
            + d / (d + 1e-6));
    assert!((found - exact).abs() < 1e-4, "{found}, expected {exact}");
}

/// Parameters for each sample, or one set for all: the density of a draw is that of its value, and
/// draws have mean and covariance.
#[test]
fn draws_have_their_density_and_covariance() {
    let device = Device::default();
    let mut noise = Noise::seeded(4);
    for samples in [1, 6] {
        let mut numbers = |width| noise.normal([samples, 5, width], &device);
        let (loc, log_variance) = (numbers(4), numbers(4) * 0.3);
        let factor = numbers(12).reshape([samples, 5, 4, 3]);
        let q = LowRankNormal::new(loc, log_variance, factor);
        let (z, log_q) = q.rsample_with_log_prob(6, &mut Noise::seeded(5));
        for (a, b) in values(q.log_prob(z)).into_iter().zip(values(log_q)) {
            assert!((a - b).abs() < 1e-4, "{a} {b}");
        }
    }
    const COUNT: usize = 200_000;
    let (loc, log_variance) = ([0.5, -1.0, 2.0], [0.0, 0.4, -1.0]);
    let factor = [0.8, -0.4, 1.1, 0.3, -0.6, 0.9];
    let row = |numbers: &[f64]| tensor(numbers, [1, 1, numbers.len()], DType::F32);
    let q = LowRankNormal::new(
        row(&loc),
        row(&log_variance),
        row(&factor).reshape([1, 1, 3, 2]),
    );
    let z = values(q.sample(COUNT, &mut Noise::seeded(6)));
    for i in 0..3 {
        let mean = z.chunks(3).map(|z| z[i]).sum::<f64>() / COUNT as f64;
        assert!((mean - loc[i]).abs() < 0.02);
        for j in 0..3 {
            let common: f64 = (0..2).map(|c| factor[2 * i + c] * factor[2 * j + c]).sum();
            let own = if i == j {
                f64::exp(log_variance[i])
            } else {
                0.0
            };
            let covariance = common + own;
            let products = z.chunks(3).map(|z| (z[i] - loc[i]) * (z[j] - loc[j]));
            let found = products.sum::<f64>() / COUNT as f64;
            // Its standard error is √((c_ii c_jj + c_ij²)/n), here at most 0.009.
            assert!(
                (found - covariance).abs() < 0.045,
                "{i} {j}: {found} {covariance}"
            );
            if i == j {
                assert!((values(q.variance())[i] - covariance).abs() < 1e-5);
            }
        }
    }
}

/// Of densities, divergences and draws, against central differences in f64; U at 0 included.
#[test]
fn gradients_are_those_of_the_values() {
    if !has_f64(&Device::default()) {
        return;
    }
    const STEP: f64 = 1e-6;
    let head = LowRankCovariance { rank: 3 };
    let value = |outputs: Tensor<3>, which: usize| -> Tensor<2> {
        let q = head.distribution(outputs.clone());
        let x = tensor(&[0.3, -1.0, 2.0, 0.7], [1, 1, 4], DType::F64);
        let x = Tensor::from_data(x.to_data(), (&outputs.device(), DType::F64));
        match which {
            0 => q.log_prob(x),
            1 => q.kl_divergence(&Normal::standard_like(&x)).unwrap(),
            _ => {
                let (z, log_q) = q.rsample_with_log_prob(1, &mut Noise::seeded(8));
                (z * x).sum_dim(2).squeeze_dim::<2>(2) + log_q
            }
        }
    };
    for size in [0.7, 0.0] {
        let number = |i: usize| match i < 8 {
            true => 0.7 * ((i * 5 + 1) as f64).sin(),
            false => size * ((i * 3 + 2) as f64).cos(),
        };
        let at: Vec<f64> = (0..20).map(number).collect();
        for which in 0..3 {
            let leaf = Tensor::<3>::from_data(
                TensorData::new(at.clone(), [1, 1, 20]),
                (&Device::default().autodiff(), DType::F64),
            );
            let leaf = leaf.require_grad();
            let gradient = leaf
                .grad(&value(leaf.clone(), which).sum().backward())
                .unwrap();
            for (i, gradient) in values(gradient).into_iter().enumerate() {
                let moved = |by: f64| {
                    let mut numbers = at.clone();
                    numbers[i] += by;
                    values(value(tensor(&numbers, [1, 1, 20], DType::F64), which))[0]
                };
                let expected = (moved(STEP) - moved(-STEP)) / (2.0 * STEP);
                let close = (gradient - expected).abs() < 1e-7 * (1.0 + expected.abs());
                assert!(close, "{which}, output {i}: {gradient}, {expected}");
            }
        }
    }
}

#[test]
fn one_latent_is_a_normal_distribution() {
    let q = RANK_1.distribution(tensor(&[0.5, -0.3, 0.8], [1, 1, 3], DType::F32));
    let row = |x: f64| tensor(&[x], [1, 1, 1], DType::F32);
    let std = ((-0.3f64).exp() + 0.64).sqrt();
    let x = row(1.7);
    let normal = Normal::new(row(0.5), row(std)).log_prob(x.clone());
    assert!((values(q.log_prob(x))[0] - values(normal)[0]).abs() < 1e-6);
    assert_eq!(q.sample(3, &mut Noise::seeded(0)).dims(), [3, 1, 1]);
}

#[test]
#[should_panic(expected = "4 outputs are not 3 a feature")]
fn outputs_that_do_not_fit_are_named() {
    RANK_1.distribution(Tensor::ones([1, 1, 4], &Device::default()));
}

/// Two equal columns that are large beside the diagonal, as where fewer directions than two are
/// undetermined: both pivots of I + AᵀA count, though the second is 2 beside 5e7.
#[test]
fn parallel_columns_do_not_cancel() {
    let (d, log_variance) = (40, -14.0f64);
    let row = |number: f64| tensor(&vec![number; d], [1, 1, d], DType::F32);
    let factor = Tensor::<4>::ones([1, 1, d, 2], &Device::default());
    let q = LowRankNormal::new(row(0.0), row(log_variance), factor);
    let log_determinant = (2.0 * d as f64 * (-log_variance).exp()).ln_1p();
    let of = |squares: f64| {
        let logs = std::f64::consts::TAU.ln() + log_variance;
        -0.5 * (d as f64 * logs + log_determinant + squares)
    };
    let found = values(q.log_prob(row(0.0)))[0];
    assert!((found - of(0.0)).abs() < 1e-3, "{found} {}", of(0.0));

    // A draw has a squared distance of χ² with d degrees of freedom.
    let (z, log_prob) = q.rsample_with_log_prob(1000, &mut Noise::seeded(1));
    let numbers = values(log_prob);
    let mean = numbers.iter().sum::<f64>() / 1000.0;
    let error = (0.5 * d as f64 / 1000.0).sqrt();
    assert!((mean - of(d as f64)).abs() < 4.9 * error, "{mean}");
    // The same of its value, where √D is 1e-3 beside numbers of 1.
    for (a, b) in values(q.log_prob(z)).into_iter().zip(numbers) {
        assert!((a - b).abs() < 0.05, "{a} {b}");
    }
}

/// Where the common part is large beside the diagonal, the density of its own draws does not
/// cancel: by ε₁ and ε₂ themselves it is known to rounding.
#[test]
fn densities_of_own_draws_keep_their_digits() {
    let device = Device::default();
    let shape = [1, 1, 3];
    let zeros = Tensor::<3>::zeros(shape, &device);
    let low = zeros.clone().sub_scalar(30.0); // √D is e⁻¹⁵
    let factor = Tensor::<4>::from_floats([[[[30.0], [-20.0], [10.0]]]], &device);
    let q = LowRankNormal::new(zeros, low, factor);
    let (_, log_prob) = q.rsample_with_log_prob(200, &mut Noise::seeded(1));
    let numbers: Vec<f64> = log_prob.into_data().iter::<f64>().collect();
    // E log q is −entropy, −½(3 log 2πe + log det(D + UUᵀ)), and its variance 3/2.
    let a2 = 1400.0 * 30.0f64.exp();
    let entropy = 0.5 * (3.0 * (std::f64::consts::TAU.ln() + 1.0) - 90.0 + a2.ln_1p());
    let mean = numbers.iter().sum::<f64>() / 200.0;
    let variance = numbers.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 199.0;
    assert!(
        (mean + entropy).abs() < 4.9 * (1.5f64 / 200.0).sqrt(),
        "{mean} {entropy}"
    );
    // A sample's variance of 3/2 scatters by 0.2 or so, with the kurtosis of χ².
    assert!((0.7..3.0).contains(&variance), "{variance}");
}
