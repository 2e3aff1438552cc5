//! A model whose evidence is known: x = b z + θ + noise, with one random weight θ.

use super::{mean_and_error, numbers, shared};
use burn::nn::LinearConfig;
use burn_bayes::{network::NormalHead, prelude::*};

const V0: f64 = 1.5;
const S2: f64 = 0.4;
const X: f64 = 0.7;

/// b z + θ, θ being the weight of a layer whose input is 1.
#[derive(Module, Debug)]
struct Shift {
    theta: Dense,
    scale: f64,
}

random_weights!(Shift { theta });

impl Network for Shift {
    fn forward(&self, input: Tensor<3>, num_samples: usize, noise: &mut Noise) -> Tensor<3> {
        let theta = self.theta.forward(input.ones_like(), num_samples, noise);
        theta + input.mul_scalar(self.scale)
    }
}

type Model = Vae<GaussianEncoder<Dense>, StandardNormal, Conditional<NormalHead, Shift>>;

/// N equal data X, and q(z | x) = p(z). So x given θ is N(θ, s² + b²), and q(θ) is its posterior.
struct Exact {
    model: Model,
    num_data: usize,
    scale: f64,
}

impl Exact {
    fn new(num_data: usize, scale: f64) -> Self {
        let device = Device::default();
        let n = num_data as f64;
        let variance_of_x = S2 + scale * scale;
        let variance = 1.0 / (1.0 / V0 + n / variance_of_x);
        let matrix = |number: f64| Tensor::<2>::from_floats([[number]], &device);
        let posterior = Normal::new(
            matrix(variance * n * X / variance_of_x),
            matrix(variance.sqrt()),
        );
        let prior = WeightPrior::Normal { std: V0.sqrt() };
        let theta = Dense::Bayesian(BayesianLinear::from_posteriors(posterior, None, prior));
        let mut zeros = LinearConfig::new(1, 2).with_bias(false).init(&device);
        zeros.weight = burn::module::Param::from_tensor(Tensor::zeros([1, 2], &device));
        let encoder = Conditional::from_parts(Dense::Deterministic(zeros), DiagonalNormal);
        let head = NormalHead::new(Scale::Fixed { std: S2.sqrt() });
        let decoder = Conditional::from_parts(Shift { theta, scale }, head);
        Self {
            model: Vae::from_parts(encoder, StandardNormal::new(1), decoder),
            num_data,
            scale,
        }
    }

    /// log p(all data)/N: their mean is X with the variance v₀ + s²/N; given it, N − 1 deviations
    /// are 0.
    fn log_evidence_per_datapoint(&self) -> f64 {
        let (n, s2) = (self.num_data as f64, S2 + self.scale * self.scale);
        let tau = std::f64::consts::TAU;
        let of_mean = -0.5 * ((tau * (V0 + s2 / n)).ln() + X * X / (V0 + s2 / n));
        let given_mean = -0.5 * (n - 1.0) * (tau * s2).ln() - 0.5 * n.ln();
        (of_mean + given_mean) / n
    }

    /// The charged bound of two of the data.
    fn bounds(&self, objective: &Objective, seed: u64) -> Vec<f64> {
        let x = Tensor::<2>::full([2, 1], X, &Device::default());
        let noise = &mut Noise::seeded(seed);
        numbers(
            (objective.evaluate(&self.model, x, Step::new(self.num_data), noise)).charged_bound(),
        )
    }
}

/// With the exact posterior f is the likelihood up to a constant. So the sites' form is the
/// evidence for every α and every draw.
#[test]
fn at_the_exact_posterior_it_is_the_evidence() {
    for num_data in [1, 3, 40] {
        let exact = Exact::new(num_data, 0.0);
        let expected = exact.log_evidence_per_datapoint();
        for (seed, alpha) in [0.1, 0.5, 1.0, 3.0].into_iter().enumerate() {
            for (draws, samples) in [(1, 1), (4, 3)] {
                let objective = Objective::black_box_alpha_by_sites(alpha, draws, samples);
                for found in exact.bounds(&objective, seed as u64) {
                    // Differences of numbers up to 30, in `f32`.
                    assert!(
                        (found - expected).abs() < 2e-5,
                        "{num_data}, {alpha}: {found} {expected}"
                    );
                }
            }
        }
    }
    // Of another posterior it is another number, and other draws are others.
    let mut other = Exact::new(3, 0.0);
    other.num_data = 4;
    let objective = Objective::black_box_alpha_by_sites(0.5, 1, 1);
    let [one, two] = [0, 1].map(|seed| other.bounds(&objective, seed)[0]);
    let expected = other.log_evidence_per_datapoint();
    assert!(
        (one - expected).abs() > 1e-3 && (one - two).abs() > 1e-4,
        "{one} {two} {expected}"
    );
}

