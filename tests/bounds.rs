//! Bounds on log-weights whose answers are known by hand.

mod common;

use burn_bayes::{
    bound::{Bound, LogMeanExp},
    prelude::*,
};

fn column<const N: usize>(log_weights: [f32; N]) -> Tensor<2> {
    Tensor::<1>::from_floats(log_weights, &Device::default()).unsqueeze_dim(1)
}

fn scalar(bound: Tensor<1>) -> f64 {
    assert_eq!(bound.dims(), [1]);
    f64::from(bound.into_scalar::<f32>())
}

fn assert_close(actual: f64, expected: f64) {
    assert!(
        (actual - expected).abs() < 1e-6 * expected.abs().max(1.0),
        "{actual}, expected {expected}"
    );
}

/// Weights 1, 2, 3, 4, 10: their mean is 4, the mean of their logarithms (ln 240)/5, their
/// effective number 20²/130.
#[test]
fn bounds_of_known_weights() {
    let log_weights = || column([1.0f32, 2.0, 3.0, 4.0, 10.0].map(f32::ln));
    assert_close(scalar(bound::iwae(log_weights())), 4.0f64.ln());
    assert_close(scalar(bound::vae(log_weights())), 240.0f64.ln() / 5.0);
    assert_close(
        scalar(bound::effective_sample_size(log_weights())),
        400.0 / 130.0,
    );
    let shares: Vec<f32> = bound::normalized_weights(log_weights())
        .into_data()
        .try_to_vec()
        .unwrap();
    for (share, weight) in shares.into_iter().zip([1.0, 2.0, 3.0, 4.0, 10.0]) {
        assert_close(f64::from(share), weight / 20.0);
    }
    assert_close(
        scalar(bound::iwaeu(log_weights(), WeightKl::None)),
        4.0f64.ln(),
    );
    let kl = Tensor::<1>::from_floats([600.0], &Device::default());
    let charged = WeightKl::PerDatapoint {
        kl,
        dataset_size: 300,
    };
    assert_close(
        scalar(bound::iwaeu(log_weights(), charged)),
        4.0f64.ln() - 2.0,
    );
}

#[test]
fn constant_weights_give_their_logarithm() {
    for value in [-1e5, -90.0, 0.0, 3.0, 1e5] {
        for bound in [bound::iwae, bound::vae] {
            assert_eq!(scalar(bound(column([value; 8]))), f64::from(value));
        }
        assert_close(
            scalar(bound::effective_sample_size(column([value; 8]))),
            8.0,
        );
    }
}

#[test]
fn one_sample_is_the_elbo() {
    for value in [-1e5, -7.25, 1e5] {
        assert_eq!(scalar(bound::iwae(column([value]))), f64::from(value));
        assert_eq!(scalar(bound::vae(column([value]))), f64::from(value));
    }
}

#[test]
fn order_does_not_matter_and_shifts_come_through() {
    let weights = [-3.0, 1.5, 0.25, -0.5];
    let base = scalar(bound::iwae(column(weights)));
    let mut reversed = weights;
    reversed.reverse();
    assert_close(scalar(bound::iwae(column(reversed))), base);
    // 1e5 leaves 1/128 of resolution to an f32: shifts are exact multiples of it.
    for shift in [-1e5f32, -128.0, 1e5] {
        let shifted = scalar(bound::iwae(column(weights.map(|w| w + shift))));
        assert!((shifted - f64::from(shift) - base).abs() <= 1.0 / 128.0);
    }
}

#[test]
fn spread_weights_stay_finite() {
    // One sample holds everything: log (e^5 / 2).
    assert_close(
        scalar(bound::iwae(column([-400.0, 5.0]))),
        5.0 - 2.0f64.ln(),
    );
    assert_close(scalar(bound::iwae(column([-1e5, 1e5]))), 1e5 - 2.0f64.ln());
    assert_close(
        scalar(bound::iwae(column([f32::NEG_INFINITY, 1.0]))),
        1.0 - 2.0f64.ln(),
    );
    // Nothing has any weight: −∞, not NaN, and the neighbour is unharmed.
    let device = Device::default();
    let two = Tensor::<2>::from_floats(
        [[f32::NEG_INFINITY, 0.0], [f32::NEG_INFINITY, 0.0]],
        &device,
    );
    let bounds: Vec<f32> = bound::iwae(two).into_data().try_to_vec().unwrap();
    assert_eq!(bounds, [f32::NEG_INFINITY, 0.0]);
}

