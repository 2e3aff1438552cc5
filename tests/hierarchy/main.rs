//! Several stochastic layers: against a linear model whose evidence is known, and as one layer is.

#[path = "../common/mod.rs"]
mod common;
mod estimators;
#[path = "../common/flat.rs"]
mod flat;
mod ladder;
mod linear;
mod vamp;

use burn::optim::GradientsParams;
use burn_bayes::{
    evaluate::report,
    gradient::{Estimator, Replay},
    model::Latents,
    prelude::*,
};
use flat::flat;

const K: usize = 12;

/// x of 6 features, z₁ of 3, z₂ of 2.
fn config(uncertainty: Uncertainty) -> VaeConfig {
    VaeConfig::new(6, 3)
        .with_hidden(vec![7])
        .with_uncertainty(uncertainty)
        .with_initial_weight_std(0.2)
        .with_above(vec![Latents::new(2).with_hidden(vec![5])])
}

fn model(uncertainty: Uncertainty) -> Vae {
    let device = Device::default().autodiff();
    config(uncertainty).init(&device, &mut Noise::seeded(1))
}

fn rows(count: usize) -> Tensor<2> {
    let device = Device::default().autodiff();
    let numbers = Noise::seeded(2).uniform([1, count, 6], &device);
    numbers.lower_elem(0.4).float().squeeze_dim(0)
}

fn noise() -> Noise {
    Noise::seeded(3).with_datapoints(&[11, 5, 900, 4])
}

fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f64> {
    tensor.into_data().iter::<f64>().collect()
}

/// An entry adds up the terms of 48 samples in `f32`, and in another order: some dozen roundings of
/// 6e-8 of the largest.
fn assert_close(actual: &[f64], expected: &[f64]) {
    let size = expected.iter().fold(0.0, |size: f64, g| size.max(g.abs()));
    assert!(size > 1e-3, "a gradient of nothing");
    assert_eq!(actual.len(), expected.len());
    for (actual, expected) in actual.iter().zip(expected) {
        let error = (actual - expected).abs();
        assert!(error < 1e-5 * size, "{actual}, expected {expected}");
    }
}

#[test]
fn every_log_weight_of_a_linear_model_is_its_evidence() {
    let device = Device::default();
    let x = [[0.3, -2.0], [4.0, 0.5], [-1.0, 1.5]];
    for layers in [1, 2, 3] {
        let model = linear::exact(layers, &device);
        let data = Tensor::<2>::from_data(x, &device);
        let weights = model.log_weights(data, 20, &mut Noise::seeded(layers as u64));
        assert_eq!(weights.latents.len(), layers);
        for (i, weight) in numbers(weights.total()).into_iter().enumerate() {
            let exact = linear::log_evidence(x[i % 3], layers);
            // Sums of a dozen terms up to 50, in `f32`.
            assert!((weight - exact).abs() < 1e-4, "{layers}: {weight} {exact}");
        }
    }
}

#[test]
fn two_passes_give_the_plain_gradient() {
    for uncertainty in [
        Uncertainty::None,
        Uncertainty::Encoder,
        Uncertainty::Decoder,
        Uncertainty::EncoderAndDecoder,
    ] {
        let model = model(uncertainty);
        let log_weights = model.log_weights(rows(4), K, &mut noise());
        let loss = -bound::iwae(log_weights.total()).mean();
        let expected = flat(
            &model,
            &GradientsParams::from_grads(loss.backward(), &model),
        );
        for threshold in [0.0, 1e-12] {
            let replay = Replay::new(K)
                .with_samples_per_chunk(5)
                .with_threshold(threshold);
            let replayed = replay.run(&model, rows(4), &mut noise());
            assert_close(&flat(&model, &replayed.gradients), &expected);
        }
    }
}

/// z₁ of the linear model is normal, with mean 0 and a covariance that is known.
#[test]
fn sampled_latents_have_the_distribution_of_the_lowest_layer() {
    const COUNT: usize = 50_000;
    for layers in [1, 2, 3] {
        let model = linear::exact(layers, &Device::default());
        let z = model.sample_latents(COUNT, &mut Noise::seeded(8));
        assert_eq!(z.dims(), [1, COUNT, 2]);
        let z = numbers(z);
        let exact = linear::covariance_above(0, layers);
        for (i, j) in [(0, 0), (0, 1), (1, 1)] {
            let products = z.chunks(2).map(|z| z[i] * z[j]);
            let found = products.sum::<f64>() / COUNT as f64;
            // A product of normal numbers has variance Σᵢᵢ Σⱼⱼ + Σᵢⱼ²; 5 standard errors.
            let variance = exact[i][i] * exact[j][j] + exact[i][j].powi(2);
            let most = 5.0 * (variance / COUNT as f64).sqrt();
            let expected = exact[i][j];
            assert!(
                (found - expected).abs() < most,
                "{layers}: {found} {expected}"
            );
        }
    }
}

