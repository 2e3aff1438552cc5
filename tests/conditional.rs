//! Models with covariates.

#[path = "common/mod.rs"]
mod common;
#[path = "common/flat.rs"]
mod flat;

use burn::optim::GradientsParams;
use burn_bayes::{
    evaluate::report,
    gradient::{Estimator, Replay},
    model::{ConditionalVae, Latents},
    prelude::*,
    train::Run,
};
use common::linear;
use flat::flat;

fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f64> {
    tensor.into_data().iter::<f64>().collect()
}

/// p(z) = N(0, 1), p(x | z, c) = N(a z + b c, s²), with the exact posterior: z given x and c is
/// N(a (x − b c)/(a² + s²), s²/(a² + s²)), and x given c is N(b c, a² + s²).
#[test]
fn every_log_weight_of_a_linear_model_is_its_evidence() {
    let device = Device::default();
    let (a, b, s2) = (0.8, -1.5, 0.3f64);
    let mut model = VaeConfig::new(1, 1)
        .with_hidden(vec![])
        .with_likelihood(Family::Normal(Scale::Fixed { std: s2.sqrt() }))
        .init_conditional(1, &device, &mut Noise::seeded(0));
    let precision = a * a + s2;
    // x, then c; mean, then log-variance.
    let up = vec![a / precision, 0.0, -a * b / precision, 0.0];
    let up = linear(up, [2, 2], vec![0.0, (s2 / precision).ln()], &device);
    model.vae.encoder.network.layers = vec![up];
    model.vae.decoder.network.layers = vec![linear(vec![a, b], [2, 1], vec![0.0], &device)];

    let (c, x) = ([0.5, -2.0, 1.0], [1.0, 3.5, -0.25]);
    let column = |numbers: [f64; 3]| Tensor::<1>::from_floats(numbers, &device).unsqueeze_dim(1);
    let data: (Tensor<2>, Tensor<2>) = (column(c), column(x));
    let weights = model
        .log_weights(data.clone(), 10, &mut Noise::seeded(1))
        .total();
    for (i, weight) in numbers(weights).into_iter().enumerate() {
        let distance = x[i % 3] - b * c[i % 3];
        let exact =
            -0.5 * (std::f64::consts::TAU.ln() + precision.ln() + distance * distance / precision);
        assert!((weight - exact).abs() < 1e-5, "{weight} {exact}");
    }
    // Draws of x for a c: mean b c and variance a² + s², to 4.9 standard errors.
    let c = Tensor::<2>::ones([20_000, 1], &device);
    let draws = numbers(model.sample(c, &mut Noise::seeded(2)));
    let mean = draws.iter().sum::<f64>() / 20_000.0;
    assert!(
        (mean - b).abs() < 4.9 * (precision / 20_000.0).sqrt(),
        "{mean}"
    );
    let variance = draws.iter().map(|x| (x - b).powi(2)).sum::<f64>() / 20_000.0;
    let error = precision * (2.0f64 / 20_000.0).sqrt();
    assert!((variance - precision).abs() < 4.9 * error, "{variance}");
}

/// A row is made of its latents and its covariates, whatever random weights draw.
#[test]
fn latents_do_not_know_the_covariates() {
    let model = model().valid();
    let (c, _) = rows();
    let c = c.inner();
    let mut noise = Noise::seeded(6);
    let z = model.sample_latents(3, &mut noise);
    assert_eq!(numbers(z.clone()), {
        let others = model.vae.sample_latents(3, &mut Noise::seeded(6));
        numbers(others)
    });
    let x = model.decode(z, c.clone(), &mut noise).sample(1, &mut noise);
    assert_eq!(numbers(x), numbers(model.sample(c, &mut Noise::seeded(6))));
}

fn model() -> ConditionalVae {
    let device = Device::default().autodiff();
    VaeConfig::new(6, 3)
        .with_hidden(vec![7])
        .with_uncertainty(Uncertainty::EncoderAndDecoder)
        .with_above(vec![Latents::new(2).with_hidden(vec![5])])
        .init_conditional(2, &device, &mut Noise::seeded(1))
}

/// Pairs of (c, x).
fn data() -> Paired<Datapoints, Datapoints> {
    let bits = |seed, width: usize| {
        let uniform = Noise::seeded(seed).uniform([1, 40, width], &Device::default());
        numbers(uniform.lower_elem(0.4).float())
            .iter()
            .map(|&x| x as f32)
            .collect()
    };
    let c = Datapoints::new("c", bits(3, 2), 2).unwrap();
    Paired::new(c, Datapoints::new("x", bits(4, 6), 6).unwrap()).unwrap()
}

