//! The log-likelihood by importance sampling: the same under any cut, honest about its errors.

use burn::tensor::Int;
use burn_bayes::prelude::*;

fn device() -> Device {
    Device::default()
}

fn model(uncertainty: Uncertainty) -> Vae {
    VaeConfig::new(10, 2)
        .with_hidden(vec![6])
        .with_uncertainty(uncertainty)
        .with_initial_weight_std(0.2)
        .init(&device(), &mut Noise::seeded(1))
}

fn data(rows: usize) -> Tensor<2> {
    Noise::seeded(2)
        .normal([1, rows, 10], &device())
        .greater_elem(0.0)
        .float()
        .squeeze_dim(0)
}

fn settings(
    num_samples: usize,
    samples_per_chunk: usize,
    rows_per_chunk: usize,
) -> LogLikelihoodSettings {
    LogLikelihoodSettings {
        num_samples,
        samples_per_chunk,
        rows_per_chunk,
    }
}

fn evaluate(model: &Vae, settings: LogLikelihoodSettings) -> LogLikelihood {
    evaluate::log_likelihood(model, data(7), &settings, &Noise::seeded(3)).unwrap()
}

#[test]
fn any_cut_gives_the_same() {
    for uncertainty in [Uncertainty::None, Uncertainty::EncoderAndDecoder] {
        let model = model(uncertainty);
        let whole = evaluate(&model, settings(101, 101, 7));
        for (samples, rows) in [(1, 1), (10, 3), (100, 2), (1000, 1000), (101, 1), (7, 7)] {
            let cut = evaluate(&model, settings(101, samples, rows));
            assert_eq!(cut.values.len(), 7);
            for (a, b) in cut.values.iter().zip(&whole.values) {
                // Sums are the same; only the matrix products may round otherwise.
                assert!(
                    (a - b).abs() < 1e-5,
                    "{samples} samples, {rows} rows: {a}, {b}"
                );
            }
            for (a, b) in cut
                .effective_sample_sizes
                .iter()
                .zip(&whole.effective_sample_sizes)
            {
                assert!((a / b - 1.0).abs() < 1e-4);
            }
        }
    }
}

/// The streamed value is the bound with the same noise.
#[test]
fn it_is_the_importance_weighted_bound() {
    let model = model(Uncertainty::Encoder);
    for k in [1, 3, 64] {
        let bound = bound::iwae(model.log_weights(data(7), k, &mut Noise::seeded(3)).total());
        let bound: Vec<f32> = bound.into_data().try_to_vec().unwrap();
        let estimate = evaluate(&model, settings(k, 2, 3));
        assert_eq!(estimate.num_samples, k);
        for (a, b) in estimate.values.iter().zip(bound) {
            assert!((a - f64::from(b)).abs() < 1e-5);
        }
    }
}

/// The reported Monte Carlo error against the spread over 200 repetitions: a standard deviation
/// from 200 is good to 5 %, the delta method at K = 500 to a few more. The proposal is made twice
/// as wide (in variance) as the prior, so that weights are bounded and their variance is finite.
#[test]
fn the_monte_carlo_error_is_the_spread_over_seeds() {
    let mut model = model(Uncertainty::None);
    let wide = Tensor::from_floats([0.0, 0.0, 2.0f32.ln(), 2.0f32.ln()], &device());
    model.encoder.network = model.encoder.network.with_output_bias(wide);
    let runs: Vec<LogLikelihood> = (0..200)
        .map(|seed| {
            let noise = Noise::seeded(seed);
            evaluate::log_likelihood(&model, data(7), &settings(500, 500, 7), &noise).unwrap()
        })
        .collect();
    let means: Vec<f64> = runs.iter().map(LogLikelihood::mean).collect();
    let centre = means.iter().sum::<f64>() / 200.0;
    let spread = (means.iter().map(|m| (m - centre).powi(2)).sum::<f64>() / 199.0).sqrt();
    let reported = runs
        .iter()
        .map(LogLikelihood::monte_carlo_error)
        .sum::<f64>()
        / 200.0;
    assert!(
        (reported / spread - 1.0).abs() < 0.2,
        "reported {reported}, spread {spread}"
    );
}

#[test]
fn statistics_are_those_of_the_values() {
    let estimate = LogLikelihood {
        num_samples: 10,
        values: vec![-1.0, -2.0, -6.0],
        effective_sample_sizes: vec![10.0, 5.0, 1.0],
        largest_shares: vec![0.1, 0.3, 1.0],
        pareto_k: vec![0.2, 0.71, f64::NAN],
    };
    assert_eq!(estimate.mean(), -3.0);
    // Variance 14/2 = 7, over 3 values.
    assert!((estimate.standard_error() - (7.0f64 / 3.0).sqrt()).abs() < 1e-12);
    assert!((estimate.mean_effective_sample_size() - 16.0 / 3.0).abs() < 1e-12);
    // (0 + 1/9 + 9/9) under the root, over 3.
    assert!((estimate.monte_carlo_error() - (10.0f64 / 9.0).sqrt() / 3.0).abs() < 1e-12);
    // Equal weights, whose sum was rounded.
    let equal = LogLikelihood {
        effective_sample_sizes: vec![10.0 + 1e-9; 2],
        ..estimate.clone()
    };
    assert_eq!(equal.monte_carlo_error(), 0.0);
    assert_eq!(equal.monte_carlo_bias(), 0.0);
    assert_eq!(estimate.num_non_finite(), 0);
    // min(1 − 1/log₁₀ 10, 0.7) = 0: at 10 samples nothing is to be trusted.
    assert_eq!(estimate.num_unreliable(), 3);
    let many = LogLikelihood {
        num_samples: 5000,
        ..estimate.clone()
    };
    assert_eq!(many.num_unreliable(), 2);
    // −½ (0 + 1/9 + 9/9)/3.
    assert!((estimate.monte_carlo_bias() + 10.0 / 54.0).abs() < 1e-12);
}