/// Each number has its own coordinates: samples and rows may be cut and ordered.
#[test]
fn log_weights_are_equal_under_any_cut() {
    let model = model(Uncertainty::EncoderAndDecoder).valid();
    let x = rows(4).inner();
    let whole = model.log_weights(x.clone(), K, &mut noise());
    let later = model.log_weights(x.clone(), 5, &mut noise().with_first_sample(7));
    let expected = numbers(whole.total().narrow(0, 7, 5));
    // Products of other sizes may add up in another order.
    let same = |found: Vec<f64>, expected: &[f64]| {
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-5, "{found} {expected}");
        }
    };
    same(numbers(later.total()), &expected);
    let swapped = Tensor::cat(vec![x.clone().narrow(0, 2, 1), x.narrow(0, 0, 1)], 0);
    let mut some = Noise::seeded(3).with_datapoints(&[900, 11]);
    let found = model.log_weights(swapped, K, &mut some).total();
    let expected = Tensor::cat(
        vec![
            whole.total().slice([0..12, 2..3]),
            whole.total().slice([0..12, 0..1]),
        ],
        1,
    );
    same(numbers(found), &numbers(expected));
}

/// Random weights change nothing in the noise of latents, at their mean they are the plain model.
#[test]
fn layers_share_the_noise_of_latents() {
    let random = model(Uncertainty::EncoderAndDecoder).valid();
    assert_eq!(random.random_layers().len(), 8);
    let names: Vec<String> = random
        .random_layers()
        .into_iter()
        .map(|layer| layer.0)
        .collect();
    assert_eq!(names[4], "prior.layers.0.encoder.0");
    let plain = random.posterior_mean().unwrap();
    assert!(plain.weight_kl().is_none());
    let z = |model: &Vae| {
        let weights = model.log_weights(rows(4).inner(), K, &mut noise());
        let latents = weights.latents.iter().map(|latent| {
            let epsilon =
                (latent.z.clone() - latent.proposal.mean()) / latent.proposal.variance().sqrt();
            numbers(epsilon)
        });
        latents.collect::<Vec<_>>()
    };
    for (a, b) in z(&random).iter().zip(&z(&plain)) {
        for (a, b) in a.iter().zip(b) {
            assert!((a - b).abs() < 1e-4, "{a} {b}");
        }
    }
    let drawn = random.sample_weights(&mut Noise::seeded(9)).unwrap();
    assert!(drawn.weight_kl().is_none());
}

#[test]
fn each_layer_may_have_its_own_uncertainty() {
    let latents = Latents::new(2)
        .with_hidden(vec![])
        .with_uncertainty(Some(Uncertainty::Decoder));
    let config = config(Uncertainty::None).with_above(vec![latents]);
    let model = config.init(&Device::default(), &mut Noise::seeded(0));
    let layers = model.random_layers();
    assert_eq!(layers.len(), 1);
    assert_eq!(layers[0].0, "prior.layers.0.decoder.0");
    assert!(model.encoder_weight_kl().is_none() && model.decoder_weight_kl().is_some());
}

/// p(z₁ | z₂) looks at a z₂ that knows z₁, so a closed form would stand for nothing.
#[test]
fn there_is_no_divergence_in_closed_form() {
    let model = model(Uncertainty::None).valid();
    let weights = model.log_weights(rows(4).inner(), 3, &mut noise());
    assert!(weights.latent_kl().is_none());
    let one = VaeConfig::new(6, 3).init(&Device::default(), &mut Noise::seeded(0));
    let weights = one.log_weights(rows(4).inner(), 3, &mut noise());
    assert!(weights.latent_kl().is_some());
}

/// Where a divergence in closed form is needed, the laws that have none are named.
#[test]
fn an_analytic_bound_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let data = numbers(rows(40)).iter().map(|&x| x as f32).collect();
    let data = Datapoints::new("x", data, 6).unwrap();
    fn refused<M>(model: M, data: &Datapoints, folder: &std::path::Path) -> String
    where
        M: LatentVariableModel + Module + std::fmt::Display + 'static,
    {
        let training = TrainingConfig::new(Objective::vae_analytic(2));
        let fitted = training.fit(model, data, None, folder.join("run"));
        assert!(!folder.join("run").exists());
        fitted.map(|_| ()).unwrap_err().to_string()
    }
    let two = refused(model(Uncertainty::None).valid(), &data, folder.path());
    assert!(
        two.contains("p of layer 1 looks at draws that were made from its own"),
        "{two}"
    );
    let noise = &mut Noise::seeded(0);
    let device = Device::default();
    let mixture = burn_bayes::model::MixturePrior::new(3, 2, &device, noise);
    let encoder = GaussianEncoder::new(&MlpConfig::new(6, vec![5], 2), &device, noise);
    let decoder = BernoulliDecoder::new(&MlpConfig::new(2, vec![5], 6), &device, noise);
    let mixture = Vae::from_parts(encoder, mixture, decoder);
    let one = refused(mixture, &data, folder.path());
    assert!(one.contains("Normal from NormalMixture"), "{one}");
}

