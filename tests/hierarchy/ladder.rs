//! Ladders.

use super::*;
use burn_bayes::{
    model::{Ladder, LadderConfig, load_weights, save_weights},
    progress::Progress,
    train::Run,
};

fn ladder_config() -> LadderConfig {
    let layers = vec![
        Latents::new(3).with_hidden(vec![7]),
        Latents::new(2).with_hidden(vec![5]),
        Latents::new(1).with_hidden(vec![4]),
    ];
    LadderConfig::new(6, layers)
}

fn ladder(config: &LadderConfig) -> Ladder {
    config.init(&Device::default().autodiff(), &mut Noise::seeded(1))
}

fn data() -> Datapoints {
    let rows = numbers(rows(40)).iter().map(|&x| x as f32).collect();
    Datapoints::new("x", rows, 6).unwrap()
}

/// q_l is the product of what comes from below and from above, by precisions, in `f64`.
#[test]
fn proposals_are_merged_by_precision() {
    for separate in [false, true] {
        let model = ladder(&ladder_config().with_separate_merge(separate)).valid();
        let weights = model.log_weights(rows(4).inner(), 5, &mut noise());
        let x = rows(4).inner().unsqueeze_dim::<3>(0);
        let none = &mut noise(); // fixed weights draw nothing
        let first = model.up[0].trunk.forward(x, 1, none);
        let second = model.up[1].trunk.forward(first.clone(), 1, none);
        for (layer, hidden) in [(0, first), (1, second)] {
            let below = model.up[layer].proposal.forward(hidden, 1, none);
            let z = weights.latents[layer + 1].z.clone();
            let descent = &model.down[layer];
            let network = descent.merge.as_ref().unwrap_or(&descent.prior);
            let above = network.forward(z.clone(), 5, none);
            let prior = descent.prior.forward(z, 5, none);
            let latent = &weights.latents[layer];
            assert_eq!(numbers(latent.prior.mean()), numbers(prior.mean()));
            let wide = |tensor: Tensor<3>| {
                let [_, batch, units] = tensor.dims();
                numbers(tensor.expand([5, batch, units]))
            };
            let found = [latent.proposal.mean(), latent.proposal.variance()].map(wide);
            let [m1, v1, m2, v2] = [
                below.mean(),
                below.variance(),
                above.mean(),
                above.variance(),
            ]
            .map(wide);
            for i in 0..m1.len() {
                let variance = 1.0 / (1.0 / v1[i] + 1.0 / v2[i]);
                let mean = (m1[i] / v1[i] + m2[i] / v2[i]) * variance;
                assert!((found[0][i] - mean).abs() < 1e-5);
                assert!((found[1][i] / variance - 1.0).abs() < 1e-5);
            }
        }
    }
}

/// Its latents are drawn from the top down, so their divergences have a closed form, which is the
/// mean of the log-ratios: 4.9 standard errors.
#[test]
fn divergences_in_closed_form_are_those_of_the_draws() {
    let model = ladder(&ladder_config()).valid();
    let weights = model.log_weights(rows(1).inner(), 20_000, &mut Noise::seeded(0));
    let exact = numbers(weights.latent_kl().unwrap().mean()).remove(0);
    let ratios = numbers(weights.log_proposal.clone() - weights.log_prior.clone());
    let mean = ratios.iter().sum::<f64>() / ratios.len() as f64;
    let variance = ratios.iter().map(|r| (r - mean).powi(2)).sum::<f64>() / ratios.len() as f64;
    let error = (variance / ratios.len() as f64).sqrt();
    assert!((mean - exact).abs() < 4.9 * error, "{mean} {exact} {error}");
    assert!(exact > 0.01);
}

#[test]
fn two_passes_give_the_plain_gradient_and_there_is_no_path() {
    let config = ladder_config().with_uncertainty(Uncertainty::EncoderAndDecoder);
    let model = ladder(&config.with_separate_merge(true));
    let log_weights = model.log_weights(rows(4), K, &mut noise());
    let loss = -bound::iwae(log_weights.total()).mean();
    let expected = flat(
        &model,
        &GradientsParams::from_grads(loss.backward(), &model),
    );
    let replayed = Replay::new(K)
        .with_samples_per_chunk(5)
        .run(&model, rows(4), &mut noise());
    assert_close(&flat(&model, &replayed.gradients), &expected);
    let path = Tensor::ones([2, 4], &Device::default());
    assert!(
        model
            .log_weights_along_path(rows(4), 2, &mut noise(), path)
            .is_none()
    );
}

