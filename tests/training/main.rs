//! Training as a user sees it: what is optimized, that it can be repeated, what is written, what
//! goes wrong.

#[path = "../common/bits.rs"]
mod bits;
mod chunks;
mod curve;
mod faults;
mod files;
mod folder;
mod identity;
mod loggers;
mod optimizers;
mod restart;

use bits::bits;
use burn::{module::Param, optim::GradientsParams};
use burn_bayes::{
    Error, bound,
    data::Binarized,
    model::LogWeights,
    prelude::*,
    train::{
        Backward, Bound, ChargedWeights, Clipping, Objective, Run, Schedule, Trained,
        TrainingConfig, stream,
    },
};
use std::{
    fs,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

/// `copies` of eight binary images of 4 × 4 pixels: the rows and the columns.
fn bars(copies: usize) -> Datapoints {
    let pixel = |image: usize, pixel: usize| {
        let (row, column) = (pixel / 4, pixel % 4);
        if image < 4 {
            row == image
        } else {
            column == image - 4
        }
    };
    let images =
        (0..8 * copies).flat_map(|i| (0..16).map(move |p| f32::from(u8::from(pixel(i % 8, p)))));
    Datapoints::new("bars", images.collect(), 16).unwrap()
}

/// Grey levels.
fn real(rows: usize) -> Datapoints {
    let values = (0..16 * rows).map(|i| ((i * 7) % 11) as f32 / 10.0);
    Datapoints::new("grey", values.collect(), 16).unwrap()
}

/// Grey levels, made binary at each visit.
fn grey(rows: usize) -> Binarized {
    real(rows).binarized(Binarization::Dynamic)
}

fn vae(uncertainty: Uncertainty) -> Vae {
    VaeConfig::new(16, 3)
        .with_hidden(vec![24])
        .with_uncertainty(uncertainty)
        .init(&Device::default(), &mut Noise::seeded(5))
}

/// Small and quick; IWAEU with every part in use.
fn small() -> TrainingConfig {
    TrainingConfig::new(Objective::iwaeu(3, ChargedWeights::All))
        .with_seed(7)
        .with_epochs(4)
        .with_batch_size(8)
        .with_schedule(Schedule::Burda {
            learning_rate: 1e-2,
        })
}

fn silent(dir: impl AsRef<Path>) -> Run {
    Run::new(dir).with_progress(Progress::Silent)
}

fn finite<M: Module>(model: &M) -> bool {
    bits(model)
        .into_iter()
        .all(|bits| f32::from_bits(bits).is_finite())
}

fn values(tensor: Tensor<1>) -> Vec<f32> {
    tensor.try_into_vec_as().unwrap()
}

fn close(a: &[f32], b: &[f32]) -> bool {
    a.len() == b.len()
        && a.iter()
            .zip(b)
            .all(|(a, b)| (a - b).abs() < 1e-4 * (1.0 + a.abs()))
}

#[test]
fn the_parts_add_up_to_the_loss() {
    let model = vae(Uncertainty::EncoderAndDecoder);
    let x = bars(1).select(&[0, 1, 2, 3, 4, 5], &Device::default());
    let evaluate = |objective: &Objective, n| {
        objective.evaluate(&model, x.clone(), Step::new(n), &mut Noise::seeded(1))
    };

    for (objective, equal) in [
        (Objective::vae(4), true),
        (Objective::vae_analytic(4), true),
        (Objective::iwae(4), false),
    ] {
        let parts = evaluate(&objective, 6);
        let (bound, elbo) = (
            values(parts.bound.clone()),
            values(parts.log_likelihood.clone() - parts.kl.clone()),
        );
        assert_eq!(close(&bound, &elbo), equal, "{objective:?}");
        assert!(
            bound
                .iter()
                .zip(&elbo)
                .all(|(bound, elbo)| bound > &(elbo - 1e-4))
        );
        assert!(close(
            &values(parts.loss()),
            &values(parts.bound.clone().mean().neg())
        ));
        assert!(parts.weight_kl.is_none());
        let ess = values(parts.effective_sample_size);
        assert!(ess.into_iter().all(|ess| (1.0..=4.0).contains(&ess)));
    }
    // The analytic divergence replaces an estimate of the same thing.
    let [estimate, exact] = [Objective::vae(2000), Objective::vae_analytic(1)]
        .map(|objective| values(evaluate(&objective, 6).kl.mean())[0]);
    assert!((estimate - exact).abs() < 0.3, "{estimate} {exact}");

    for (charged, expected) in [
        (ChargedWeights::Decoder, model.decoder_weight_kl().unwrap()),
        (ChargedWeights::All, model.weight_kl().unwrap()),
    ] {
        let objective = Objective::iwaeu(4, charged);
        let (small, large) = (evaluate(&objective, 10), evaluate(&objective, 1000));
        assert!(close(
            &values(small.weight_kl.clone().unwrap()),
            &values(expected.clone())
        ));
        for (parts, n) in [(&small, 10.0), (&large, 1000.0)] {
            let cost = expected.clone() / n;
            assert!(close(
                &values(parts.weight_kl_per_datapoint().unwrap()),
                &values(cost.clone())
            ));
            let loss = cost - parts.bound.clone().mean();
            assert!(close(&values(parts.loss()), &values(loss)));
        }

        let log_weights = model
            .log_weights(x.clone(), 4, &mut Noise::seeded(1))
            .total();
        let charge = WeightKl::PerDatapoint {
            kl: expected,
            dataset_size: 10,
        };
        let loss = bound::iwaeu(log_weights, charge).mean().neg();
        assert!(close(&values(small.loss()), &values(loss)));
    }
}

/// Eight equally frequent images have an entropy of ln 8, so no model's mean log p(x) is above
/// −ln 8 = −2.08 nats, and one that has learned them by heart comes close. A model that knows the
/// pixels' frequencies only has 16 · H(1/4) = −9.0.
#[test]
fn eight_images_are_learned_by_heart() {
    let dir = tempfile::tempdir().unwrap();
    let training = TrainingConfig::new(Objective::iwae(10))
        .with_epochs(80)
        .with_batch_size(20)
        .with_schedule(Schedule::Burda {
            learning_rate: 4e-2,
        });
    let trained = training
        .fit(
            vae(Uncertainty::None),
            &bars(50),
            Some(&bars(10)),
            silent(dir.path()),
        )
        .unwrap();

    let (first, last) = (&trained.curve[0], trained.curve.last().unwrap());
    assert!(first.train.bound < -8.0, "{first:?}");
    let last = last.valid.unwrap();
    assert!(last.bound > -2.7 && last.bound < -2.05, "{last:?}");
}

fn fit(training: &TrainingConfig, run: Run) -> Trained<Vae> {
    let model = vae(Uncertainty::EncoderAndDecoder);
    training
        .fit(model, &grey(30), Some(&grey(13)), run)
        .unwrap()
}

#[test]
fn a_run_is_repeated_to_the_bit_with_any_number_of_threads() {
    let dir = tempfile::tempdir().unwrap();
    // Large enough for several threads to be used.
    let run = |name: &str, threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| {
            let values = (0..784 * 100).map(|i| ((i * 7) % 11) as f32 / 10.0);
            let data = Datapoints::new("grey", values.collect(), 784).unwrap();
            let data = data.binarized(Binarization::Dynamic);
            let model = VaeConfig::new(784, 20)
                .with_hidden(vec![200])
                .with_uncertainty(Uncertainty::EncoderAndDecoder)
                .init(&Device::default(), &mut Noise::seeded(5));
            let before = bits(&model);
            let training = small().with_epochs(2).with_batch_size(50);
            let trained = training
                .fit(model, &data, None, silent(dir.path().join(name)))
                .unwrap();
            let after = bits(&trained.model);
            assert_ne!(before, after);
            after
        })
    };
    let two = run("two", 2);
    assert_eq!(
        two.len(),
        (2 * (784 * 200 + 200)
            + 2 * (200 * 40 + 40)
            + 2 * (20 * 200 + 200)
            + 2 * (200 * 784 + 784))
    );
    assert!(two == run("two again", 2), "the same run differs");
    assert!(two == run("one", 1), "one thread differs from two");
}