#[test]
fn models_are_saved_with_their_layers() {
    let folder = tempfile::tempdir().unwrap();
    let device = Device::default();
    let config = config(Uncertainty::Encoder);
    let model = config.init(&device, &mut Noise::seeded(4));
    model.save(&config, folder.path()).unwrap();
    let (loaded_config, loaded) = Vae::load(folder.path(), &device).unwrap();
    assert_eq!(loaded_config.above, config.above);
    let weigh = |model: &Vae| numbers(model.log_weights(rows(4).inner(), 3, &mut noise()).total());
    assert_eq!(weigh(&model), weigh(&loaded));
    let other = config.with_above(Vec::new());
    let error = model.save(&other, folder.path()).unwrap_err().to_string();
    assert!(error.contains("Hierarchy"), "{error}");
}

#[test]
fn widths_of_layers_must_fit() {
    let wrong = VaeConfig::new(6, 3).with_above(vec![Latents::new(0)]);
    let error = wrong.validate().unwrap_err().to_string();
    assert!(error.contains("above.d_latent"), "{error}");
}

/// A dead unit in each layer is found and switched off, and nothing changes.
#[test]
fn inactive_units_of_all_layers_are_left_out() {
    let device = Device::default();
    let model = model(Uncertainty::EncoderAndDecoder).valid();
    let dead = model.without_units(&[vec![1], vec![0]]).unwrap();
    let data = Datapoints::new(
        "x",
        numbers(rows(40)).iter().map(|&x| x as f32).collect(),
        6,
    );
    let mut settings = ReportSettings::new()
        .with_num_samples(200)
        .with_progress(Progress::Silent);
    settings.active_threshold = 1e-6;
    let report = report(&dead, &data.unwrap(), &settings).unwrap();
    assert_eq!(report.layers.len(), 2);
    assert_eq!(report.layers[0].inactive(1e-6), [1]);
    assert_eq!(report.layers[1].inactive(1e-6), [0]);
    let sum: f64 = report.parts.kl.iter().sum();
    assert!((sum - report.parts.log_ratio).abs() < 1e-4);
    let again = report.without_inactive.expect("two units are dead");
    assert!(again.difference.abs() < 1e-5, "{}", again.difference);
    assert!(model.without_units(&[vec![1]]).is_none());
    let _ = device;
}

/// For the linear model with its exact posteriors all parts of a report are known: log p̂(x) with
/// any number of samples, the sum of the layers' KLs, the activity of z₁, whose mean is linear in
/// x.
#[test]
fn a_report_of_a_linear_model_tells_what_is_known() {
    let device = Device::default();
    let x: Vec<[f64; 2]> = (0..40)
        .map(|i| [(i as f64 - 19.5) / 8.0, ((i * 7 % 40) as f64 - 19.5) / 10.0])
        .collect();
    let rows = x.iter().flatten().map(|&x| x as f32).collect();
    let data = Datapoints::new("x", rows, 2).unwrap();
    for layers in [1, 2, 3] {
        let model = linear::exact(layers, &device);
        let mut settings = ReportSettings::new()
            .with_num_samples(300)
            .with_progress(Progress::Silent);
        settings.active_threshold = 0.0;
        let found = report(&model, &data, &settings).unwrap();
        for (value, x) in found.log_likelihood.values.iter().zip(&x) {
            let exact = linear::log_evidence(*x, layers);
            assert!((value - exact).abs() < 1e-4, "{layers}: {value} {exact}");
        }
        let mean = found.log_likelihood.values.iter().sum::<f64>() / 40.0;
        // Each log-weight is the evidence, so likelihood and layers' KLs differ by it.
        let kl: f64 = found.parts.kl.iter().sum();
        assert_eq!(found.parts.kl.len(), layers);
        assert!((found.parts.log_likelihood - kl - mean).abs() < 1e-4);
        for unit in 0..2 {
            let means = x.iter().map(|x| linear::lowest_mean(*x, layers)[unit]);
            let means: Vec<f64> = means.collect();
            let average = means.iter().sum::<f64>() / 40.0;
            let variance = means.iter().map(|m| (m - average).powi(2)).sum::<f64>() / 40.0;
            for activity in [
                &found.layers[0].variances,
                &found.layers[0].single_draw_variances,
            ] {
                assert!((activity[unit] / variance - 1.0).abs() < 1e-5);
            }
        }
    }
}