/// Statistics of the batch in training, running averages in evaluation; what runs a batch in parts
/// is refused.
#[test]
fn batch_normalization_trains_and_is_refused_in_parts() {
    let config = ladder_config().with_batch_norm(true);
    let model = ladder(&config);
    assert!(model.uses_batch_statistics() && !ladder(&ladder_config()).uses_batch_statistics());
    let folder = tempfile::tempdir().unwrap();
    let training = |objective| {
        TrainingConfig::new(objective)
            .with_epochs(30)
            .with_batch_size(10)
    };
    let run = |name| Run::new(folder.path().join(name)).with_progress(Progress::Silent);
    let error = |training: TrainingConfig| {
        let fitted = training.fit(model.valid(), &data(), None, run("refused"));
        fitted.map(|_| ()).unwrap_err().to_string()
    };
    let backward = burn_bayes::train::Backward::Replayed {
        samples_per_chunk: 2,
        threshold: 0.0,
    };
    let replayed = error(training(Objective::iwae(4).with_backward(backward)));
    assert!(
        replayed.contains("`backward`") && replayed.contains("batch"),
        "{replayed}"
    );
    let chunks = error(training(Objective::iwae(4)).with_rows_per_chunk(Some(5)));
    assert!(chunks.contains("rows_per_chunk"), "{chunks}");
    // A loop of one's own hears of it, too.
    let own = Objective::iwae(4).with_backward(backward);
    let refused = own.check_model(&model).unwrap_err().to_string();
    assert!(refused.contains("`backward`"), "{refused}");
    assert!(!folder.path().join("refused").exists());

    let trained = training(Objective::vae_analytic(4))
        .fit(model.valid(), &data(), Some(&data()), run("run"))
        .unwrap();
    let valid = |epoch: usize| trained.curve[epoch].valid.as_ref().unwrap().bound;
    assert!(valid(29) > valid(0) + 0.1, "{} {}", valid(0), valid(29));
    // Evaluated alone or beside others, a row has one value.
    let x = data().select(&[0, 1, 2], &Device::default());
    let all = numbers(
        trained
            .model
            .log_weights(x.clone(), 3, &mut Noise::seeded(0))
            .total(),
    );
    let one = numbers(
        (trained
            .model
            .log_weights(x.narrow(0, 0, 1), 3, &mut Noise::seeded(0)))
        .total(),
    );
    for i in 0..3 {
        assert!((one[i] - all[3 * i]).abs() < 1e-5);
    }
}

#[test]
fn units_that_are_switched_off_have_the_prior_as_proposal() {
    let config = ladder_config().with_uncertainty(Uncertainty::EncoderAndDecoder);
    let model = ladder(&config).valid();
    let off = model.without_units(&[vec![2], vec![0], vec![]]).unwrap();
    let weights = off.log_weights(rows(4).inner(), 5, &mut noise());
    for (layer, unit) in [(0, 2), (1, 0)] {
        let latent = &weights.latents[layer];
        let of = |tensor: Tensor<3>| numbers(tensor.narrow(2, unit, 1));
        let mean = [latent.proposal.mean(), latent.prior.mean()].map(of);
        assert_eq!(mean[0], mean[1]);
        let variance = [latent.proposal.variance(), latent.prior.variance()].map(of);
        assert_eq!(variance[0], variance[1]);
    }
    let mut settings = ReportSettings::new()
        .with_num_samples(100)
        .with_progress(Progress::Silent);
    settings.active_threshold = 0.0;
    let report = report(&off, &data(), &settings).unwrap();
    assert_eq!(report.layers.len(), 3);
    assert!(model.without_units(&[vec![], vec![]]).is_none());
}

#[test]
fn sampled_data_have_the_shape_of_data() {
    let model = ladder(&ladder_config()).valid();
    assert_eq!(model.sample(9, &mut Noise::seeded(0)).dims(), [9, 6]);
    let shown = model.reconstruct(rows(4).inner(), 2, &mut Noise::seeded(0));
    assert_eq!(shown.dims(), [2, 4, 6]);
}

/// What is saved after training, or for evaluation, goes into a model as it is made.
#[test]
fn weights_are_loaded_whether_a_model_trains_or_not() {
    let config = ladder_config().with_batch_norm(true);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("weights.bpk");
    let training = ladder(&config);
    let _ = training.log_weights(rows(4), 1, &mut noise());
    let made = || config.init(&Device::default(), &mut Noise::seeded(2));
    let weigh = |model: &Ladder| {
        let log_weights = model.log_weights(rows(4).inner(), 2, &mut noise());
        numbers(log_weights.total())
    };
    let expected = weigh(&training.valid());
    assert_ne!(weigh(&made()), expected);
    save_weights(&training.valid(), &path).unwrap();
    assert_eq!(weigh(&load_weights(made(), &path).unwrap()), expected);
    save_weights(&training, &path).unwrap();
    let loaded = load_weights(made().valid(), &path).unwrap();
    assert_eq!(weigh(&loaded), expected);
}

