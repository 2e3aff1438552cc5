//! Black-box α against a model whose evidence is known, and its two forms against each other.

#[path = "common/mod.rs"]
mod common;

use burn_bayes::{layer::Sites, prelude::*};

fn number(tensor: Tensor<1>) -> f64 {
    tensor.into_scalar::<f64>()
}

/// One weight θ with the prior N(0, v₀), N equal data x = 0.7 and p(x | θ) = N(θ, s²). The
/// posterior is N(v N x/s², v), 1/v = 1/v₀ + N/s².
struct Exact {
    layer: BayesianLinear,
    num_data: usize,
}

const V0: f64 = 1.5;
const S2: f64 = 0.4;
const X: f64 = 0.7;

impl Exact {
    fn new(num_data: usize) -> Self {
        let device = Device::default().autodiff();
        let n = num_data as f64;
        let variance = 1.0 / (1.0 / V0 + n / S2);
        let matrix = |number: f64| Tensor::<2>::from_floats([[number]], &device);
        let posterior = Normal::new(matrix(variance * n * X / S2), matrix(variance.sqrt()));
        let prior = WeightPrior::Normal { std: V0.sqrt() };
        Self {
            layer: BayesianLinear::from_posteriors(posterior, None, prior),
            num_data,
        }
    }

    /// log p(all data)/N: all N are X, their mean is X with the variance v₀ + s²/N.
    fn log_evidence_per_datapoint(&self) -> f64 {
        let n = self.num_data as f64;
        let tau = std::f64::consts::TAU;
        let of_mean = -0.5 * ((tau * (V0 + S2 / n)).ln() + X * X / (V0 + S2 / n));
        // The density of the data given their mean, which all of them equal.
        let given_mean = -0.5 * (n - 1.0) * (tau * S2).ln() - 0.5 * n.ln();
        (of_mean + given_mean) / n
    }

    /// log p(x | θ) and the draws of the weight, `[k, 1]` and so many samples.
    fn bound(&self, alpha: f64, k: usize, seed: u64) -> Tensor<1> {
        let sites = Sites::of(&self.layer, self.num_data);
        let (mut log_probs, mut factors) = (Vec::new(), Vec::new());
        let mut noise = Noise::seeded(seed);
        for _ in 0..k {
            let weights = self.layer.sample_weights(&mut noise);
            let theta = weights.weight.clone().unsqueeze::<3>();
            let p = Normal::new(theta.clone(), theta.full_like(S2.sqrt()));
            log_probs.push(p.log_prob(theta.full_like(X)));
            factors.push(sites.log_factor(&weights));
        }
        bound::black_box_alpha_by_sites(
            Tensor::cat(log_probs, 0),
            Tensor::cat(factors, 0),
            sites.log_normalizer(),
            self.num_data,
            alpha,
        )
    }
}

/// With the exact posterior f is the likelihood up to a constant, so for every α and every draw the
/// energy is the evidence.
#[test]
fn at_the_exact_posterior_it_is_the_evidence() {
    for num_data in [1, 3, 40] {
        let exact = Exact::new(num_data);
        for (seed, alpha) in [0.1, 0.5, 1.0, 3.0].into_iter().enumerate() {
            let bound = exact.bound(alpha, 4, seed as u64);
            let expected = exact.log_evidence_per_datapoint();
            // Differences of numbers up to 30, in `f32`.
            let found = number(bound);
            assert!(
                (found - expected).abs() < 2e-5,
                "{num_data}: {found} {expected}"
            );
        }
    }
}

