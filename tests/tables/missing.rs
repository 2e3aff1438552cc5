//! Missing cells.

use super::*;
use burn::module::{ModuleVisitor, Param};
use burn_bayes::{
    model::Imputation,
    network::FullCovariance,
    progress::Progress,
    train::{Backward, Run},
};

const NAN: f32 = f32::NAN;

/// Every kind of value that stands in for a missing one.
fn columns() -> Columns {
    Columns::new([
        (Family::Normal(Scale::default()), 1),
        (Family::Beta, 1),
        (Family::Categorical { classes: 3 }, 1),
        (Family::NegativeBinomial, 1),
        (Family::ContinuousBernoulli, 1),
    ])
}

fn model(device: &Device) -> IncompleteVae {
    IncompleteVae::new(columns(), 2, vec![6], device, &mut Noise::seeded(0))
}

fn x(device: &Device) -> Tensor<2> {
    let whole = [0.7, 0.2, 2.0, 5.0, 0.9];
    let table = [
        whole,
        [0.7, NAN, 2.0, NAN, 0.9],
        [NAN, 0.2, NAN, 5.0, NAN],
        [NAN; 5],
    ];
    rows(&table, device)
}

/// log p(x | z) is the sum over observed cells, and nothing else; with none of them it is 0.
#[test]
fn missing_cells_are_left_out() {
    let device = Device::default();
    let model = model(&device);
    let log_weights = model.log_weights(x(&device), 4, &mut Noise::seeded(1));
    let z = log_weights.latents[0].z.clone();
    let p = model.vae.decoder.forward(z, 4, &mut Noise::seeded(2));
    let safe = x(&device)
        .narrow(0, 0, 1)
        .unsqueeze_dim::<3>(0)
        .expand([1, 4, 5]);
    let each = values(p.log_prob_of_features(safe).unwrap());
    let there: Vec<bool> = values(x(&device)).iter().map(|x| !x.is_nan()).collect();
    let expected = each.chunks(5).enumerate().map(|(i, each)| {
        let there = &there[i % 4 * 5..][..5];
        let both = each.iter().zip(there).filter(|(_, there)| **there);
        both.map(|(log_prob, _)| log_prob).sum::<f64>()
    });
    let expected: Vec<f64> = expected.collect();
    let found = values(log_weights.log_likelihood);
    assert_close("log p(x | z)", &found, &expected, 1e-6);
    assert!(found.iter().skip(3).step_by(4).all(|&x| x == 0.0));
}

/// With nothing observed E w = 1, so that every bound is at most 0.
#[test]
fn nothing_is_learned_of_a_row_without_cells() {
    let device = Device::default();
    // The proposal's mean is away from 0.
    let mut model = model(&device);
    let bias = Tensor::from_floats([0.4, -0.3, -0.3, -0.5], &device);
    model.vae.encoder.network = model.vae.encoder.network.with_output_bias(bias);
    let nothing = rows(&[[NAN; 5]], &device);
    let (k, repetitions) = (10, 4000);
    let x = nothing.clone().expand([repetitions, 5]);
    let log_weights = model.log_weights(x, k, &mut Noise::seeded(1));
    let kl = values(log_weights.latent_kl().unwrap())[0];
    assert!(kl > 0.05, "{kl}");
    let total = log_weights.total();
    let mean_and_error = |values: Vec<f64>| {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        (mean, (squares / (n - 1.0) / n).sqrt())
    };
    // To five standard errors.
    let (mean, error) = mean_and_error(values(total.clone().exp()));
    assert!((mean - 1.0).abs() < 5.0 * error, "E w = {mean} ± {error}");
    let (elbo, error) = mean_and_error(values(bound::vae(total.clone())));
    assert!((elbo + kl).abs() < 5.0 * error, "{elbo} ± {error}, −{kl}");
    let (iwae, error) = mean_and_error(values(bound::iwae(total)));
    assert!(
        iwae < 5.0 * error && iwae > elbo,
        "{iwae} ± {error}, {elbo}"
    );

    // From the prior itself every weight is 1.
    let zeros = common::linear(vec![0.0; 10 * 4], [10, 4], vec![0.0; 4], &device);
    model.vae.encoder.network = Mlp::from_layers(vec![zeros], Activation::Identity);
    let total = model.log_weights(nothing, k, &mut Noise::seeded(1)).total();
    assert_close("log w", &values(total), &[0.0; 10], 1e-6);
}

