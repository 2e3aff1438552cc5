//! What is saved, read and refused.

use super::{PRIOR, by_draws};
use burn_bayes::{
    distribution::Support, model::LogWeights, objective::WeightKlEstimate, prelude::*,
};

fn refused(result: Result<(), Error>, what: &str) {
    let error = result.unwrap_err().to_string();
    assert!(error.contains(what), "{error}");
}

#[test]
fn it_is_saved_and_read() {
    let plain = Objective::iwaeu(3, ChargedWeights::All);
    let told = plain.clone().with_weight_kl_estimate(by_draws(7));
    let text = serde_json::to_string(&told).unwrap();
    assert!(text.contains(r#""weight_kl_estimate":{"MonteCarlo":{"num_draws":7}}"#));
    assert_eq!(serde_json::from_str::<Objective>(&text).unwrap(), told);
    let mut json = serde_json::json!(plain);
    json.as_object_mut()
        .unwrap()
        .remove("weight_kl_estimate")
        .unwrap();
    assert_eq!(serde_json::from_value::<Objective>(json).unwrap(), plain);
}

#[test]
fn what_cannot_be_is_refused() {
    let plain = Objective::iwaeu(3, ChargedWeights::All);
    let none = plain.clone().with_weight_kl_estimate(by_draws(0));
    refused(none.validate(), "`weight_kl_estimate` has 0 draws");
    let uncharged = Objective::iwae(3).with_weight_kl_estimate(by_draws(1));
    refused(uncharged.validate(), "none are charged");
    plain
        .with_weight_kl_estimate(by_draws(1))
        .validate()
        .unwrap();
}

/// A model that charges its weights and does not tell where they are.
struct Silent(Vae);

impl LatentVariableModel for Silent {
    fn log_weights(&self, x: Tensor<2>, num_samples: usize, noise: &mut Noise) -> LogWeights {
        self.0.log_weights(x, num_samples, noise)
    }

    fn support(&self) -> Support {
        self.0.support()
    }

    fn decoder_weight_kl(&self) -> Option<Tensor<1>> {
        self.0.decoder_weight_kl()
    }
}

fn silent() -> Silent {
    let config = VaeConfig::new(4, 2)
        .with_uncertainty(Uncertainty::Decoder)
        .with_weight_prior(PRIOR);
    Silent(config.init(&Device::default(), &mut Noise::seeded(0)))
}

#[test]
fn weights_that_are_not_told_cannot_be_drawn() {
    let closed = Objective::iwaeu(3, ChargedWeights::Decoder);
    closed.check_model(&silent()).unwrap();
    let estimated = closed.with_weight_kl_estimate(by_draws(1));
    refused(
        estimated.check_model(&silent()),
        "does not give all its layers",
    );
    let plain = VaeConfig::new(4, 2).init(&Device::default(), &mut Noise::seeded(0));
    refused(estimated.check_model(&plain), "no such random weights");
}

#[test]
#[should_panic(expected = "does not give all its layers")]
fn nor_are_they_left_out() {
    let estimated = Objective::iwaeu(3, ChargedWeights::Decoder);
    let estimated =
        estimated.with_weight_kl_estimate(WeightKlEstimate::MonteCarlo { num_draws: 1 });
    let _ = estimated.weight_kl(&silent(), &Noise::seeded(0));
}
