//! Bounds of a user's own, replayed.

use super::*;

/// The Rényi bound of order 2, −log (1/k) Σ 1/wᵢ: shares are those of 1/w.
#[derive(Debug)]
struct RenyiTwo {
    shares: Option<f64>,
}

impl LogWeightBound for RenyiTwo {
    fn name(&self) -> String {
        "Rényi, α = 2".into()
    }

    fn value(&self, log_weights: Tensor<2>) -> Tensor<1> {
        bound::log_mean_exp(-log_weights).neg()
    }

    fn shares(&self, log_weights: Tensor<2>) -> Tensor<2> {
        let shares = bound::normalized_weights(-log_weights);
        shares.mul_scalar(self.shares.unwrap_or(1.0))
    }
}

/// The same, its shares left to autodiff.
#[derive(Debug)]
struct WithoutShares;

impl LogWeightBound for WithoutShares {
    fn name(&self) -> String {
        "Rényi, α = 2".into()
    }

    fn value(&self, log_weights: Tensor<2>) -> Tensor<1> {
        bound::log_mean_exp(-log_weights).neg()
    }
}

#[test]
fn a_bound_of_ones_own_is_replayed() {
    let model = vae(Uncertainty::EncoderAndDecoder);
    let renyi = |log_weights: Tensor<2>| bound::log_mean_exp(-log_weights).neg();
    let expected = joint(&model, renyi, &noise());
    for own in [
        Bound::own(RenyiTwo { shares: None }),
        Bound::own(WithoutShares),
    ] {
        let objective = Objective::new(own, K);
        let replayed = objective.clone().with_backward(Backward::Replayed {
            samples_per_chunk: 5,
            threshold: 0.0,
        });
        for objective in [objective, replayed] {
            objective.validate().unwrap();
            objective.check_shares(&Device::default()).unwrap();
            let (parts, gradients) =
                objective.gradients(&model, rows(4), Step::new(50), &mut noise());
            assert_close(&flat(&model, &gradients), &expected);
            let log_weights = model.log_weights(rows(4), K, &mut noise()).total();
            let difference = (parts.bound - renyi(log_weights)).abs().max();
            assert!(difference.into_scalar::<f32>() < 1e-5);
        }
    }
}

#[test]
fn shares_that_are_not_the_derivatives_are_named() {
    let objective = Objective::new(Bound::own(RenyiTwo { shares: Some(1.1) }), K);
    let replayed = objective.clone().with_backward(Backward::Replayed {
        samples_per_chunk: 5,
        threshold: 0.0,
    });
    objective.check_shares(&Device::default()).unwrap(); // they are not asked for
    let message = replayed
        .check_shares(&Device::default())
        .unwrap_err()
        .to_string();
    for words in [
        "Rényi, α = 2",
        "are not its derivatives",
        "by autodiff",
        "leave `shares` out",
    ] {
        assert!(message.contains(words), "{message}");
    }
}

/// A file has the name of a bound of one's own, no more.
#[test]
fn a_bound_of_ones_own_is_its_name_in_settings() {
    let objective = Objective::new(Bound::own(WithoutShares), 3);
    let text = objective.to_string();
    assert!(text.contains("Rényi, α = 2"), "{text}");
    let read = Objective::load_binary(text.as_bytes()).unwrap();
    assert_eq!(read, objective);
    let message = read.validate().unwrap_err().to_string();
    assert!(message.contains("Bound::own"), "{message}");
    assert_ne!(read, Objective::iwae(3));
}
