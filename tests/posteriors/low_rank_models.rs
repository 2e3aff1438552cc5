//! Models whose posterior is a diagonal and a part of low rank.

use super::*;
use burn_bayes::network::LowRankEncoder;

type LowRank = Vae<LowRankEncoder, StandardNormal, GaussianDecoder>;

/// The model of the exact posterior, written as a diagonal and one column: a covariance c of two
/// features is D + uuᵀ with u = (a, c₀₁/a), a² = |c₀₁| √(c₀₀/c₁₁).
fn exact_low_rank(device: &Device) -> (LowRank, impl Fn([f64; 3]) -> f64) {
    let (full, evidence) = exact(device);
    let Some(Dense::Deterministic(layer)) = full.encoder.network.layers.last() else {
        panic!("its weights are fixed");
    };
    let weight = values(layer.weight.val());
    let bias = values(layer.bias.as_ref().unwrap().val());
    let (first, last, below) = (bias[2].exp(), bias[3].exp(), bias[4]);
    let covariance = [first * first, first * below, below * below + last * last];
    let a = (covariance[1].abs() * (covariance[0] / covariance[2]).sqrt()).sqrt();
    let u = [a, covariance[1] / a];
    let variances = [covariance[0] - u[0] * u[0], covariance[2] - u[1] * u[1]];
    let rows = weight
        .chunks(5)
        .flat_map(|row| [row[0], row[1], 0.0, 0.0, 0.0, 0.0]);
    let logs = variances.map(f64::ln);
    let bias = vec![bias[0], bias[1], logs[0], logs[1], u[0], u[1]];
    let mlp = MlpConfig::new(3, vec![], 2);
    let mut encoder = LowRankEncoder::new(&mlp, 1, device, &mut Noise::seeded(0));
    encoder.network.layers = vec![linear(rows.collect(), [3, 6], bias, device)];
    let model = Vae::from_parts(encoder, StandardNormal::new(2), full.decoder);
    (model, evidence)
}

#[test]
fn every_log_weight_is_the_evidence_under_the_exact_posterior() {
    let device = Device::default();
    let (model, evidence) = exact_low_rank(&device);
    let log_weights = model.log_weights(data(&device), 50, &mut Noise::seeded(1));
    for (i, found) in values(log_weights.total()).into_iter().enumerate() {
        let exact = evidence(DATA[i % 2]);
        assert!((found - exact).abs() < 2e-4, "{found}, {exact}");
    }
    // The divergence is that of the same law as a full one.
    let full = exact(&device)
        .0
        .log_weights(data(&device), 1, &mut Noise::seeded(1));
    let kls = [log_weights, full].map(|weights| values(weights.latent_kl().unwrap()));
    for (a, b) in kls[0].iter().zip(&kls[1]) {
        assert!((a - b).abs() < 1e-5, "{a} {b}");
    }
}

#[test]
fn the_encoders_gradient_vanishes_there() {
    let device = Device::default().autodiff();
    let (model, _) = exact_low_rank(&device);
    let largest = |estimator| {
        let replay = Replay::new(20).with_estimator(estimator);
        let replayed = replay.run(&model, data(&device), &mut Noise::seeded(7));
        let mut largest = Largest(&replayed.gradients, 0.0);
        model.encoder.visit(&mut largest);
        largest.1
    };
    assert!(largest(Estimator::Standard) > 1e-2);
    for estimator in [
        Estimator::StickingTheLanding,
        Estimator::DoublyReparameterized,
    ] {
        let most = largest(estimator);
        assert!(most < 4e-4, "{estimator:?}: {most}");
    }
}

/// It begins with nearly independent latents, learns that they depend on each other, and is saved.
#[test]
fn a_model_learns_that_latents_depend_on_each_other() {
    let device = Device::default();
    let (exact, evidence) = exact_low_rank(&device);
    let mut noise = Noise::seeded(2);
    let numbers = exact.sample(400, &mut noise);
    let numbers = numbers.try_into_vec_as::<f32>().unwrap();
    let rows = Datapoints::new("drawn", numbers, 3).unwrap();
    let encoder = LowRankEncoder::new(&MlpConfig::new(3, vec![], 2), 1, &device, &mut noise);
    let begin = encoder.forward(Tensor::ones([1, 4, 3], &device), 1, &mut noise);
    let x = Tensor::<3>::ones([1, 4, 2], &device);
    let independent = Normal::new(begin.mean(), begin.variance().sqrt());
    let difference = begin.log_prob(x.clone()) - independent.log_prob(x);
    let difference = difference.abs().max().into_scalar::<f32>();
    assert!(difference > 0.0 && difference < 0.05, "{difference}");

    // The decoder is the true one and stays.
    let model = Vae::from_parts(
        encoder,
        StandardNormal::new(2),
        exact.decoder.clone().no_grad(),
    );
    let training = TrainingConfig::new(Objective::vae_analytic(5))
        .with_epochs(60)
        .with_batch_size(20)
        .with_schedule(Schedule::Constant {
            learning_rate: 2e-2,
        });
    let dir = tempfile::tempdir().unwrap();
    let run = Run::new(dir.path().join("run")).with_progress(Progress::Silent);
    let model = training.fit(model, &rows, None, run).unwrap().model;
    let log_weights = model.log_weights(data(&device), 200, &mut Noise::seeded(3));
    let elbo = values(bound::vae(log_weights.total()));
    for (found, row) in elbo.into_iter().zip(DATA) {
        let exact = evidence(row);
        assert!((found - exact).abs() < 0.05, "{found}, {exact}");
    }
    let path = dir.path().join("weights.bpk");
    save_weights(&model, &path).unwrap();
    let loaded = load_weights(exact_low_rank(&device).0, &path).unwrap();
    assert!(bits(&loaded) == bits(&model));
}

/// A unit that is switched off is standard normal and adds nothing; the others keep their law.
#[test]
fn a_unit_can_be_left_out() {
    let device = Device::default();
    let mut noise = Noise::seeded(3);
    let encoder = LowRankEncoder::new(&MlpConfig::new(3, vec![4], 3), 2, &device, &mut noise);
    let scale = Scale::Fixed { std: 0.5 };
    let mlp = MlpConfig::new(3, vec![4], 3);
    let decoder = GaussianDecoder::new(&mlp, scale, &device, &mut noise);
    let model = Vae::from_parts(encoder, StandardNormal::new(3), decoder);
    let pruned = model.without_units(&[vec![1]]).unwrap();
    let draw = |model: &Vae<LowRankEncoder, StandardNormal, GaussianDecoder>| {
        let log_weights = model.log_weights(data(&device), 4, &mut Noise::seeded(5));
        let z = log_weights.latents[0].z.clone();
        (z, values(log_weights.latent_kl().unwrap()))
    };
    let ([whole, left], [all, kl]) = {
        let (a, b) = (draw(&model), draw(&pruned));
        ([a.0, b.0], [a.1, b.1])
    };
    for unit in [0, 2] {
        let of = |z: &Tensor<3>| values(z.clone().narrow(2, unit, 1));
        for (a, b) in of(&whole).into_iter().zip(of(&left)) {
            assert!((a - b).abs() < 1e-6);
        }
    }
    assert!(kl.iter().zip(&all).all(|(kl, all)| kl < all));
    let q = pruned.encode(data(&device), 1, &mut Noise::seeded(5));
    let variance = values(q.variance().narrow(2, 1, 1));
    assert_eq!(
        (values(q.mean().narrow(2, 1, 1)), variance),
        (vec![0.0; 2], vec![1.0; 2])
    );
}
