//! Models made of a user's own parts: they train, resume, save, and are reported on like the
//! built-in ones.

#[path = "common/bits.rs"]
mod bits;
use bits::bits;
use burn::module::Param;
use burn_bayes::{
    evaluate::report,
    model::{load_weights, save_weights},
    prelude::*,
    train::{Backward, Run, Trained},
};
use std::{f64::consts::TAU, fmt::Display, sync::Arc};

fn device() -> Device {
    Device::default()
}

/// p(x) = ½ exp(−|x − loc|), features independent.
#[derive(Debug)]
struct Laplace {
    loc: Tensor<3>,
}

impl Distribution for Laplace {
    fn log_prob(&self, x: Tensor<3>) -> Tensor<2> {
        let log_prob = (x - self.loc.clone()).abs().add_scalar(2.0f64.ln()).neg();
        log_prob.sum_dim(2).squeeze_dim(2)
    }

    fn sample(&self, num_samples: usize, noise: &mut Noise) -> Tensor<3> {
        let [_, batch, features] = self.loc.dims();
        let u = noise
            .uniform([num_samples, batch, features], &device())
            .sub_scalar(0.5);
        let distance = u.clone().abs().mul_scalar(-2.0).log1p().neg();
        self.loc.clone() + u.sign() * distance
    }

    fn mean(&self) -> Tensor<3> {
        self.loc.clone()
    }

    fn variance(&self) -> Tensor<3> {
        self.loc.full_like(2.0)
    }
}

#[derive(Clone, Debug)]
struct LaplaceHead;

impl Head for LaplaceHead {
    type Output = Laplace;

    fn num_outputs(&self, num_features: usize) -> usize {
        num_features
    }

    fn distribution(&self, outputs: Tensor<3>) -> Laplace {
        Laplace { loc: outputs }
    }

    fn support(&self) -> Support {
        Support::Real
    }
}

/// Two normal distributions of variance 1, each as likely.
#[derive(Debug)]
struct Two {
    means: Tensor<2>,
    batch: usize,
}

impl Distribution for Two {
    fn log_prob(&self, z: Tensor<3>) -> Tensor<2> {
        let [samples, batch, units] = z.dims();
        let means = self.means.clone().reshape([2, 1, units]);
        let p = Normal::new(means.clone(), means.ones_like());
        let rows = z.reshape([1, samples * batch, units]);
        bound::log_mean_exp(p.log_prob(rows)).reshape([samples, batch])
    }

    fn sample(&self, num_samples: usize, noise: &mut Noise) -> Tensor<3> {
        let [_, units] = self.means.dims();
        let rows = num_samples * self.batch;
        let choice = noise.uniform([num_samples, self.batch, 1], &device());
        let choice = choice.mul_scalar(2.0).int().reshape([rows]);
        let shape = [num_samples, self.batch, units];
        let means = self.means.clone().select(0, choice).reshape(shape);
        means + noise.normal(shape, &device())
    }

    fn mean(&self) -> Tensor<3> {
        let mean = self.means.clone().mean_dim(0).unsqueeze::<3>();
        mean.repeat_dim(1, self.batch)
    }

    fn variance(&self) -> Tensor<3> {
        let centred = self.means.clone() - self.means.clone().mean_dim(0);
        let variance = centred.square().mean_dim(0).add_scalar(1.0);
        variance.unsqueeze::<3>().repeat_dim(1, self.batch)
    }
}

#[derive(Module, Debug)]
struct TwoPrior {
    means: Param<Tensor<2>>,
}

impl Prior for TwoPrior {
    fn num_units(&self) -> usize {
        self.means.val().dims()[1]
    }

    fn distribution(&self, batch: usize, _: &Device) -> Arc<dyn Distribution> {
        let means = self.means.val();
        Arc::new(Two { means, batch })
    }
}

/// A network of one's own: a layer of fixed weights, then one that may be random.
#[derive(Module, Debug)]
struct Skip {
    inner: Mlp,
    last: Dense,
}

random_weights!(Skip { inner, last });

impl Network for Skip {
    fn forward(&self, input: Tensor<3>, num_samples: usize, noise: &mut Noise) -> Tensor<3> {
        let hidden = self.inner.forward(input.clone(), num_samples, noise) + input;
        self.last.forward(hidden, num_samples, noise)
    }
}

type Mine = Vae<Conditional<DiagonalNormal, Skip>, TwoPrior, Conditional<LaplaceHead, Mlp>>;