/// Every parameter has a finite gradient, whatever is missing.
#[test]
fn no_gradient_is_nan() {
    struct Finite<'a>(&'a burn::tensor::Gradients, usize);
    impl ModuleVisitor for Finite<'_> {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            let gradient = values(param.val().grad(self.0).unwrap());
            assert!(gradient.iter().all(|x| x.is_finite()), "{gradient:?}");
            self.1 += gradient.iter().filter(|x| **x != 0.0).count();
        }
    }
    let device = Device::default().autodiff();
    let model = model(&device);
    let total = model
        .log_weights(x(&device), 4, &mut Noise::seeded(1))
        .total();
    let finite = values(total.clone());
    assert!(finite.iter().all(|x| x.is_finite()), "{finite:?}");
    let gradients = bound::iwae(total).sum().backward();
    let mut visitor = Finite(&gradients, 0);
    model.visit(&mut visitor);
    assert!(visitor.1 > model.num_params() / 2);
}

/// What is drawn for a row does not depend on the rows beside it.
#[test]
fn imputations_do_not_depend_on_batches() {
    let device = Device::default();
    let model = model(&device);
    let (k, m) = (30, 6);
    let Imputation {
        mean,
        effective_sample_size,
        ..
    } = model.impute(x(&device), k, &mut Noise::seeded(5));
    let draws = model.impute_draws(x(&device), k, m, &mut Noise::seeded(5));
    for first in 0..4 {
        let noise = || Noise::seeded(5).with_first_datapoint(first as u32);
        let row = x(&device).narrow(0, first, 1);
        let alone = model.impute(row.clone(), k, &mut noise());
        let of = |tensor: &Tensor<2>| values(tensor.clone().narrow(0, first, 1));
        assert_close("the mean", &values(alone.mean), &of(&mean), 1e-5);
        let size = values(effective_sample_size.clone())[first];
        assert_close(
            "the size",
            &values(alone.effective_sample_size),
            &[size],
            1e-4,
        );
        let drawn = values(model.impute_draws(row, k, m, &mut noise()));
        assert_close(
            "draws",
            &drawn,
            &values(draws.clone().narrow(1, first, 1)),
            1e-4,
        );
    }
    // Whole cells stay, to the bit; others are of their columns.
    let support = columns().support();
    let cells = values(x(&device));
    for (i, drawn) in values(draws).into_iter().enumerate() {
        let cell = cells[i % cells.len()];
        let fine = match cell.is_nan() {
            true => support.of_feature(i % 5).contains(drawn as f32),
            false => drawn == cell,
        };
        assert!(fine, "{drawn} for {cell} in column {}", i % 5);
    }
}

/// With random weights a sample's cells are drawn under the weights that gave it its share: of a
/// single sample all draws have one decoder, whose spread is that of its likelihood.
#[test]
fn draws_have_the_weights_of_their_samples() {
    let (device, mut noise) = (Device::default(), Noise::seeded(0));
    let random = Weights::Random {
        initial_std: 1.0,
        prior: WeightPrior::default(),
        random_bias: true,
    };
    let encoder = GaussianEncoder::new(&MlpConfig::new(4, vec![], 1), &device, &mut noise);
    let mlp = MlpConfig::new(1, vec![], 2).with_weights(random);
    let family = Family::Normal(Scale::Fixed { std: 1e-3 });
    let decoder = Decoder::new(&mlp, family, &device, &mut noise);
    let model = IncompleteVae::from_parts(encoder, StandardNormal::new(1), decoder);
    let x = rows(&[[NAN, NAN]], &device);
    let mean = values(model.impute(x.clone(), 1, &mut Noise::seeded(3)).mean);
    let draws = values(model.impute_draws(x, 1, 20, &mut Noise::seeded(3)));
    for (i, drawn) in draws.iter().enumerate() {
        assert!((drawn - mean[i % 2]).abs() < 0.006, "{drawn}, {mean:?}");
    }
    let different = draws.iter().any(|drawn| drawn != &draws[0]);
    assert!(different && model.posterior_mean().is_some() && model.random_layers().len() == 1);
}

