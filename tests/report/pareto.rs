//! The tail of the importance weights.

use super::*;

/// Fits to 5000 weights each.
const FITS: u64 = 200;
/// Of 5000 weights.
const TAIL: f64 = 213.0;

/// What the prior makes of a fit.
fn with_prior(index: f64) -> f64 {
    (TAIL * index + 5.0) / (TAIL + 10.0)
}

/// 5 standard errors of the mean of all fits, one of which has (1 + k)/√M: by chance it is farther
/// off once in 10⁶. The estimator's own bias, of order (1 + k)/M, is a quarter of this.
fn tolerance(index: f64) -> f64 {
    5.0 * (1.0 + index) / (TAIL * FITS as f64).sqrt() * TAIL / (TAIL + 10.0)
}

/// The mean fit for each index, to weights of the same draws.
fn mean_fits(
    indices: [f64; 4],
    draw: fn(&mut Noise, [usize; 3], &Device) -> Tensor<3>,
    log_weight: fn(f64, f64) -> f64,
) -> [f64; 4] {
    let mut means = [0.0; 4];
    for seed in 0..FITS {
        let draws = draw(&mut Noise::seeded(seed), [1, 1, 5000], &device()).into_data();
        let draws: Vec<f64> = draws.iter().collect();
        for (mean, index) in means.iter_mut().zip(indices) {
            let weights = draws.iter().map(|&draw| log_weight(index, draw));
            *mean += pareto_k(&weights.collect::<Vec<_>>()) / FITS as f64;
        }
    }
    means
}

/// Log-weights −k log u, u uniform, are exactly Pareto with tail index k: what is above a threshold
/// follows the law that is fitted.
#[test]
fn a_known_tail_is_found() {
    let indices = [0.2, 0.5, 0.75, 1.0];
    let means = mean_fits(indices, Noise::uniform, |index, u| -index * u.ln());
    for (index, mean) in indices.into_iter().zip(means) {
        let (expected, tolerance) = (with_prior(index), tolerance(index));
        assert!(
            (mean - expected).abs() < tolerance,
            "{index}: {mean}, expected {expected} ± {tolerance}"
        );
    }
}

/// Weights p/q of p = N(0, s²) under q = N(0, 1) have the tail index a = 1 − 1/s² > 0 far out. At z
/// they have the local index a z Q(z)/φ(z), Q = 1 − Φ, which grows with z. It is 0.8457 a at
/// z = 2.0276, above which 213 of 5000 |z| lie. A fit to these has an index between the two.
const LOCAL: f64 = 0.8457;

#[test]
fn the_tail_of_a_normal_proposal_is_known() {
    let indices = [0.2, 0.5, 0.75, 0.9];
    let means = mean_fits(indices, Noise::normal, |index, z| 0.5 * index * z * z);
    for (index, mean) in indices.into_iter().zip(means) {
        let [least, most] = [LOCAL * index, index].map(with_prior);
        let slack = tolerance(index);
        assert!(
            mean > least - slack && mean < most + slack,
            "{index}: {mean}, expected {least} to {most} ± {slack}"
        );
    }
}

/// Against `psislw` of arviz_stats 0.8.0 (which takes negated log-weights and returns k̂ second):
///
/// ```python
/// from arviz_stats.base import array_stats
/// array_stats.psislw(numpy.array([0.6 * numpy.log((i + .5) / 900) for i in range(900)]))[1]
/// array_stats.psislw(numpy.array([1.2 * numpy.log((i + .5) / 4900) for i in range(4900)]))[1]
/// array_stats.psislw(numpy.array([-3 * numpy.sin(i * i) for i in range(400)]))[1]
/// array_stats.psislw(numpy.array([100 - 0.002 * i * i for i in range(100)]))[1]
/// ```
///
/// It rounds the tail's size down, the paper up; these sizes have integer tails.
#[test]
fn the_fit_is_that_of_arviz() {
    let fit = |len: u32, weight: fn(f64) -> f64| {
        pareto_k(&(0..len).map(|i| weight(i.into())).collect::<Vec<_>>())
    };
    let pairs = [
        (
            fit(900, |i| -0.6 * ((i + 0.5) / 900.0).ln()),
            0.5825791285095819,
        ),
        (
            fit(4900, |i| -1.2 * ((i + 0.5) / 4900.0).ln()),
            1.1538482373765624,
        ),
        (fit(400, |i| 3.0 * (i * i).sin()), -1.4190623619952403),
        (fit(100, |i| 0.002 * i * i - 100.0), 1.3835140932685208),
    ];
    for (ours, theirs) in pairs {
        assert!((ours - theirs).abs() < 1e-9, "{ours} {theirs}");
    }
}

