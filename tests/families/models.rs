//! Models and data of every family.

use super::*;
use burn_bayes::{Error, progress::Progress, train::Run};

/// Data of a family: 40 rows of three of its values.
fn data(values: [f64; 3]) -> Datapoints {
    let numbers = (0..40 * 3).map(|i| values[(i * 7 + i / 5) % 3] as f32);
    Datapoints::new("some", numbers.collect(), 3).unwrap()
}

#[test]
fn every_family_is_trained_saved_and_reported_on() {
    for (family, values, _) in FAMILIES {
        let dir = tempfile::tempdir().unwrap();
        let config = VaeConfig::new(3, 2)
            .with_hidden(vec![8])
            .with_likelihood(family);
        let model = config.init(&Device::default(), &mut Noise::seeded(0));
        let training = TrainingConfig::new(Objective::iwae(3))
            .with_epochs(2)
            .with_batch_size(8);
        let run = Run::new(dir.path().join("run")).with_progress(Progress::Silent);
        let trained = training.fit(model, &data(values), None, run).unwrap();
        let saved = dir.path().join("model");
        trained.model.save(&config, &saved).unwrap();
        let (loaded, read) = Vae::load(&saved, &Device::default()).unwrap();
        assert_eq!(loaded.likelihood, family);
        let settings = ReportSettings {
            sampling: LogLikelihoodSettings {
                num_samples: 20,
                ..Default::default()
            },
            ..Default::default()
        };
        let report = evaluate::report(&read, &data(values), &settings).unwrap();
        assert!(report.log_likelihood.mean().is_finite(), "{family:?}");
        assert_eq!(read.sample(5, &mut Noise::seeded(1)).dims(), [5, 3]);
    }
}

/// Samples are data of the family.
#[test]
fn samples_lie_in_the_support() {
    for (family, ..) in FAMILIES {
        let count = family.num_outputs(3);
        for size in [0.0, 1.0, 20.0] {
            let outputs: Vec<f64> = (0..count)
                .map(|i| size * (i as f64 * 1.7 + 0.3).sin())
                .collect();
            let p = family.distribution(row(&outputs, DType::F32));
            for x in values(p.sample(500, &mut Noise::seeded(3))) {
                let inside = family.support().contains(x as f32);
                assert!(inside, "{family:?} of size {size}: {x}");
            }
        }
    }
}

#[test]
fn data_of_another_support_are_refused_by_row_and_feature() {
    for (family, wrong) in [
        (Family::Bernoulli, 0.5),
        (Family::ContinuousBernoulli, 1.5),
        (Family::Beta, 1.0),
        (Family::Poisson, 0.5),
        (Family::NegativeBinomial, -1.0),
        (Family::Categorical { classes: 2 }, 2.0),
        (
            Family::DiscretizedLogistic {
                components: 1,
                levels: 256,
                min_log_scale: -7.0,
            },
            0.5,
        ),
        (
            Family::Laplace {
                min_log_scale: -7.0,
            },
            f32::NAN,
        ),
    ] {
        let fine = if family == Family::Beta { 0.5 } else { 1.0 };
        let mut numbers = vec![fine; 12];
        numbers[7] = wrong;
        let data = Datapoints::new("some", numbers, 3);
        let model = VaeConfig::new(3, 2).with_likelihood(family);
        let model = model.init(&Device::default(), &mut Noise::seeded(0));
        let training = TrainingConfig::new(Objective::iwae(1));
        let dir = tempfile::tempdir().unwrap();
        let error = data.and_then(|data| training.fit(model, &data, None, dir.path().join("run")));
        let error = error.map(|_| ()).unwrap_err();
        assert!(matches!(error, Error::Data { .. }), "{family:?}: {error}");
        let error = error.to_string();
        assert!(error.contains("row 2, feature 1"), "{family:?}: {error}");
        assert!(!dir.path().join("run").exists());
    }
}

#[test]
fn settings_of_families_are_checked() {
    for (family, named) in [
        (
            Family::StudentT {
                df: 0.0,
                min_log_scale: -7.0,
            },
            "df",
        ),
        (
            Family::Laplace {
                min_log_scale: f64::NAN,
            },
            "min_log_scale",
        ),
        // In f32 nothing of an output would be left beside it.
        (
            Family::Laplace {
                min_log_scale: -1e9,
            },
            "min_log_scale",
        ),
        (
            Family::Normal(Scale::Learned {
                min_log_variance: -1e5,
            }),
            "min_log_variance",
        ),
        // In f32 this is 0.
        (Family::Normal(Scale::Fixed { std: 1e-50 }), "std"),
        (Family::Normal(Scale::Fixed { std: 1e39 }), "std"),
        (Family::Categorical { classes: 1 }, "classes"),
        (
            Family::DiscretizedLogistic {
                components: 0,
                levels: 256,
                min_log_scale: -7.0,
            },
            "components",
        ),
    ] {
        let error = family.validate().unwrap_err().to_string();
        assert!(error.contains(&format!("likelihood.{named}")), "{error}");
    }
}

/// The last output would belong to no feature.
#[test]
#[should_panic(expected = "takes 2 outputs for each feature, the network gives 7")]
fn outputs_that_are_left_over_are_refused() {
    let outputs = Tensor::<3>::zeros([1, 2, 7], &Device::default());
    let _ = Family::Laplace {
        min_log_scale: -7.0,
    }
    .distribution(outputs);
}