#[test]
#[should_panic(expected = "without `log_prob_of_features`")]
fn features_that_depend_on_one_another_are_refused() {
    let (device, mut noise) = (Device::default(), Noise::seeded(0));
    let encoder = GaussianEncoder::new(&MlpConfig::new(4, vec![], 1), &device, &mut noise);
    let network = MlpConfig::new(1, vec![], 5).init(&device, &mut noise);
    let decoder = Conditional::from_parts(network, FullCovariance);
    let model = IncompleteVae::from_parts(encoder, StandardNormal::new(1), decoder);
    let _ = model.log_weights(rows(&[[NAN, 1.0]], &device), 1, &mut noise);
}

/// Data with missing cells go into models that leave them out, and into no others.
#[test]
fn missing_cells_are_refused_by_other_models() {
    let table = vec![0.5, 1.0, NAN, 0.0];
    let error = Datapoints::new("table", table.clone(), 2)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("row 1, feature 0") && error.contains("with_missing"),
        "{error}"
    );
    let infinite = Datapoints::with_missing("table", vec![0.5, f32::INFINITY], 2);
    assert!(
        infinite
            .unwrap_err()
            .to_string()
            .contains("feature 1 is inf")
    );

    let data = Datapoints::with_missing("table", table, 2).unwrap();
    let columns = Columns::new([
        (Family::Normal(Scale::default()), 1),
        (Family::Bernoulli, 1),
    ]);
    let (device, mut noise) = (Device::default(), Noise::seeded(0));
    let model = IncompleteVae::new(columns.clone(), 1, vec![4], &device, &mut noise);
    data.check(model.support()).unwrap();
    let binarized = data.clone().binarized(Binarization::Dynamic);
    binarized.check(model.support()).unwrap(); // missing cells stay missing
    let whole = columns.support();
    for refused in [data.check(whole.clone()), binarized.check(whole.clone())] {
        let error = refused.unwrap_err().to_string();
        assert!(error.contains("row 1, feature 0 is NaN"), "{error}");
    }
    let error = data.check(whole).unwrap_err().to_string();
    assert!(error.contains("`IncompleteVae`"), "{error}");

    let dir = tempfile::tempdir().unwrap();
    let run = Run::new(dir.path().join("run")).with_progress(Progress::Silent);
    let replayed = Backward::Replayed {
        samples_per_chunk: 2,
        threshold: 0.0,
    };
    let objective = Objective::iwae(3).with_backward(replayed);
    let training = TrainingConfig::new(objective).with_epochs(2);
    let trained = training.fit(model, &data, None, run).unwrap();
    let settings = ReportSettings::new()
        .with_num_samples(20)
        .with_progress(Progress::Silent);
    let report = evaluate::report(&trained.model, &data, &settings).unwrap();
    assert!(report.log_likelihood.mean().is_finite());
    let pruned = trained.model.without_units(&[vec![0]]).unwrap();
    let x = data.select(&[1], &device);
    let parts = pruned.log_weights(x, 5, &mut noise);
    // Its only unit is the prior's, whatever is observed.
    let ratio = values(parts.log_prior - parts.log_proposal);
    assert_close("log p(z) − log q(z | x)", &ratio, &[0.0; 5], 1e-6);
}