fn mine(weights: Weights) -> Mine {
    let mut noise = Noise::seeded(3);
    let dense = Dense::new(
        [4, 4],
        weights,
        Initializer::GlorotUniform,
        &device(),
        &mut noise,
    );
    let skip = Skip {
        inner: MlpConfig::new(4, vec![6], 4).init(&device(), &mut noise),
        last: dense,
    };
    let means = Tensor::from_floats([[1.0, -0.5], [-1.0, 0.25]], &device());
    let mlp = MlpConfig::new(2, vec![8], 4).with_weights(weights);
    Vae::from_parts(
        Conditional::from_parts(skip, DiagonalNormal),
        TwoPrior {
            means: Param::from_tensor(means),
        },
        Conditional::from_parts(mlp.init(&device(), &mut noise), LaplaceHead),
    )
}

fn rows(count: usize, seed: u64) -> Datapoints {
    let x = Noise::seeded(seed).normal([1, count, 2], &device());
    let x: Vec<f32> = x.into_data().try_to_vec().unwrap();
    // Two numbers in four features.
    let rows = x
        .chunks(2)
        .flat_map(|x| [x[0], x[1], x[0] + x[1], x[0] - x[1]]);
    Datapoints::new("rows", rows.map(|x| 2.0 * x).collect(), 4).unwrap()
}

fn fit<M>(model: M, objective: Objective, epochs: usize, run: Run) -> Trained<M>
where
    M: LatentVariableModel + Module + Display + 'static,
{
    let training = TrainingConfig::new(objective)
        .with_epochs(epochs)
        .with_batch_size(20)
        .with_schedule(Schedule::Constant {
            learning_rate: 1e-2,
        });
    let run = run.with_progress(Progress::Silent);
    training
        .fit(model, &rows(200, 1), Some(&rows(40, 2)), run)
        .unwrap()
}

/// By hand: q(z | x) from its own mean and variance, p(z) the mean of two densities, p(x | z) from
/// its locations.
#[test]
fn log_weights_are_those_of_the_parts() {
    let model = mine(Weights::Fixed);
    let x = rows(5, 7).select(&[0, 1, 2, 3, 4], &device());
    let parts = model.log_weights(x.clone(), 3, &mut Noise::seeded(1));
    let numbers = |tensor: Tensor<3>| tensor.into_data().iter::<f64>().collect::<Vec<_>>();
    let latent = &parts.latents[0];
    let z = numbers(latent.z.clone());
    let (mean, variance) = (
        numbers(latent.proposal.mean()),
        numbers(latent.proposal.variance()),
    );
    let locations = numbers(model.decode(latent.z.clone(), &mut Noise::seeded(0)).mean());
    let x = numbers(x.unsqueeze::<3>());
    let total: Vec<f64> = parts.total().into_data().iter::<f64>().collect();
    for (i, total) in total.into_iter().enumerate() {
        let row = i % 5;
        let normal = |z: f64, mean: f64, variance: f64| {
            -0.5 * ((TAU * variance).ln() + (z - mean).powi(2) / variance)
        };
        let z = &z[2 * i..][..2];
        let q: f64 = (0..2)
            .map(|u| normal(z[u], mean[2 * row + u], variance[2 * row + u]))
            .sum();
        let component = |means: [f64; 2]| normal(z[0], means[0], 1.0) + normal(z[1], means[1], 1.0);
        let p = 0.5 * (component([1.0, -0.5]).exp() + component([-1.0, 0.25]).exp());
        let likelihood: f64 = (0..4)
            .map(|j| -(x[4 * row + j] - locations[4 * i + j]).abs() - 2.0f64.ln())
            .sum();
        let by_hand = likelihood + p.ln() - q;
        // Some ten terms of order 10 in `f32`.
        assert!((total - by_hand).abs() < 2e-5, "{total}, by hand {by_hand}");
    }
}

#[test]
fn a_model_of_ones_own_parts_learns_and_its_prior_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let model = mine(Weights::random());
    let before = bits(&model.prior);
    let trained = fit(model, Objective::iwae(5), 15, Run::new(folder.path()));
    let (first, last) = (
        trained.curve[0].valid.unwrap(),
        trained.curve[14].valid.unwrap(),
    );
    assert!(last.bound > first.bound + 1.0, "{first:?} {last:?}");
    assert_ne!(bits(&trained.model.prior), before);
    assert_eq!(
        trained.model.sample(3, &mut Noise::seeded(0)).dims(),
        [3, 4]
    );

    // The report's mean is the bound of many samples.
    let settings = ReportSettings::new()
        .with_num_samples(300)
        .with_progress(Progress::Silent);
    let report = report(&trained.model, &rows(40, 2), &settings).unwrap();
    assert!(report.log_likelihood.mean() > last.bound - 0.5);
    assert_eq!(report.layers[0].variances.len(), 2);
    let places: Vec<&str> = report
        .weights
        .iter()
        .map(|layer| layer.name.as_str())
        .collect();
    assert_eq!(places, ["encoder.last", "decoder.0", "decoder.1"]);
    assert!(report.posterior_mean.is_some());
    // Units of such a prior cannot be switched off for nothing.
    assert!(trained.model.without_units(&[vec![0]]).is_none());
}

