//! Estimators of the encoder's gradient: against their definitions, and without bias.

#[path = "../common/mod.rs"]
mod common;

use super::*;
use burn_bayes::{gradient::Estimator, progress::Progress, train::Run};
use common::Exact;

const BOTH: [Estimator; 2] = [
    Estimator::StickingTheLanding,
    Estimator::DoublyReparameterized,
];
const ALL: [Estimator; 3] = [BOTH[0], BOTH[1], Estimator::WakePhi];

/// The gradients of encoder and decoder.
fn parts(model: &Vae, gradients: &GradientsParams) -> [Vec<f64>; 2] {
    [
        flat(&model.encoder, gradients),
        flat(&model.decoder, gradients),
    ]
}

pub fn replayed(model: &Vae, replay: &Replay, noise: &Noise) -> [Vec<f64>; 2] {
    let replayed = replay.run(model, rows(4), &mut noise.clone());
    parts(model, &replayed.gradients)
}

/// Σ over samples of −factor · log w̄, by one graph: q has constant parameters, z has none.
fn by_definition(model: &Vae, factor: impl Fn(Tensor<2>) -> Tensor<2>) -> Vec<f64> {
    let [mut encoder, mut latent, mut decoder] = noise().split();
    let x = rows(4).unsqueeze_dim::<3>(0);
    let q = model.encoder.forward(x.clone(), K, &mut encoder);
    let (z, _) = q.rsample_with_log_prob(K, &mut latent);
    let log_q = Reparameterized::detached(&q).log_prob(z.clone());
    let prior = Normal::standard_like(&z).log_prob(z.clone());
    let log_w = model.decoder.log_prob(x, z, K, &mut decoder) + prior - log_q;
    let counts = factor(log_w.clone().detach());
    let loss = (log_w * counts).sum().mul_scalar(-0.25);
    flat(
        &model.encoder,
        &GradientsParams::from_grads(loss.backward(), model),
    )
}

/// w̃ᵢ (1 − w̃ᵢ).
fn wake(log_w: Tensor<2>) -> Tensor<2> {
    let shares = bound::normalized_weights(log_w);
    shares.clone() - shares.square()
}

#[test]
fn they_are_their_definitions() {
    for uncertainty in MODELS {
        let model = vae(uncertainty);
        let standard = parts(&model, &{
            let log_weights = model.log_weights(rows(4), K, &mut noise());
            let loss = -bound::iwae(log_weights.total()).mean();
            GradientsParams::from_grads(loss.backward(), &model)
        });
        let renyi = |alpha: f64, log_w: Tensor<2>| {
            let shares = bound::normalized_weights(log_w.mul_scalar(1.0 - alpha));
            shares.clone() * shares.mul_scalar(1.0 - alpha).add_scalar(alpha)
        };
        for samples_per_chunk in [5, K] {
            let replay = |estimator| {
                Replay::new(K)
                    .with_samples_per_chunk(samples_per_chunk)
                    .with_estimator(estimator)
            };
            let [encoder, decoder] = replayed(&model, &replay(BOTH[0]), &noise());
            assert_close(&encoder, &by_definition(&model, bound::normalized_weights));
            assert_close(&decoder, &standard[1]);

            let [encoder, decoder] = replayed(&model, &replay(BOTH[1]), &noise());
            assert_close(&encoder, &by_definition(&model, |w| renyi(0.0, w)));
            assert_close(&decoder, &standard[1]);
            for alpha in [0.3, 1.0] {
                let replay = replay(BOTH[1]).with_bound(Bound::Renyi { alpha });
                let [encoder, _] = replayed(&model, &replay, &noise());
                assert_close(&encoder, &by_definition(&model, |w| renyi(alpha, w)));
            }
            let [encoder, decoder] = replayed(&model, &replay(Estimator::WakePhi), &noise());
            assert_close(&encoder, &by_definition(&model, wake));
            assert_close(&decoder, &standard[1]);
            // Of the ELBO both are one.
            let [stl, dreg] = BOTH.map(|estimator| {
                replayed(&model, &replay(estimator).with_bound(Bound::Vae), &noise())
            });
            assert_close(&stl[0], &dreg[0]);
        }
    }
}

/// All samples chosen, and run by the path of chosen rows.
#[test]
fn chosen_rows_are_estimated_alike() {
    for estimator in ALL {
        let model = vae(Uncertainty::EncoderAndDecoder);
        let replay = Replay::new(K).with_estimator(estimator);
        let all = replayed(&model, &replay, &noise());
        let chosen = replayed(&model, &replay.with_threshold(1e-12), &noise());
        assert_close(&all[0], &chosen[0]);
        assert_close(&all[1], &chosen[1]);
    }
}