/// Settings of the optimizer reach it: each gives other weights, and decay smaller ones.
#[test]
fn weight_decay_and_clipping_change_what_is_learned() {
    let dir = tempfile::tempdir().unwrap();
    let run = |name: &str, training: TrainingConfig| {
        let trained = fit(&training, silent(dir.path().join(name)));
        let loc = trained.model.decoder.network.layers.iter().map(|layer| {
            let Dense::Bayesian(layer) = layer else {
                unreachable!()
            };
            layer.weight_loc.val().square().sum().into_scalar::<f32>()
        });
        (bits(&trained.model), loc.sum::<f32>())
    };
    let (plain, size) = run("plain", small());
    let (decayed, smaller) = run("decayed", small().with_weight_decay(1.0));
    let norm = Clipping::GlobalNorm { limit: 1e-3 };
    let (clipped, _) = run("clipped", small().with_clipping(norm));
    let (unclipped, _) = run(
        "unclipped",
        small().with_clipping(Clipping::Value { limit: 1e6 }),
    );
    assert!(smaller < 0.98 * size, "{smaller} {size}");
    assert!(plain != decayed && plain != clipped && plain == unclipped);
    let (coarse, _) = run("coarse", small().with_adam_epsilon(1e-2));
    assert!(plain != coarse);
}