/// z₃ ~ N(0, I), then z₂ and z₁ by mean and deviation of what is above, from noise in that order.
#[test]
fn latents_are_drawn_from_the_top_down() {
    let (model, device) = (ladder(&ladder_config()).valid(), Device::default());
    let mut noise = Noise::seeded(7);
    let mut z = noise.normal([1, 9, 1], &device);
    for (layer, width) in [(1, 2), (0, 3)] {
        // Fixed weights draw nothing.
        let p = model.down[layer].prior.forward(z, 1, &mut Noise::seeded(0));
        z = p.loc() + p.log_variance().mul_scalar(0.5).exp() * noise.normal([1, 9, width], &device);
    }
    let mut again = Noise::seeded(7);
    let found = model.sample_latents(9, &mut again);
    for (found, expected) in numbers(found.clone()).into_iter().zip(numbers(z)) {
        assert!((found - expected).abs() < 1e-6, "{found} {expected}");
    }
    let x = model.decode(found, &mut again).sample(1, &mut again);
    assert_eq!(numbers(x), numbers(model.sample(9, &mut Noise::seeded(7))));
}

/// Units that are off stay off when others follow; a unit that is not there cannot be.
#[test]
fn units_are_switched_off_one_after_the_other() {
    let model = ladder(&ladder_config()).valid();
    let both = model.without_units(&[vec![1, 2], vec![], vec![]]).unwrap();
    let one = model.without_units(&[vec![2], vec![], vec![]]).unwrap();
    let other = one.without_units(&[vec![1], vec![], vec![]]).unwrap();
    let weigh = |model: &Ladder| {
        let weights = model.log_weights(rows(4).inner(), 5, &mut noise());
        numbers(weights.total())
    };
    assert_eq!(weigh(&both), weigh(&other));
    assert!(weigh(&both) != weigh(&one));
    assert!(model.without_units(&[vec![3], vec![], vec![]]).is_none());
}

/// With autodiff a model normalizes by whatever rows and samples are in a chunk.
#[test]
fn a_model_in_training_is_not_evaluated() {
    let model = ladder(&ladder_config().with_batch_norm(true));
    let settings = LogLikelihoodSettings {
        num_samples: 4,
        ..Default::default()
    };
    let evaluate = |model: &Ladder, x: Tensor<2>| {
        evaluate::log_likelihood(model, x, &settings, &Noise::seeded(0))
    };
    let error = evaluate(&model, rows(4)).unwrap_err().to_string();
    assert!(error.contains("`model.valid()`"), "{error}");
    assert!(evaluate(&model.valid(), rows(4).inner()).is_ok());
}

#[test]
#[should_panic(expected = "normalizes over batches")]
fn a_model_in_training_has_no_predictive_variance() {
    let model = ladder(&ladder_config().with_batch_norm(true));
    let _ = evaluate::predictive_variance(&model, rows(4), 2, 2, &mut Noise::seeded(0));
}

/// The best model has its own running averages; the last one keeps those it had.
#[test]
fn the_best_model_shares_nothing_with_the_last() {
    let model = ladder(&ladder_config().with_batch_norm(true));
    let folder = tempfile::tempdir().unwrap();
    let run = Run::new(folder.path().join("run")).with_progress(Progress::Silent);
    let training = TrainingConfig::new(Objective::vae(2))
        .with_epochs(30)
        .with_batch_size(10)
        .with_schedule(Schedule::Constant {
            learning_rate: 0.03,
        });
    let trained = training
        .fit(model.valid(), &data(), Some(&data()), run)
        .unwrap();
    let weigh = |model: &Ladder| {
        let x = data().select(&[0, 1, 2], &Device::default());
        numbers(model.log_weights(x, 3, &mut Noise::seeded(0)).total())
    };
    let before = weigh(&trained.model);
    let best = trained.best().unwrap();
    assert_eq!(weigh(&trained.model), before);
    let last = trained.best_epoch() == Some(30);
    assert!(last || weigh(&best) != before);
}

#[test]
#[should_panic(expected = "the way down to layer 1 has")]
fn parts_of_other_widths_are_refused() {
    let model = ladder(&ladder_config()).valid();
    let [first, second, third] = [0, 1, 2].map(|layer| model.up[layer].clone());
    let wrong = model.down[1].clone(); // of two units, not of three
    let down = vec![wrong, model.down[1].clone()];
    let _ = Ladder::from_parts(vec![first, second, third], down, model.decoder.clone());
}

#[test]
#[should_panic(expected = "the way down to layer 2 has")]
fn ways_down_from_other_layers_are_refused() {
    let mut config = ladder_config();
    config.layers[2].d_latent += 1;
    let (mut model, other) = (ladder(&ladder_config()), ladder(&config));
    model.down[1] = other.down[1].clone();
    let _ = Ladder::from_parts(model.up, model.down, model.decoder);
}