/// There the energy is stationary: gradients are 0 in expectation, to 4.9 standard errors.
#[test]
fn at_the_exact_posterior_it_is_stationary() {
    let exact = Exact::new(3);
    let draws = (0..400).map(|seed| {
        let gradients = exact.bound(0.5, 2, seed).backward();
        let weight = exact.layer.weight_loc.val();
        weight.grad(&gradients).unwrap().into_scalar::<f64>()
    });
    let draws: Vec<f64> = draws.collect();
    let mean = draws.iter().sum::<f64>() / 400.0;
    let variance = draws.iter().map(|g| (g - mean).powi(2)).sum::<f64>() / 399.0;
    let error = (variance / 400.0).sqrt();
    assert!(mean.abs() < 4.9 * error && error > 1e-3, "{mean} {error}");
}

/// Where N is large beside α, both forms are one: so for a posterior that is not exact.
#[test]
fn the_forms_agree_for_many_data() {
    let device = Device::default();
    let mut noise = Noise::seeded(0);
    let prior = WeightPrior::Normal { std: 1.0 };
    let layer = BayesianLinearConfig::new(3, 1)
        .with_initial_std(0.4)
        .with_prior(prior)
        .init(&device, &mut noise);
    let x = noise.normal_matrix([5, 3], &device);
    let y = noise.normal([1, 5, 1], &device);
    let difference = |num_data: usize, alpha: f64| {
        let sites = Sites::of(&layer, num_data);
        let mut noise = Noise::seeded(1);
        let (mut log_probs, mut factors) = (Vec::new(), Vec::new());
        for _ in 0..2000 {
            let weights = layer.sample_weights(&mut noise);
            let residuals = y.clone() - weights.forward(x.clone()).unsqueeze();
            log_probs.push(Normal::standard_like(&residuals).log_prob(residuals));
            factors.push(sites.log_factor(&weights));
        }
        let log_probs = Tensor::cat(log_probs, 0);
        let sites = bound::black_box_alpha_by_sites(
            log_probs.clone(),
            Tensor::cat(factors, 0),
            sites.log_normalizer(),
            num_data,
            alpha,
        );
        let charge = layer.kl(&prior).mul_scalar(1.0 / num_data as f64);
        let reparametrized = bound::black_box_alpha(log_probs, alpha) - charge;
        number((sites - reparametrized).abs().max())
    };
    for alpha in [0.5, 1.0] {
        let [few, many] = [20, 20_000].map(|num_data| difference(num_data, alpha));
        // The mean of log f over draws is that over the posterior but for its Monte Carlo error,
        // which falls with N like everything else.
        assert!(few > 20.0 * many && many < 1e-3, "{few} {many}");
    }
}

#[test]
fn limits_are_what_they_should_be() {
    let device = Device::default();
    let log_probs = Tensor::<2>::from_floats([[-3.0, 0.5], [-1.0, 0.0]], &device);
    let same = |a: Tensor<1>, b: Tensor<1>| number((a - b).abs().max()) < 1e-6;
    assert!(same(
        bound::black_box_alpha(log_probs.clone(), 0.0),
        bound::vae(log_probs.clone())
    ));
    assert!(same(
        bound::black_box_alpha(log_probs.clone(), 1.0),
        bound::iwae(log_probs)
    ));
    // A small α divides what rounding leaves: the limit is the mean.
    let log_probs = Tensor::<2>::from_floats([[-100.0], [-105.0]], &device);
    let (zeros, zero) = (Tensor::zeros([2], &device), Tensor::zeros([1], &device));
    for alpha in [1e-5, 1e-7, 1e-12] {
        let found = bound::black_box_alpha_by_sites(
            log_probs.clone(),
            zeros.clone(),
            zero.clone(),
            10,
            alpha,
        );
        let exact = -102.5 + alpha * 6.25 / 2.0;
        assert!((number(found) - exact).abs() < 2e-5, "{alpha}");
    }
}

#[test]
#[should_panic(expected = "give `WeightPrior::Normal`")]
fn sites_are_for_normal_priors() {
    let layer = BayesianLinearConfig::new(3, 1)
        .with_prior(WeightPrior::Matched)
        .init(&Device::default(), &mut Noise::seeded(0));
    let _ = Sites::of(&layer, 10);
}