/// mean log w ≤ IWAE ≤ max log w, and max log w − log k ≤ IWAE, on random columns.
#[test]
fn jensen_orders_the_bounds() {
    let log_weights = Noise::seeded(1)
        .normal([1, 7, 1000], &Device::default())
        .mul_scalar(3.0);
    let log_weights = log_weights.squeeze_dim::<2>(0);
    let max = log_weights.clone().max_dim(0).squeeze_dim::<1>(0);
    let iwae = bound::iwae(log_weights.clone());
    let smallest = |tensor: Tensor<1>| tensor.min().into_scalar::<f32>();
    assert!(smallest(iwae.clone() - bound::vae(log_weights)) >= 0.0);
    assert!(smallest(max.clone() - iwae.clone()) >= 0.0);
    assert!(smallest(iwae - max.sub_scalar(7.0f64.ln())) >= -1e-6);
}

/// E L_k grows with k: for log w ~ N(−σ²/2, σ²), E w = 1, so every E L_k ≤ 0 and L_1 = −σ²/2.
#[test]
fn the_bound_grows_with_k_in_expectation() {
    let (sigma, n) = (1.5, 40_000);
    let log_weights = Noise::seeded(2)
        .normal([1, 64, n], &Device::default())
        .mul_scalar(sigma)
        .sub_scalar(sigma * sigma / 2.0)
        .squeeze_dim::<2>(0);
    let expected = |k: usize| {
        let bound = bound::iwae(log_weights.clone().narrow(0, 0, k));
        f64::from(bound.mean().into_scalar::<f32>())
    };
    // sd of L_1 is 1.5: standard error 0.0075.
    assert!((expected(1) + sigma * sigma / 2.0).abs() < 5.0 * 0.0075);
    let values: Vec<f64> = [1, 2, 4, 8, 16, 32, 64].map(expected).into();
    assert!(
        values.windows(2).all(|pair| pair[0] < pair[1]),
        "{values:?}"
    );
    assert!(values[6] < 0.0);
}

#[test]
fn the_analytic_elbo_averages_the_divergence() {
    let device = Device::default();
    let log_likelihood = Tensor::<2>::from_floats([[-3.0], [-5.0]], &device);
    let shared = Tensor::<2>::from_floats([[1.5]], &device);
    let per_sample = Tensor::<2>::from_floats([[1.0], [2.0]], &device);
    assert_close(
        scalar(bound::vae_analytic(log_likelihood.clone(), shared)),
        -5.5,
    );
    assert_close(
        scalar(bound::vae_analytic(log_likelihood, per_sample)),
        -5.5,
    );
}

#[test]
#[should_panic(expected = "at least one sample")]
fn no_samples_are_refused() {
    let _ = bound::iwae(Tensor::<2>::zeros([0, 3], &Device::default()));
}

#[test]
fn a_stream_equals_the_whole() {
    let values = [2.0, -1e5, f64::NEG_INFINITY, 700.0, 699.0, -3.0];
    let mut stream = LogMeanExp::default();
    stream.extend(values);
    // e^700 + e^699 and nothing else that counts, over 6.
    assert!(
        (stream.log_mean_exp() - (700.0 + (1.0 + (-1.0f64).exp()).ln() - 6.0f64.ln())).abs()
            < 1e-12
    );
    assert!((stream.largest_share() - 1.0 / (1.0 + (-1.0f64).exp())).abs() < 1e-15);
    assert_eq!(stream.count(), 6);

    let mut reversed = LogMeanExp::default();
    reversed.extend(values.into_iter().rev());
    assert!((reversed.log_mean_exp() - stream.log_mean_exp()).abs() < 1e-12);

    let nothing = LogMeanExp::default();
    assert!(nothing.log_mean_exp().is_nan());
    let mut hopeless = LogMeanExp::default();
    hopeless.push(f64::NEG_INFINITY);
    assert_eq!(hopeless.log_mean_exp(), f64::NEG_INFINITY);
    assert!(hopeless.largest_share().is_nan() && hopeless.effective_sample_size().is_nan());
    hopeless.push(f64::NAN);
    assert!(hopeless.log_mean_exp().is_nan());
}

