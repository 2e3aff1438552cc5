//! Draws, reconstructions, estimates and reports of models on a GPU, for lengths that are multiples
//! of 4, which it reads by vectors, and for axes of length 1.

use super::{
    ALL,
    agree::{assert_same, numbers, read},
    models::{images, with_holes},
    other,
};
use burn_bayes::{
    data::Rows,
    evaluate::{predictive_variance, scores},
    model::{Latents, Reconstruct},
    prelude::*,
};

/// What is asked of a model with rows: their likelihood, their reconstruction, and their scores.
fn answers<D: Rows, M: Reconstruct<D>>(model: &M, rows: impl Fn() -> D) -> Vec<Vec<f64>> {
    let settings = LogLikelihoodSettings {
        num_samples: 8,
        ..Default::default()
    };
    let noise = Noise::seeded(3);
    let estimate = evaluate::log_likelihood(model, rows(), &settings, &noise).unwrap();
    let anew = model.reconstruction(rows(), 4, &mut Noise::seeded(4));
    let variance = predictive_variance(model, rows(), 2, 4, &mut Noise::seeded(5));
    let scores = scores(model, rows(), 2, &settings, &noise).unwrap();
    vec![
        estimate.values,
        estimate.effective_sample_sizes,
        read(anew.mean()),
        read(anew.variance()),
        read(variance.mean.clone()),
        read(variance.total()),
        read(variance.from_weights),
        read(variance.from_latents),
        scores.log_likelihood,
        scores.disagreement,
    ]
}

#[test]
fn answers_agree_with_the_processor() {
    let Some(device) = other() else { return };
    for (batch, units) in [(20, 1), (20, 2), (1, 4), (8, 4)] {
        for uncertainty in ALL {
            let config = VaeConfig::new(4, units)
                .with_hidden(vec![8])
                .with_uncertainty(uncertainty)
                .with_initial_weight_std(0.1);
            let name = format!("{uncertainty:?}, {batch} rows, {units} latents");
            assert_same(&name, &device, |device| {
                let model = config.init(device, &mut Noise::seeded(2));
                let z = model.sample_latents(batch, &mut Noise::seeded(6));
                let decoded = model.decode(z.clone(), &mut Noise::seeded(7)).mean();
                let drawn = model.sample(batch, &mut Noise::seeded(8));
                let mut found = answers(&model, || images(batch, device));
                found.extend([read(z), read(decoded), read(drawn)]);
                found
            });
            let name = format!("{name}, covariates");
            assert_same(&name, &device, |device| {
                let model = config.init_conditional(2, device, &mut Noise::seeded(2));
                let c = || numbers([batch, 2], 7, device);
                let mut found = answers(&model, || (c(), images(batch, device)));
                found.push(read(model.sample(c(), &mut Noise::seeded(8))));
                found
            });
        }
        let layers = || vec![Latents::new(units).with_hidden(vec![8])];
        let config = VaeConfig::new(4, 2)
            .with_hidden(vec![8])
            .with_above(layers());
        let name = format!("{batch} rows, {units} latents above");
        assert_same(&name, &device, |device| {
            let model = config.init(device, &mut Noise::seeded(2));
            let mut found = answers(&model, || images(batch, device));
            found.push(read(model.sample_latents(batch, &mut Noise::seeded(6))));
            found
        });
        let layers = [vec![Latents::new(2).with_hidden(vec![8])], layers()].concat();
        let config = LadderConfig::new(4, layers).with_batch_norm(false);
        assert_same(&format!("a ladder, {name}"), &device, |device| {
            let model = config.init(device, &mut Noise::seeded(2));
            let mut found = answers(&model, || images(batch, device));
            found.push(read(model.sample_latents(batch, &mut Noise::seeded(6))));
            found
        });
    }
}

#[test]
fn filled_cells_agree_with_the_processor() {
    let Some(device) = other() else { return };
    let classes = Family::Categorical { classes: 4 };
    let normal = Family::Normal(Scale::Learned {
        min_log_variance: -10.0,
    });
    for batch in [20, 1] {
        for groups in [
            [(Family::Bernoulli, 2), (classes, 2)],
            [(normal, 1), (classes, 1)],
        ] {
            let count: usize = groups.iter().map(|(_, count)| count).sum();
            let config = IncompleteVaeConfig::new(Columns::new(groups), 2).with_hidden(vec![8]);
            assert_same(&format!("{batch} rows of {groups:?}"), &device, |device| {
                let values = with_holes([batch, count], device);
                let model = config.init(device, &mut Noise::seeded(2));
                let imputed = model.impute(values.clone(), 8, &mut Noise::seeded(3));
                let classes = imputed.class_probabilities(count - 1).expect("classes");
                let draws = model.impute_draws(values, 8, 4, &mut Noise::seeded(3));
                vec![
                    read(imputed.mean),
                    read(imputed.effective_sample_size),
                    read(classes),
                    read(draws),
                ]
            });
        }
    }
}

#[test]
fn reports_agree_with_the_processor() {
    let Some(device) = other() else { return };
    let config = VaeConfig::new(4, 4)
        .with_hidden(vec![8])
        .with_uncertainty(Uncertainty::EncoderAndDecoder)
        .with_initial_weight_std(0.1)
        .with_above(vec![Latents::new(2).with_hidden(vec![8])]);
    let x = read(images(20, &Device::flex()))
        .into_iter()
        .map(|x| x as f32);
    let data = Datapoints::new("data", x.collect(), 4).unwrap();
    // Some units are below this, so that a pass without them is made.
    let settings = ReportSettings {
        active_threshold: 0.1,
        ..ReportSettings::new().with_num_samples(8)
    };
    assert_same("a report", &device, |device| {
        let model = config.init(device, &mut Noise::seeded(2));
        let report = evaluate::report(&model, &data, &settings).unwrap();
        let mut found = vec![report.log_likelihood.values, report.parts.kl];
        found.extend(report.layers.into_iter().map(|layer| layer.variances));
        let again = [report.without_inactive, report.posterior_mean];
        let again = again.map(|again| again.expect("such a pass").log_likelihood.values);
        found.extend(again);
        found
    });
}
