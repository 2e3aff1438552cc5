//! Latents that count for less while training begins.

use super::*;
use bits::bits;
use burn::optim::GradientsParams;
use burn_bayes::gradient::Estimator;

const STEPS: u64 = 8;

#[test]
fn it_begins_at_0_and_ends_at_exactly_1() {
    let linear = WarmUp::Linear { steps: 3 };
    assert_eq!(
        [0, 1, 3, 4, u64::MAX].map(|step| linear.beta(step)),
        [0.0, 1.0 / 3.0, 1.0, 1.0, 1.0]
    );
    let cyclical = WarmUp::Cyclical {
        period: 4,
        cycles: 2,
    };
    let betas = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map(|step| cyclical.beta(step));
    assert_eq!(betas, [0.0, 0.5, 1.0, 1.0, 0.0, 0.5, 1.0, 1.0, 1.0, 1.0]);
    assert_eq!(WarmUp::None.beta(0), 1.0);
}

/// By the definition, log p(x | z) + β (log p(z) − log q(z | x)); and by either backward pass.
#[test]
fn the_gradient_is_that_of_tempered_log_weights() {
    for bound in [Bound::Iwae, Bound::Vae, Bound::Renyi { alpha: 0.5 }] {
        let objective =
            Objective::new(bound.clone(), K).with_warm_up(WarmUp::Linear { steps: STEPS });
        for step in [0, 2] {
            let (parts, gradient) = at(&objective, Some(step));
            let beta = step as f64 / STEPS as f64;
            assert_eq!(parts.beta, beta);

            let model = vae();
            let log_weights = model.log_weights(x(), K, &mut Noise::seeded(3));
            let tempered = log_weights.log_likelihood.clone()
                + (log_weights.log_prior.clone() - log_weights.log_proposal.clone()) * beta;
            let loss = -bound.value(tempered).unwrap().mean();
            assert!((value(parts.loss()) - value(loss.clone())).abs() < 1e-5);
            let expected = GradientsParams::from_grads(loss.backward(), &model);
            assert_close(&gradient, &flat(&model, &expected));
            // What is reported is the bound itself.
            let whole = bound.value(log_weights.total()).unwrap();
            assert!((value(parts.bound) - value(whole)).abs() < 1e-5);

            // With a threshold above 0 chosen rows are run; this one leaves none out.
            for threshold in [0.0, 1e-12] {
                let replayed = objective.clone().with_backward(Backward::Replayed {
                    samples_per_chunk: 4,
                    threshold,
                });
                let (parts, replayed) = at(&replayed, Some(step));
                assert_eq!(parts.beta, beta);
                assert_close(&replayed, &gradient);
            }
        }
    }
    let analytic = Objective::vae_analytic(K).with_warm_up(WarmUp::Linear { steps: STEPS });
    let (parts, _) = at(&analytic, Some(2));
    let expected = value(parts.kl.clone()) * 0.25 - value(parts.log_likelihood.clone());
    assert!((value(parts.loss()) - expected).abs() < 1e-4);
}

#[test]
fn after_it_and_in_validation_there_is_none() {
    let plain = Objective::iwae(K);
    let warm = plain.clone().with_warm_up(WarmUp::Linear { steps: STEPS });
    let (_, expected) = at(&plain, Some(3));
    for step in [Some(STEPS), Some(1000), None] {
        let (parts, gradient) = at(&warm, step);
        assert_eq!((parts.beta, &gradient), (1.0, &expected));
        assert_eq!(value(parts.loss()), -value(parts.bound));
    }
}

/// A run that is resumed in the middle of it goes on there.
#[test]
fn a_run_is_resumed_in_the_middle_of_it() {
    let dir = tempfile::tempdir().unwrap();
    let numbers = (0..240).map(|i| (i % 5 % 2) as f32);
    let data = Datapoints::new("some", numbers.collect(), 6).unwrap();
    let fit = |warm_up, epochs, name: &str| {
        let objective = Objective::iwae(3).with_warm_up(warm_up);
        let training = TrainingConfig::new(objective)
            .with_epochs(epochs)
            .with_batch_size(10);
        let run = Run::new(dir.path().join(name)).with_resume(true);
        let run = run.with_progress(Progress::Silent);
        training
            .fit(vae().valid(), &data, Some(&data), run)
            .unwrap()
    };
    let warm_up = WarmUp::Linear { steps: 14 };
    let whole = fit(warm_up, 5, "whole");
    fit(warm_up, 2, "parts");
    let resumed = fit(warm_up, 5, "parts");
    assert!(bits(&whole.model) == bits(&resumed.model));
    let cold = fit(WarmUp::None, 5, "cold");
    assert!(bits(&whole.model) != bits(&cold.model));
}

#[test]
fn what_has_no_meaning_is_refused() {
    for warm_up in [
        WarmUp::Linear { steps: 0 },
        WarmUp::Cyclical {
            period: 0,
            cycles: 1,
        },
        WarmUp::Cyclical {
            period: 2,
            cycles: 0,
        },
        WarmUp::Cyclical {
            period: 1,
            cycles: 3,
        },
    ] {
        let error = Objective::iwae(3)
            .with_warm_up(warm_up)
            .validate()
            .unwrap_err();
        assert!(error.to_string().contains("`warm_up`"), "{error}");
    }
    let biased = Objective::iwae(3)
        .with_warm_up(WarmUp::Linear { steps: 5 })
        .with_estimator(Estimator::DoublyReparameterized);
    let error = biased.validate().unwrap_err().to_string();
    assert!(error.contains("bias"), "{error}");
}
