//! A prior made of the encoder.

use super::*;
use burn_bayes::{
    layer::{TrunkConfig, TrunkMlp},
    model::{LatentPrior, Path, PseudoInputs, VampPrior},
};

fn vamp(weights: Weights) -> Vae<GaussianEncoder, VampPrior, BernoulliDecoder> {
    let device = Device::default().autodiff();
    let noise = &mut Noise::seeded(5);
    let up = MlpConfig::new(6, vec![7], 2).with_weights(weights);
    let down = MlpConfig::new(2, vec![7], 6);
    Vae::from_parts(
        GaussianEncoder::new(&up, &device, noise),
        VampPrior::new([4, 6], 2, PseudoInputs::UnitInterval, &device, noise),
        BernoulliDecoder::new(&down, &device, noise),
    )
}

/// log (1/C) Σ q(z | u_c), each term by the encoder itself.
#[test]
fn its_density_is_the_mean_of_posteriors() {
    let model = vamp(Weights::Fixed).valid();
    let device = Device::default();
    let z = Noise::seeded(6).normal([3, 4, 2], &device);
    let weights = model
        .prior
        .weigh(&z, &model.encoder, &Path::none(), &mut noise());
    let inputs = model.prior.pseudo_inputs();
    let terms = (0..4).map(|c| {
        let u = inputs.clone().narrow(0, c, 1).unsqueeze::<3>();
        let q = model.encoder.forward(u, 1, &mut noise());
        let q = Normal::new(
            q.loc().expand([3, 4, 2]),
            q.log_variance().mul_scalar(0.5).exp().expand([3, 4, 2]),
        );
        numbers(q.log_prob(z.clone()))
    });
    let terms: Vec<Vec<f64>> = terms.collect();
    for (i, found) in numbers(weights.log_prior).into_iter().enumerate() {
        let sum: f64 = terms.iter().map(|term| term[i].exp()).sum();
        let expected = (sum / 4.0).ln();
        assert!((found - expected).abs() < 1e-5, "{found} {expected}");
    }
}

/// Weights at their means, so that the prior is a density; pseudo-inputs and encoder learn from it.
#[test]
fn it_takes_the_means_of_random_weights_and_trains_all() {
    let model = vamp(Weights::random());
    let z = Noise::seeded(6).normal([3, 4, 2], &Device::default().autodiff());
    let weigh = |seed| {
        let noise = &mut Noise::seeded(seed);
        let weights = model.prior.weigh(&z, &model.encoder, &Path::none(), noise);
        weights.log_prior
    };
    assert_eq!(numbers(weigh(0)), numbers(weigh(1)));
    let gradients = weigh(0).sum().backward();
    let gradients = GradientsParams::from_grads(gradients, &model);
    assert!(
        flat(&model.prior, &gradients)
            .iter()
            .any(|g| g.abs() > 1e-3)
    );
    let Dense::Bayesian(first) = &model.encoder.network.layers[0] else {
        panic!("random weights")
    };
    let means = gradients.get::<2>(first.weight_loc.id).expect("a gradient");
    assert!(numbers(means).iter().any(|g| g.abs() > 1e-3));
    assert!(gradients.get::<2>(first.weight_log_variance.id).is_none());

    let data = numbers(rows(40)).iter().map(|&x| x as f32).collect();
    let data = Datapoints::new("x", data, 6).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let run = burn_bayes::train::Run::new(folder.path());
    let run = run.with_progress(burn_bayes::progress::Progress::Silent);
    let training = TrainingConfig::new(Objective::iwae(4))
        .with_epochs(20)
        .with_batch_size(5);
    let trained = training.fit(model.valid(), &data, None, run).unwrap();
    assert!(trained.curve[19].train.bound > trained.curve[0].train.bound + 0.1);
}

#[test]
#[should_panic(expected = "give a `GaussianEncoder`")]
fn it_refuses_other_posteriors() {
    let device = Device::default();
    let noise = &mut Noise::seeded(5);
    let up = MlpConfig::new(6, vec![7], 2);
    let encoder = burn_bayes::network::FullCovarianceEncoder::new(&up, &device, noise);
    let prior = VampPrior::new([4, 6], 2, PseudoInputs::Real, &device, noise);
    let decoder = BernoulliDecoder::new(&MlpConfig::new(2, vec![7], 6), &device, noise);
    let model = Vae::from_parts(encoder, prior, decoder);
    let _ = model.log_weights(rows(4).inner(), 3, noise);
}

#[test]
#[should_panic(expected = "an encoder without batch normalization")]
fn it_refuses_an_encoder_that_would_average_over_pseudo_inputs() {
    let device = Device::default();
    let noise = &mut Noise::seeded(5);
    let trunk = TrunkConfig::new(6, vec![7]).with_batch_norm(true);
    let network = TrunkMlp::new(&trunk, 2 * 2, &device, noise);
    let encoder = Conditional::from_parts(network, DiagonalNormal);
    let prior = VampPrior::new([4, 6], 2, PseudoInputs::UnitInterval, &device, noise);
    let decoder = BernoulliDecoder::new(&MlpConfig::new(2, vec![7], 6), &device, noise);
    let model = Vae::from_parts(encoder, prior, decoder);
    let _ = model.log_weights(rows(4).inner(), 3, noise);
}

/// Where weights are drawn, the prior stays that of their means.
#[test]
fn it_stays_what_it_was_where_weights_are_drawn() {
    let weights = Weights::Random {
        initial_std: 0.3,
        prior: WeightPrior::default(),
        random_bias: true,
    };
    let model = vamp(weights).valid();
    let drawn = model.sample_weights(&mut Noise::seeded(3)).unwrap();
    let z = Noise::seeded(6).normal([3, 4, 2], &Device::default());
    let weigh = |model: &Vae<GaussianEncoder, VampPrior, BernoulliDecoder>| {
        let noise = &mut noise();
        let weights = (model.prior).weigh(&z, &model.encoder, &Path::none(), noise);
        numbers(weights.log_prior)
    };
    assert_eq!(weigh(&model), weigh(&drawn));
    let x = rows(4).inner();
    let loc = |model: &Vae<GaussianEncoder, VampPrior, BernoulliDecoder>| {
        let weights = model.log_weights(x.clone(), 1, &mut noise());
        numbers(weights.latents[0].proposal.mean())
    };
    assert!(loc(&model) != loc(&drawn), "the encoder is another one");
}
