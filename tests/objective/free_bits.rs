//! Nats of KL that a stochastic layer has for nothing.

use super::*;
use burn::optim::GradientsParams;
use burn_bayes::{distribution::Support, gradient::Estimator};

/// λ below and above what the layers' KL is.
fn objective(bound: &Bound, free: f64) -> Objective {
    Objective::new(bound.clone(), K).with_free_bits(Some(free))
}

/// Above what the KL is, the loss is the plain one; below, the latents cost λ and their KL has no
/// gradient. The bound is the plain one.
#[test]
fn a_layer_costs_at_least_its_free_bits() {
    for bound in [Bound::Vae, Bound::VaeAnalytic] {
        let plain = Objective::new(bound.clone(), K);
        let (expected, plain_gradient) = at(&plain, Some(5));
        let kl = value(expected.kl.clone());
        assert!(kl > 0.01, "{kl}");

        let (parts, gradient) = at(&objective(&bound, 0.5 * kl), Some(5));
        assert_close(&gradient, &plain_gradient);
        assert!((value(parts.loss()) - value(expected.loss())).abs() < 1e-5);

        let free = 2.0 * kl + 1.0;
        let (parts, gradient) = at(&objective(&bound, free), Some(5));
        let likelihood = value(parts.log_likelihood.clone());
        assert!((value(parts.loss()) - (free - likelihood)).abs() < 1e-5);
        assert_eq!(value(parts.bound), value(expected.bound));
        assert_eq!(value(parts.kl), kl);
        let model = vae();
        let log_weights = model.log_weights(x(), K, &mut Noise::seeded(3));
        let loss = -log_weights.log_likelihood.mean();
        let reconstruct = GradientsParams::from_grads(loss.backward(), &model);
        assert_close(&gradient, &flat(&model, &reconstruct));
    }
}

#[test]
fn there_are_none_in_validation() {
    for bound in [Bound::Vae, Bound::VaeAnalytic] {
        let (parts, gradient) = at(&objective(&bound, 100.0), None);
        let (plain, expected) = at(&Objective::new(bound, K), None);
        assert_eq!(gradient, expected);
        assert_eq!(value(parts.loss()), value(plain.loss()));
        assert_eq!(value(parts.loss()), -value(parts.bound));
    }
}

/// z₁ ~ q(z₁ | x), z₂ ~ q(z₂ | z₁), both normal of a network's means; p(z₁ | z₂) = N(z₂, 1).
#[derive(Module, Debug)]
struct Two {
    first: GaussianEncoder,
    second: GaussianEncoder,
    told: bool,
}

fn two(told: bool) -> Two {
    let (device, mut noise) = (Device::default().autodiff(), Noise::seeded(4));
    let mut encoder = |from| {
        let mlp = MlpConfig::new(from, vec![5], 2);
        GaussianEncoder::new(&mlp, &device, &mut noise)
    };
    let (first, second) = (encoder(6), encoder(2));
    Two {
        first,
        second,
        told,
    }
}

impl LatentVariableModel for Two {
    fn log_weights(&self, x: Tensor<2>, num_samples: usize, noise: &mut Noise) -> LogWeights {
        let x = x.unsqueeze_dim::<3>(0);
        let first = self.first.forward(x.clone(), num_samples, noise);
        let (z1, log_q1) = first.rsample_with_log_prob(num_samples, noise);
        let second = self.second.forward(z1.clone(), num_samples, noise);
        let (z2, log_q2) = second.rsample_with_log_prob(num_samples, noise);
        let below = Normal::new(z2.clone(), z2.ones_like());
        let above = Normal::standard_like(&z2);
        let mean = z1.clone().sum_dim(2);
        let likelihood = Normal::new(mean.clone(), mean.ones_like());
        let log_likelihood = likelihood.log_prob(x.narrow(2, 0, 1));
        let log_prior = below.log_prob(z1.clone()) + above.log_prob(z2.clone());
        let log_weights = LogWeights::new(log_likelihood, log_prior, log_q1 + log_q2);
        match self.told {
            true => (log_weights.with_latent(first, below, z1)).with_latent(second, above, z2),
            false => log_weights,
        }
    }

    fn support(&self) -> Support {
        Support::Real
    }
}

/// Each layer has bits of its own: the cost of one may stand still while that of the other counts.
#[test]
fn layers_have_bits_of_their_own() {
    let model = two(true);
    let log_weights = || model.log_weights(x(), K, &mut Noise::seeded(3));
    let ratios = log_weights()
        .latents
        .iter()
        .map(|latent| latent.log_ratio().mean())
        .collect::<Vec<_>>();
    let kls: Vec<f64> = ratios.iter().map(|kl| value(kl.clone())).collect();
    let (large, small) = match kls[0] > kls[1] {
        true => (0, 1),
        false => (1, 0),
    };
    let free = (kls[0] + kls[1]) / 2.0;
    let step = Step::new(100).with_number(0);
    let objective = objective(&Bound::Vae, free);
    let (parts, found) = objective.gradients(&model, x(), step, &mut Noise::seeded(3));
    let expected = kls[large] + free - value(parts.log_likelihood.clone());
    assert!(kls[small] < free && (value(parts.loss()) - expected).abs() < 1e-5);

    let log_weights = log_weights();
    let loss = log_weights.latents[large].log_ratio().mean() - log_weights.log_likelihood.mean();
    let expected = GradientsParams::from_grads(loss.backward(), &model);
    assert_close(&flat(&model, &found), &flat(&model, &expected));
}

#[test]
#[should_panic(expected = "`LogWeights::with_latent`")]
fn layers_must_be_told() {
    let step = Step::new(100).with_number(0);
    let objective = objective(&Bound::Vae, 1.0);
    let _ = objective.evaluate(&two(false), x(), step, &mut Noise::seeded(3));
}

/// Trained with them, latents keep more nats than without.
#[test]
fn a_trained_model_keeps_its_free_bits() {
    let dir = tempfile::tempdir().unwrap();
    let kl = |objective: Objective, name: &str| {
        let model = fit(objective, 12, &dir.path().join(name));
        let mut noise = Noise::seeded(9);
        let log_weights = model.log_weights(x().inner(), 200, &mut noise);
        value(log_weights.latent_kl().unwrap().mean())
    };
    let plain = Objective::vae_analytic(3);
    let collapsed = kl(plain.clone(), "plain");
    let kept = kl(plain.with_free_bits(Some(1.0)), "free");
    assert!(kept > collapsed + 0.1, "{kept}, {collapsed}");
}

#[test]
fn what_has_no_meaning_is_refused() {
    for free in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        refused(objective(&Bound::Vae, free), "`free_bits`");
    }
    refused(objective(&Bound::Iwae, 1.0), "the bound IWAE is not");
    refused(replayed(&objective(&Bound::Vae, 1.0)), "the whole batch");
    let elbo = objective(&Bound::Vae, 1.0);
    refused(
        elbo.clone().with_estimator(Estimator::StickingTheLanding),
        "the whole batch",
    );
    refused(
        elbo.clone().with_warm_up(WarmUp::Linear { steps: 2 }),
        "one of the two",
    );
    let cut = TrainingConfig::new(elbo).with_rows_per_chunk(Some(2));
    let error = cut.validate().unwrap_err().to_string();
    assert!(error.contains("free bits"), "{error}");
}
