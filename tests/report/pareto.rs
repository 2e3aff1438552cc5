//! The tail of the importance weights.

use super::*;

/// Log-weights −k log u, u uniform, are exactly Pareto with tail index k: what is above a threshold follows the law that is
/// fitted. The mean of 40 fits has an error of (1 + k)/√(213 · 40) ≤ 0.022, and the prior makes k of it (213 k + 5)/223.
#[test]
fn a_known_tail_is_found() {
    for index in [0.2, 0.5, 0.75, 1.0] {
        let fits = (0..40).map(|seed| {
            let u = Noise::seeded(seed)
                .uniform([1, 1, 5000], &device())
                .into_data();
            let weights: Vec<f64> = u.iter::<f64>().map(|u| -index * u.ln()).collect();
            pareto_k(&weights)
        });
        let mean = fits.sum::<f64>() / 40.0;
        let expected = (213.0 * index + 5.0) / 223.0;
        assert!((mean - expected).abs() < 0.08, "{index}: {mean}");
    }
}

/// The weights p/q of p = N(0, s²) under q = N(0, 1), s² > 1, have the tail index 1 − 1/s², times a slowly varying factor
/// that makes fits at finite K smaller, the more so the heavier the tail.
#[test]
fn the_tail_of_a_normal_proposal_is_known() {
    for (variance, index, slack) in [
        (1.25, 0.2, 0.1),
        (2.0, 0.5, 0.1),
        (4.0, 0.75, 0.15),
        (10.0, 0.9, 0.2),
    ] {
        let fits = (0..40).map(|seed| {
            let z = Noise::seeded(seed)
                .normal([1, 1, 5000], &device())
                .into_data();
            let weights = z
                .iter::<f64>()
                .map(|z| 0.5 * (1.0 - 1.0 / variance) * z * z);
            pareto_k(&weights.collect::<Vec<_>>())
        });
        let mean = fits.sum::<f64>() / 40.0;
        assert!(
            mean < index + 0.05 && mean > index - slack,
            "{variance}: {mean}"
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
}

/// p(z | x) is much wider than q(z | x) here: the tail index is known to be above 0.7, and the warning comes.
#[test]
fn a_heavy_tail_raises_the_warning() {
    let d = &device();
    let mut model = VaeConfig::new(1, 1)
        .with_hidden(vec![])
        .with_likelihood(LikelihoodConfig::Gaussian(DecoderScale::Fixed { std: 1.0 }))
        .init(d, &mut Noise::seeded(0));
    // x tells nothing of z, so the posterior is N(0, 1); the proposal has variance 1/10: index 1 − 1/10.
    model.encoder.mlp.layers = vec![linear(vec![0.0, 0.0], [1, 2], vec![0.0, -(10f64.ln())], d)];
    let Decoder::Gaussian(decoder) = &mut model.decoder else {
        unreachable!()
    };
    decoder.mlp.layers = vec![linear(vec![0.0], [1, 1], vec![0.0], d)];
    let data = Datapoints::new("x", vec![0.0; 20], 1).unwrap();
    let report = report(&model, &data, &quiet(Binarization::None, 5000)).unwrap();
    let summary = report.summary();
    assert!(summary.num_unreliable >= 15, "{}", summary.num_unreliable);
    assert!((summary.median_pareto_k - 0.9).abs() < 0.15);
    assert!(report.warnings()[0].contains("too heavy"));
    assert!(report.to_string().contains("warning"));
}