#[test]
fn tails_that_cannot_be_fitted() {
    assert_eq!(pareto_k(&[2.5; 100]), 0.0);
    assert!(pareto_k(&[1.0; 20]).is_nan());
    assert_eq!(pareto_k(&[1.0; 21]), 0.0);
    assert!(pareto_k(&[]).is_nan());
    let mut weights: Vec<f64> = (0..100).map(f64::from).collect();
    assert!(pareto_k(&weights) > 1.0);
    // Either sign: inf - inf has its sign bit set on x86.
    for nan in [f64::NAN.copysign(1.0), f64::NAN.copysign(-1.0)] {
        weights[50] = nan;
        assert!(pareto_k(&weights).is_nan());
    }
    // Scale and order do not matter.
    let weights: Vec<f64> = (0..100).map(|i| f64::from(i * 37 % 100) * 0.01).collect();
    let shifted: Vec<f64> = weights.iter().rev().map(|w| w - 1e5).collect();
    assert!((pareto_k(&weights) - pareto_k(&shifted)).abs() < 1e-9);
    assert_eq!(pareto_k(&[f64::NEG_INFINITY; 50]).to_string(), "NaN");
    // Numbers of -20,000 in `f32` are 2⁻⁹ apart: an exact proposal gives a few of them.
    let draws = Noise::seeded(1).normal([1, 1, 5000], &Device::default());
    let rounded = draws.into_data().iter::<f64>().collect::<Vec<_>>();
    let rounded = rounded.iter().map(|z| z.round() / 512.0 - 20_000.0);
    assert_eq!(pareto_k(&rounded.collect::<Vec<_>>()), 0.0);
    // Of others many are the same, too, but some are far larger.
    let unequal: Vec<f64> = (0..5000).map(|i| if i < 5 { 1.0 } else { -20.0 }).collect();
    assert_eq!(pareto_k(&unequal), f64::INFINITY);
}

/// p(z | x) is much wider than q(z | x) here: the tail index is known to be above 0.7, and the
/// warning comes.
#[test]
fn a_heavy_tail_raises_the_warning() {
    let d = &device();
    let mut model = VaeConfig::new(1, 1)
        .with_hidden(vec![])
        .with_likelihood(Family::Normal(Scale::Fixed { std: 1.0 }))
        .init(d, &mut Noise::seeded(0));
    // x tells nothing of z, so the posterior is N(0, 1); the proposal has variance 1/10: index 1 −
    // 1/10.
    model.encoder.network.layers =
        vec![linear(vec![0.0, 0.0], [1, 2], vec![0.0, -(10f64.ln())], d)];
    let decoder = &mut model.decoder;
    decoder.network.layers = vec![linear(vec![0.0], [1, 1], vec![0.0], d)];
    let data = Datapoints::new("x", vec![0.0; 200], 1).unwrap();
    let mut settings = quiet(5000);
    settings.sampling.rows_per_chunk = 200;
    let report = report(&model, &data, &settings).unwrap();
    let summary = report.summary();
    // A fit is 0.749 ± 0.125 at least, so above 0.7 with probability 0.65: 130 of 200, ± 5 · 7.
    assert!(summary.num_unreliable >= 95, "{}", summary.num_unreliable);
    // A median's standard error is 1.25 times that of a mean, which 200 fits have here, too.
    let [least, most] = [LOCAL * 0.9, 0.9].map(with_prior);
    let slack = 1.25 * tolerance(0.9);
    let median = summary.median_pareto_k;
    assert!(
        median > least - slack && median < most + slack,
        "{median}, expected {least} to {most} ± {slack}"
    );
    assert!(report.warnings()[0].contains("too heavy"));
    assert!(report.to_string().contains("warning"));
}
