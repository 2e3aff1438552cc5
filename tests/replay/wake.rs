//! The wake phase of the encoder, against its plain form.

use super::*;
use burn_bayes::gradient::Estimator;
use estimators::{noise_of, replayed};

/// The gradient of Σ w̃ᵢ log q(zᵢ | x), samples and shares being constants, by one graph.
fn plain_wake(model: &Vae, k: usize, noise: Noise) -> Vec<f64> {
    let [mut encoder, mut latent, mut decoder] = noise.clone().split();
    let x = rows(4).unsqueeze_dim::<3>(0);
    let q = model.encoder.forward(x.clone(), k, &mut encoder);
    let z = q.rsample_with_log_prob(k, &mut latent).0.detach();
    let log_q = q.log_prob(z.clone());
    let prior = Normal::standard_like(&z).log_prob(z.clone());
    let log_w = model.decoder.log_prob(x, z, k, &mut decoder) + prior - log_q.clone();
    let loss = (log_q * bound::normalized_weights(log_w))
        .sum()
        .mul_scalar(-0.25);
    let gradients = GradientsParams::from_grads(loss.backward(), model);
    flat(&model.encoder, &gradients)
}

/// Along a direction, the mean over many seeds of the difference to the plain estimator is 0 to 4.9
/// standard errors, which one in a million exceeds, and that of the sum is far from it: the sign is
/// right. Its variance is lower.
#[test]
fn the_wake_phase_has_no_bias_and_less_variance() {
    let on_processor = Device::default() == Device::flex();
    let num_draws = if on_processor { 3000 } else { 100 };
    // Samples with weights of different sizes tell the estimators apart.
    let mut model = vae(Uncertainty::None);
    let far = Tensor::from_floats(
        [1.5, -1.0, 0.5, 0.0, 0.0, 0.0],
        &Device::default().autodiff(),
    );
    model.encoder.network = model.encoder.network.with_output_bias(far);
    let project = |gradient: Vec<f64>| {
        let terms = gradient.iter().enumerate();
        terms.map(|(i, g)| (i as f64 * 1.3).sin() * g).sum::<f64>()
    };
    let replay = Replay::new(5).with_estimator(Estimator::WakePhi);
    let pairs: Vec<[f64; 2]> = (0..num_draws)
        .map(|seed| {
            let plain = plain_wake(&model, 5, noise_of(seed));
            let [here, _] = replayed(&model, &replay, &noise_of(seed));
            [project(plain), project(here)]
        })
        .collect();
    let moments = |of: fn(&[f64; 2]) -> f64| {
        let mean = pairs.iter().map(of).sum::<f64>() / num_draws as f64;
        let squares = pairs.iter().map(|pair| (of(pair) - mean).powi(2));
        (mean, squares.sum::<f64>() / (num_draws - 1) as f64)
    };
    let errors = |of| {
        let (mean, variance) = moments(of);
        mean / (variance / num_draws as f64).sqrt()
    };
    let bias = errors(|[plain, here]| here - plain);
    assert!(bias.abs() < 4.9, "{bias} standard errors");
    let opposite = errors(|[plain, here]| here + plain);
    assert!(!on_processor || opposite.abs() > 20.0, "{opposite}");
    let [plain, here] = [moments(|pair| pair[0]).1, moments(|pair| pair[1]).1];
    assert!(here < plain, "variance {here}, plain {plain}");
}

#[test]
fn other_bounds_and_one_sample_are_refused() {
    for (objective, what) in [
        (Objective::vae(5), "the bound VAE"),
        (Objective::renyi(0.5, 5), "the bound Rényi"),
        (Objective::iwae(1), "k = 1"),
    ] {
        let objective = objective.with_estimator(Estimator::WakePhi);
        let error = objective.validate().unwrap_err().to_string();
        assert!(
            error.contains("`estimator` is WakePhi") && error.contains(what),
            "{error}"
        );
    }
}