/// Latents that do something: log p̂(x | θ) is below log p(x | θ) in expectation, and tight for
/// many samples.
#[test]
fn it_is_tight_for_many_samples_of_the_latents() {
    let exact = Exact::new(3, 1.2);
    let expected = exact.log_evidence_per_datapoint();
    let error = |samples: usize, seeds: u64| {
        let objective = Objective::black_box_alpha_by_sites(0.5, 2, samples);
        let bounds: Vec<f64> = (0..seeds)
            .map(|seed| exact.bounds(&objective, seed)[0])
            .collect();
        let [mean, error] = mean_and_error(&bounds);
        (mean - expected, error)
    };
    let (few, few_error) = error(1, 1000);
    let (many, many_error) = error(4000, 20);
    assert!(few < -4.4 * few_error, "{few} {few_error}");
    // A relative variance of order 1/4000 biases the logarithm by less than 1e-3.
    assert!(
        many.abs() < 1e-3 + 4.4 * many_error && many_error < 5e-3,
        "{many} {many_error}"
    );
}

/// The charged bound of one θ for all data has log p(D)/N for its mean at the exact posterior, and
/// less at another one: by the divergence of the posteriors over N.
#[test]
fn the_charged_bound_is_a_bound_of_the_evidence() {
    let mut exact = Exact::new(3, 0.0);
    let objective = Objective::iwaeu(2, ChargedWeights::Decoder).with_weight_draws(shared(2, 0.0));
    let gap = |exact: &Exact| {
        let bounds: Vec<f64> = (0..400)
            .map(|seed| exact.bounds(&objective, seed)[0])
            .collect();
        let [mean, error] = mean_and_error(&bounds);
        assert!(error < 0.03, "{error}");
        (mean - exact.log_evidence_per_datapoint(), 4.4 * error)
    };
    let (none, error) = gap(&exact);
    assert!(none.abs() < error, "{none} {error}");
    let Dense::Bayesian(layer) = &mut exact.model.decoder.network.theta else {
        panic!("random weights")
    };
    layer.weight_loc = burn::module::Param::from_tensor(layer.weight_loc.val().add_scalar(0.5));
    // KL = ½ 0.5²/v, 1/v = 1/v₀ + N/s².
    let expected = -0.125 * (1.0 / V0 + 3.0 / S2) / 3.0;
    let (found, error) = gap(&exact);
    assert!(
        (found - expected).abs() < error && expected < -error,
        "{found} {expected} {error}"
    );
}

/// For a small α the sites' form is variational Bayes in expectation, of any posterior.
#[test]
fn for_a_small_alpha_it_is_variational_bayes() {
    let mut exact = Exact::new(3, 0.6);
    let Dense::Bayesian(layer) = &mut exact.model.decoder.network.theta else {
        panic!("random weights")
    };
    layer.weight_loc = burn::module::Param::from_tensor(layer.weight_loc.val().add_scalar(0.5));
    let bayes = Objective::iwaeu(2, ChargedWeights::Decoder).with_weight_draws(shared(4, 0.0));
    let difference = |alpha: f64| {
        let sites = Objective::black_box_alpha_by_sites(alpha, 4, 2);
        let differences = (0..600).map(|seed| {
            // The same draws.
            exact.bounds(&sites, seed)[0] - exact.bounds(&bayes, seed)[0]
        });
        mean_and_error(&differences.collect::<Vec<_>>())
    };
    let [small, error] = difference(1e-2);
    // α/2 times a variance of order 1 is left.
    assert!(
        small.abs() < 5e-3 + 4.4 * error && error < 0.02,
        "{small} {error}"
    );
    let [large, error] = difference(1.0);
    assert!(large > 5e-3 + 4.4 * error, "{large} {error}");
}