fn rows() -> (Tensor<2>, Tensor<2>) {
    let (c, x) =
        Source::select(&data(), &[3, 0, 8], &Device::default(), &Noise::seeded(0)).unwrap();
    (Tensor::from_inner(c), Tensor::from_inner(x))
}

#[test]
fn two_passes_give_the_plain_gradient() {
    let model = model();
    let log_weights = model.log_weights(rows(), 12, &mut Noise::seeded(5));
    let loss = -bound::iwae(log_weights.total()).mean();
    let expected = flat(
        &model,
        &GradientsParams::from_grads(loss.backward(), &model),
    );
    let largest = expected.iter().fold(0.0, |size: f64, g| size.max(g.abs()));
    for threshold in [0.0, 1e-12] {
        let replay = Replay::new(12)
            .with_samples_per_chunk(5)
            .with_threshold(threshold);
        let replayed = replay.run(&model, rows(), &mut Noise::seeded(5));
        for (found, expected) in flat(&model, &replayed.gradients).iter().zip(&expected) {
            assert!((found - expected).abs() < 1e-5 * largest);
        }
    }
}

/// Along the path of z each gradient of the encoder has its sample's factor.
#[test]
fn gradients_along_the_path_have_their_factors() {
    let model = model();
    let gradient = |factor: f64| {
        let (c, x) = rows();
        let factors = Tensor::full([4, x.dims()[0]], factor, &x.device().without_autodiff());
        let noise = &mut Noise::seeded(5);
        let along = model
            .log_weights_along_path((c, x), 4, noise, factors)
            .unwrap();
        let gradients = along.total().sum().backward();
        let encoder = &model.vae.encoder;
        flat(encoder, &GradientsParams::from_grads(gradients, encoder))
    };
    let (once, twice) = (gradient(1.0), gradient(2.0));
    let largest = once.iter().fold(0.0, |most: f64, x| most.max(x.abs()));
    for (once, twice) in once.iter().zip(twice) {
        assert!((twice - 2.0 * once).abs() < 1e-5 * largest);
    }
}

/// c reaches x and z: another c gives other log-weights. Trained, reported, pruned.
#[test]
fn they_are_trained_and_reported() {
    let model = model().valid();
    let (c, x) = rows();
    let (c, x) = (c.inner(), x.inner());
    let weigh = |c: Tensor<2>| {
        let weights = model.log_weights((c, x.clone()), 4, &mut Noise::seeded(0));
        (
            numbers(weights.log_likelihood),
            numbers(weights.log_proposal),
        )
    };
    let (with, without) = (weigh(c.clone()), weigh(c.zeros_like()));
    assert!(with.0 != without.0 && with.1 != without.1);

    let folder = tempfile::tempdir().unwrap();
    let run = Run::new(folder.path()).with_progress(Progress::Silent);
    let objective = Objective::iwae(4).with_estimator(Estimator::DoublyReparameterized);
    let training = TrainingConfig::new(objective)
        .with_epochs(20)
        .with_batch_size(5);
    let trained = training.fit(model, &data(), None, run).unwrap();
    assert!(trained.curve[19].train.bound > trained.curve[0].train.bound + 0.1);
    let dead = trained.model.without_units(&[vec![0], vec![]]).unwrap();
    let settings = ReportSettings::new()
        .with_num_samples(50)
        .with_progress(Progress::Silent);
    let report = report(&dead, &data(), &settings).unwrap();
    assert!(report.layers[0].inactive(1e-6).contains(&0));
    assert_eq!(report.layers.len(), 2);
}

#[test]
#[should_panic(expected = "the model has 2 covariates, the data have 3")]
fn other_covariates_are_refused() {
    let (_, x) = rows();
    let c = Tensor::zeros([3, 3], &x.device());
    let _ = model().log_weights((c, x), 2, &mut Noise::seeded(0));
}

#[test]
fn covariates_that_are_missing_are_refused() {
    let c = Datapoints::with_missing("c", vec![0.0, f32::NAN, 1.0, 1.0], 2).unwrap();
    let x = Datapoints::new("x", vec![0.0; 12], 6).unwrap();
    let data = Paired::new(c, x).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let run = Run::new(folder.path().join("run"));
    let fitted = TrainingConfig::new(Objective::iwae(2)).fit(model().valid(), &data, None, run);
    let error = fitted.map(|_| ()).unwrap_err().to_string();
    assert!(error.contains("row 0, feature 1"), "{error}");
}

#[test]
#[should_panic(expected = "there are covariates of 1 rows, and 3 rows")]
fn covariates_of_other_rows_are_refused() {
    let (c, x) = rows();
    let _ = model().log_weights((c.narrow(0, 0, 1), x), 2, &mut Noise::seeded(0));
}