#[test]
fn random_weights_give_two_labelled_numbers() {
    let noise = Noise::seeded(3);
    let run = |model: &Vae| {
        let mut last = (0, 0);
        let both = evaluate::log_likelihoods(
            model,
            data(7),
            &settings(50, 20, 3),
            &noise,
            |done, total| last = (done, total),
        );
        (both.unwrap(), last)
    };
    let (plain, progress) = run(&model(Uncertainty::None));
    assert!(plain.posterior_mean.is_none());
    assert_eq!(progress, (7, 7));

    let random = model(Uncertainty::EncoderAndDecoder);
    let (both, progress) = run(&random);
    assert_eq!(progress, (14, 14));
    let at_mean = both.posterior_mean.unwrap();
    assert_eq!(
        at_mean,
        evaluate(&random.posterior_mean().unwrap(), settings(50, 20, 3))
    );
    assert_ne!(at_mean.values, both.fresh_weights.values);
}

/// A random model and its posterior mean share the noise of their latents, so that with vanishing
/// weight noise the two numbers agree, image by image, far below their Monte Carlo error.
#[test]
fn the_two_numbers_share_the_noise_of_the_latents() {
    for uncertainty in [Uncertainty::Encoder, Uncertainty::EncoderAndDecoder] {
        let model = VaeConfig::new(10, 2)
            .with_hidden(vec![6, 4])
            .with_uncertainty(uncertainty)
            .with_initial_weight_std(1e-7)
            .init(&device(), &mut Noise::seeded(1));
        let both = evaluate::log_likelihoods(
            &model,
            data(7),
            &settings(20, 20, 7),
            &Noise::seeded(3),
            |_, _| (),
        )
        .unwrap();
        let at_mean = both.posterior_mean.unwrap();
        assert!(at_mean.monte_carlo_error() > 0.01);
        for (a, b) in at_mean.values.iter().zip(both.fresh_weights.values) {
            assert!((a - b).abs() < 1e-4, "{uncertainty:?}: {a}, {b}");
        }
    }
}

#[test]
fn settings_that_cannot_work_are_refused() {
    let model = model(Uncertainty::None);
    let run = |x: Tensor<2>, settings| {
        evaluate::log_likelihood(&model, x, &settings, &Noise::seeded(0))
            .unwrap_err()
            .to_string()
    };
    assert!(run(data(1), settings(0, 1, 1)).contains("num_samples"));
    assert!(run(data(1), settings(1, 0, 1)).contains("samples_per_chunk"));
    assert!(run(data(1), settings(1, 1, 0)).contains("rows_per_chunk"));
    assert!(run(Tensor::zeros([0, 10], &device()), settings(1, 1, 1)).contains("`number of rows`"));
}

/// The noise says which samples and datapoints are meant, as in a call of the model.
#[test]
fn samples_and_datapoints_are_those_of_the_noise() {
    let model = model(Uncertainty::EncoderAndDecoder);
    let of = |rows: &[i32], samples, noise: Noise| {
        let rows = Tensor::<1, Int>::from_ints(rows, &device());
        let x = data(7).select(0, rows);
        let estimate = evaluate::log_likelihood(&model, x, &settings(samples, 8, 2), &noise);
        estimate.unwrap().values
    };
    let noise = || Noise::seeded(3);
    let whole = of(&[0, 1, 2, 3, 4, 5, 6], 40, noise());
    let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-5, "{a}, {b}");

    let ids = |ids: &[u32]| noise().with_datapoints(ids);
    for (some, row) in of(&[6, 0, 3], 40, ids(&[6, 0, 3]))
        .into_iter()
        .zip([6, 0, 3])
    {
        close(some, whole[row]);
    }
    for (some, all) in of(&[2, 3], 40, noise().with_first_datapoint(2))
        .into_iter()
        .zip(&whole[2..])
    {
        close(some, *all);
    }
    // The likelihood of 40 samples is the mean of those of 30 and the other 10.
    let all: [i32; 7] = std::array::from_fn(|row| row as i32);
    let (first, rest) = (
        of(&all, 30, noise()),
        of(&all, 10, noise().with_first_sample(30)),
    );
    for ((first, rest), whole) in first.iter().zip(&rest).zip(&whole) {
        close((0.75 * first.exp() + 0.25 * rest.exp()).ln(), *whole);
    }
}

#[test]
fn scores_and_variances_go_by_datapoint_and_sample() {
    let model = model(Uncertainty::EncoderAndDecoder);
    let noise = || Noise::seeded(4);
    let settings = settings(10, 10, 10);
    let scores = |x, noise: Noise| evaluate::scores(&model, x, 3, &settings, &noise).unwrap();
    let together = scores(data(7), noise());
    let alone = scores(data(7).narrow(0, 5, 1), noise().with_datapoints(&[5]));
    let difference = (alone.log_likelihood[0] - together.log_likelihood[5]).abs();
    assert!(difference < 1e-5, "{difference}");

    let variance = |mut noise: Noise| {
        let found = evaluate::predictive_variance(&model, data(7), 3, 4, &mut noise);
        found.from_latents.into_data().try_to_vec::<f32>().unwrap()
    };
    assert_ne!(variance(noise()), variance(noise().with_first_sample(12)));
}