/// The stream and the tensors, in the fused body that serves f32 on Flex.
#[test]
fn log_mean_exp_has_one_answer() {
    common::log_mean_exp_has_one_answer(&Device::default(), 1e-6);
}

/// log-weights of three datapoints, 50 samples each, from narrow to wide.
fn draws(seed: u64) -> Tensor<2> {
    let device = Device::default();
    let noise = Noise::seeded(seed)
        .normal([1, 50, 3], &device)
        .squeeze_dim::<2>(0);
    noise * Tensor::<2>::from_floats([[0.1, 2.0, 20.0]], &device) - 90.0
}

fn each(bound: Tensor<1>) -> Vec<f64> {
    bound.try_into_vec_as::<f64>().unwrap()
}

/// The definition in f64, the largest weight taken out.
#[test]
fn renyi_bounds_are_their_definition() {
    let log_weights = draws(3);
    let numbers = log_weights.clone().try_into_vec_as::<f64>().unwrap();
    for alpha in [
        -3.0, -0.5, 0.0, 0.3, 0.901, 0.999, 0.999999, 1.00001, 1.001, 1.099, 2.0, 10.0,
    ] {
        let bounds = each(bound::renyi(log_weights.clone(), alpha));
        for (column, bound) in bounds.into_iter().enumerate() {
            let column = || {
                numbers
                    .iter()
                    .skip(column)
                    .step_by(3)
                    .map(|w| (1.0 - alpha) * w)
            };
            let max = column().fold(f64::NEG_INFINITY, f64::max);
            let mean = column().map(|w| (w - max).exp()).sum::<f64>() / 50.0;
            let exact = (mean.ln() + max) / (1.0 - alpha);
            // The distance of a mean of powers from 1, divided by 1 − α, must not be lost.
            let tolerance = 3e-6 * exact.abs().max(1.0);
            assert!(
                (bound - exact).abs() < tolerance,
                "{alpha}: {bound}, {exact}"
            );
        }
    }
}

/// From the largest log-weight by the IWAE's bound and the ELBO down, and no jump where one way of
/// working it out ends.
#[test]
fn renyi_bounds_fall_with_their_order_and_have_their_limits() {
    for seed in 0..20 {
        let log_weights = draws(seed);
        let orders = [
            -1e3, -5.0, -0.1, 0.0, 0.1, 0.9, 0.9999, 1.0, 1.0001, 1.5, 30.0,
        ];
        let renyi = |alpha| each(bound::renyi(log_weights.clone(), alpha));
        let mut above = each(bound::vr_max(log_weights.clone()));
        for alpha in orders {
            let here = renyi(alpha);
            for (above, here) in above.iter().zip(&here) {
                assert!(here <= &(above + 1e-4), "{alpha}: {here} above {above}");
            }
            above = here;
        }
        assert_eq!(renyi(0.0), each(bound::iwae(log_weights.clone())));
        assert_eq!(renyi(1.0), each(bound::vae(log_weights.clone())));
        let near = |a: Vec<f64>, b: Vec<f64>, by: f64| {
            assert!(
                a.iter().zip(&b).all(|(a, b)| (a - b).abs() < by),
                "{a:?}, {b:?}"
            );
        };
        near(renyi(-1e6), each(bound::vr_max(log_weights.clone())), 1e-3);
        for side in [-1.0, 1.0] {
            let [inside, outside] = [0.09999, 0.10001].map(|by| renyi(1.0 + side * by));
            near(inside, outside, 2e-2);
        }
    }
}

#[test]
fn what_is_no_bound_says_so() {
    for (kind, lower) in [
        (Bound::Iwae, true),
        (Bound::Renyi { alpha: 0.5 }, true),
        (Bound::Renyi { alpha: -0.5 }, false),
        (Bound::VrMax, false),
    ] {
        assert_eq!(kind.is_lower_bound(), lower);
        assert_eq!(kind.name().contains("no bound"), !lower, "{}", kind.name());
    }
    let infinite = Objective::renyi(f64::NEG_INFINITY, 5)
        .validate()
        .unwrap_err();
    assert!(
        infinite.to_string().contains("`Bound::VrMax`"),
        "{infinite}"
    );
    let text = serde_json::to_string(&Objective::renyi(0.25, 5)).unwrap();
    let read: Objective = serde_json::from_str(&text).unwrap();
    assert_eq!(read, Objective::renyi(0.25, 5));
}
