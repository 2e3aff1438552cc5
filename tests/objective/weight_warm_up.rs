//! Charged weights that count for less while training begins.

use super::*;

const STEPS: u64 = 8;

fn objective(bound: Bound) -> Objective {
    Objective::new(bound, K)
        .with_charged_weights(ChargedWeights::All)
        .with_weight_warm_up(WarmUp::Linear { steps: STEPS })
}

/// A linear function of the factor: between that without a charge and that with the whole one; by
/// either backward pass, beside a warm-up of the latents or not. What is reported is the charge.
#[test]
fn the_loss_and_its_gradient_have_the_factor() {
    for (bound, latents) in [
        (Bound::Iwae, WarmUp::None),
        (Bound::VaeAnalytic, WarmUp::None),
        (Bound::Vae, WarmUp::Linear { steps: 4 }),
    ] {
        let objective = objective(bound.clone()).with_warm_up(latents);
        let whole = objective.clone().with_weight_warm_up(WarmUp::None);
        let free = whole.clone().with_charged_weights(ChargedWeights::None);
        for step in [0, 2, STEPS] {
            let factor = step as f64 / STEPS as f64;
            let [whole, free] = [&whole, &free].map(|objective| at(objective, Some(step)));
            let (parts, gradient) = at(&objective, Some(step));
            assert_eq!(parts.weight_beta, factor);
            assert_eq!(parts.beta, latents.beta(step));
            let between = |whole: f64, free: f64| free + factor * (whole - free);
            let pairs = whole.1.iter().zip(&free.1);
            let expected: Vec<f64> = pairs.map(|(w, f)| between(*w, *f)).collect();
            assert_close(&gradient, &expected);
            let [w, f] = [&whole.0, &free.0].map(|parts| value(parts.loss()));
            assert!(w - f > 0.1);
            assert!((value(parts.loss()) - between(w, f)).abs() < 1e-4);
            let kl = |parts: &ObjectiveParts| value(parts.weight_kl.clone().unwrap());
            assert_eq!(kl(&parts), kl(&whole.0));
            let charged = |parts: &ObjectiveParts| value(parts.charged_bound());
            assert_eq!(charged(&parts), charged(&whole.0));
            if bound != Bound::VaeAnalytic {
                let (parts, gradient) = at(&replayed(&objective), Some(step));
                assert_close(&gradient, &expected);
                assert!((value(parts.loss()) - between(w, f)).abs() < 1e-4);
            }
        }
    }
}

#[test]
fn after_it_and_in_validation_the_charge_is_the_whole() {
    let warm = objective(Bound::Iwae);
    let whole = warm.clone().with_weight_warm_up(WarmUp::None);
    let (_, expected) = at(&whole, Some(3));
    for step in [Some(STEPS), Some(1000), None] {
        let (parts, gradient) = at(&warm, step);
        assert_eq!((parts.weight_beta, &gradient), (1.0, &expected));
        assert_eq!(value(parts.loss()), value(at(&whole, step).0.loss()));
    }
}

#[test]
fn a_run_is_resumed_in_the_middle_of_it() {
    let warm = objective(Bound::Iwae).with_weight_warm_up(WarmUp::Linear { steps: 40 });
    resumes(&warm, &warm.clone().with_weight_warm_up(WarmUp::None));
}

#[test]
fn what_has_no_meaning_is_refused() {
    let none = objective(Bound::Iwae).with_weight_warm_up(WarmUp::Linear { steps: 0 });
    refused(none, "`weight_warm_up` has 0 steps");
    let free = objective(Bound::Iwae).with_charged_weights(ChargedWeights::None);
    refused(free, "none are charged");
}