/// The loop that the documentation describes, written by hand.
#[test]
fn training_is_the_loop_that_is_documented() {
    let dir = tempfile::tempdir().unwrap();
    let training = small();
    let trained = fit(&training, silent(dir.path()));

    let (train, valid, device) = (real(30), real(13), Device::default());
    let root = Noise::seeded(7).fork(stream::ROOT);
    let mut model = vae(Uncertainty::EncoderAndDecoder).train();
    let mut adam = AdamConfig::new().init();
    let mut step = 0;
    for epoch in 0..4 {
        let order = root.fork(stream::ORDER).fork(epoch).permutation(30);
        let mut sum = 0.0;
        for ids in order.chunks(8) {
            let visit = root.fork(stream::BINARIZATION).fork(step);
            let x = Binarization::Dynamic.apply(train.select(ids, &device), ids, &visit);
            let mut noise = root.fork(stream::MODEL).fork(step).with_datapoints(ids);
            let parts = training
                .objective
                .evaluate(&model, x, Step::new(30), &mut noise);
            sum += values(parts.bound.clone())
                .into_iter()
                .map(f64::from)
                .sum::<f64>();
            let gradients = GradientsParams::from_grads(parts.loss().backward(), &model);
            model = adam.step(
                training.schedule.learning_rate(epoch as usize, 1),
                model,
                gradients,
            );
            step += 1;
        }
        let summary = &trained.curve[epoch as usize];
        assert_eq!((summary.epoch, summary.steps), (epoch as usize + 1, 4));
        assert!(
            (summary.train.bound - sum / 30.0).abs() < 1e-4,
            "short batches count by their length"
        );
    }
    assert_eq!(bits(&trained.model), bits(&model));

    let ids: Vec<u32> = (0..13).collect();
    let x = valid.select(&ids, &device);
    let x = Binarization::Dynamic.apply(x, &ids, &root.fork(stream::VALID_BINARIZATION));
    let mut noise = root.fork(stream::VALID_MODEL).with_datapoints(&ids);
    let parts = training
        .objective
        .evaluate(&trained.model, x, Step::new(30), &mut noise);
    let summary = trained.curve[3].valid.unwrap();
    for (recorded, part) in [
        (summary.bound, parts.bound.clone()),
        (summary.log_likelihood, parts.log_likelihood.clone()),
        (summary.kl, parts.kl.clone()),
        (
            summary.effective_sample_size,
            parts.effective_sample_size.clone(),
        ),
        (
            summary.weight_kl.unwrap(),
            parts.weight_kl_per_datapoint().unwrap(),
        ),
        (summary.loss(), parts.loss()),
    ] {
        let part = f64::from(values(part.mean())[0]);
        assert!(
            (recorded - part).abs() < 1e-4 * (1.0 + part.abs()),
            "{recorded} {part}"
        );
    }
}