#[test]
fn it_is_saved_loaded_and_resumed_to_the_bit() {
    let folder = tempfile::tempdir().unwrap();
    let [whole, parts] = ["whole", "parts"].map(|name| folder.path().join(name));
    let model = || mine(Weights::random());
    let expected = fit(model(), Objective::iwae(3), 4, Run::new(whole));
    fit(model(), Objective::iwae(3), 2, Run::new(&parts));
    let resumed = fit(
        model(),
        Objective::iwae(3),
        4,
        Run::new(&parts).with_resume(true),
    );
    assert!(bits(&resumed.model) == bits(&expected.model));

    let path = folder.path().join("mine.bpk");
    save_weights(&resumed.model, &path).unwrap();
    assert!(bits(&load_weights(model(), &path).unwrap()) == bits(&expected.model));
    let checkpoint = parts.join("checkpoint/model-4.bpk");
    assert!(bits(&load_weights(model(), checkpoint).unwrap()) == bits(&expected.model));
    let error = load_weights(mine(Weights::Fixed), &path)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("0: Bayesian") || error.contains("Bayesian"),
        "{error}"
    );
    assert!(error.contains("encoder"), "{error}");
}

/// Chosen rows run again as they did among all samples: a network of one's own has that for
/// nothing.
#[test]
fn pruned_and_exact_gradients_agree_without_a_threshold() {
    let model = mine(Weights::random()).train();
    let x = rows(6, 5).select(&[0, 1, 2, 3, 4, 5], &device());
    let gradient = |backward| {
        let objective = Objective::iwae(8).with_backward(backward);
        let (_, gradients) =
            objective.gradients(&model, x.clone(), Step::new(6), &mut Noise::seeded(4));
        let gradient = gradients.get::<2>(model.prior.means.id).unwrap();
        gradient.into_data().iter::<f64>().collect::<Vec<_>>()
    };
    let exact = gradient(Backward::Joint);
    let replayed = gradient(Backward::Replayed {
        samples_per_chunk: 3,
        threshold: 1e-12,
    });
    for (exact, replayed) in exact.into_iter().zip(replayed) {
        assert!((exact - replayed).abs() < 1e-5, "{exact} {replayed}");
    }
}

#[test]
#[should_panic(expected = "use Bound::Vae")]
fn a_prior_without_a_closed_form_is_refused_where_one_is_needed() {
    let x = rows(2, 5).select(&[0, 1], &device());
    let model = mine(Weights::Fixed);
    let _ = Objective::vae_analytic(2).evaluate(&model, x, Step::new(2), &mut Noise::seeded(0));
}

#[test]
#[should_panic(expected = "the encoder has 2 latents, the prior 3")]
fn parts_of_other_sizes_are_named() {
    let mut noise = Noise::seeded(0);
    let encoder = GaussianEncoder::new(&MlpConfig::new(4, vec![], 2), &device(), &mut noise);
    let decoder = BernoulliDecoder::new(&MlpConfig::new(3, vec![], 4), &device(), &mut noise);
    let model = Vae::from_parts(encoder, StandardNormal::new(3), decoder);
    let _ = model.log_weights(Tensor::ones([1, 4], &device()), 1, &mut noise);
}

#[test]
#[should_panic(expected = "an even number of outputs")]
fn outputs_that_do_not_fit_a_head_are_named() {
    let mlp = MlpConfig::new(4, vec![], 5).init(&device(), &mut Noise::seeded(0));
    let encoder = Conditional::from_parts(mlp, DiagonalNormal);
    encoder.forward(Tensor::ones([1, 2, 4], &device()), 1, &mut Noise::seeded(0));
}

#[test]
#[should_panic(expected = "for the 4 features of x the network needs 4 outputs, it has 3")]
fn data_of_other_widths_are_named() {
    let mut noise = Noise::seeded(0);
    let encoder = GaussianEncoder::new(&MlpConfig::new(4, vec![], 2), &device(), &mut noise);
    let decoder = BernoulliDecoder::new(&MlpConfig::new(2, vec![], 3), &device(), &mut noise);
    let model = Vae::from_parts(encoder, StandardNormal::new(2), decoder);
    let _ = model.log_weights(Tensor::ones([1, 4], &device()), 1, &mut noise);
}