/// Where every weight is the evidence, log w̄ does not change with z.
#[test]
fn the_encoders_gradient_vanishes_at_the_exact_posterior() {
    let exact = Exact::new(&Device::default().autodiff());
    let data = [[0.3, -2.0, 1.5], [4.0, 0.0, -3.0]];
    let x = Tensor::<2>::from_floats(data, &Device::default().autodiff());
    let gradient = |estimator| {
        let replay = Replay::new(20).with_estimator(estimator);
        let replayed = replay.run(&exact.model, x.clone(), &mut noise_of(7));
        let encoder = flat(&exact.model.encoder, &replayed.gradients);
        encoder
            .into_iter()
            .fold(0.0, |most: f64, g| most.max(g.abs()))
    };
    assert!(gradient(Estimator::Standard) > 1e-2);
    for estimator in ALL {
        let most = gradient(estimator);
        assert!(most < 1e-4, "{estimator:?}: {most}");
    }
}

pub fn noise_of(seed: u64) -> Noise {
    Noise::seeded(seed)
}

/// Along a direction, the mean over many seeds of the difference to the standard estimator is 0 to
/// 4.9 standard errors, which one in a million exceeds; and its variance is lower.
#[test]
fn doubly_reparameterized_gradients_have_no_bias_and_less_variance() {
    // A GPU pays for each of many small operations.
    let on_processor = Device::default() == Device::flex();
    let num_draws = if on_processor { 3000 } else { 100 };
    let model = vae(Uncertainty::Encoder);
    let project = |estimator, bound: &Bound, seed| {
        let replay = Replay::new(5)
            .with_bound(bound.clone())
            .with_estimator(estimator);
        let replayed = replay.run(&model, rows(4), &mut noise_of(seed));
        let encoder = flat(&model.encoder, &replayed.gradients);
        let direction = encoder
            .iter()
            .enumerate()
            .map(|(i, g)| (i as f64 * 1.3).sin() * g);
        direction.sum::<f64>()
    };
    for bound in [Bound::Iwae, Bound::Renyi { alpha: 0.5 }] {
        let pairs: Vec<[f64; 2]> = (0..num_draws)
            .map(|seed| {
                [Estimator::Standard, BOTH[1]].map(|estimator| project(estimator, &bound, seed))
            })
            .collect();
        let moments = |values: &mut dyn Iterator<Item = f64>| {
            let values: Vec<f64> = values.collect();
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            let squares = values
                .iter()
                .map(|value| (value - mean).powi(2))
                .sum::<f64>();
            (mean, squares / (values.len() - 1) as f64)
        };
        let (bias, variance) = moments(&mut pairs.iter().map(|[a, b]| b - a));
        let errors = bias / (variance / num_draws as f64).sqrt();
        assert!(
            errors.abs() < 4.9,
            "{bound:?}: {bias} is {errors} standard errors"
        );
        let [standard, other] =
            [0, 1].map(|which| moments(&mut pairs.iter().map(|pair| pair[which])).1);
        assert!(
            other < standard,
            "{bound:?}: variance {other}, standard {standard}"
        );
    }
}

/// A model that gives log-weights and no more.
#[derive(Module, Debug)]
struct WithoutPath {
    vae: Vae,
}

impl LatentVariableModel for WithoutPath {
    fn log_weights(&self, x: Tensor<2>, num_samples: usize, noise: &mut Noise) -> LogWeights {
        self.vae.log_weights(x, num_samples, noise)
    }

    fn support(&self) -> Support {
        Support::Real
    }
}

#[test]
fn what_there_is_not_is_refused() {
    let objective = Objective::new(Bound::VrMax, 5).with_estimator(BOTH[1]);
    let error = objective.validate().unwrap_err().to_string();
    assert!(
        error.contains("`estimator`") && error.contains("VR-max"),
        "{error}"
    );

    let model = WithoutPath {
        vae: vae(Uncertainty::None).valid(),
    };
    let data = Datapoints::new("some", vec![0.5; 12], 6).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let training = TrainingConfig::new(Objective::iwae(2).with_estimator(BOTH[0]));
    let run = Run::new(dir.path().join("run")).with_progress(Progress::Silent);
    let error = training
        .fit(model, &data, None, run)
        .map(|_| ())
        .unwrap_err();
    assert!(
        error.to_string().contains("log_weights_along_path"),
        "{error}"
    );
    assert!(!dir.path().join("run").exists());
}

#[test]
fn they_train() {
    for estimator in ALL {
        let data = Datapoints::new("some", (0..120).map(|i| (i % 3 % 2) as f32).collect(), 6);
        let dir = tempfile::tempdir().unwrap();
        let objective = Objective::iwae(4).with_estimator(estimator);
        let training = TrainingConfig::new(objective)
            .with_epochs(15)
            .with_batch_size(5);
        let run = Run::new(dir.path().join("run")).with_progress(Progress::Silent);
        let model = vae(Uncertainty::Encoder).valid();
        let trained = training.fit(model, &data.unwrap(), None, run).unwrap();
        let bound = |epoch: usize| trained.curve[epoch].train.bound;
        assert!(bound(14) > bound(0) + 0.5, "{} {}", bound(0), bound(14));
    }
}
