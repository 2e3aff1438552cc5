//! What is saved, read and refused.

use super::shared;
use burn_bayes::{
    gradient::Estimator,
    objective::{Backward, WeightDraws, WeightKlEstimate},
    prelude::*,
};

fn sites() -> Objective {
    Objective::black_box_alpha_by_sites(0.5, 3, 2)
}

fn refused(result: Result<(), Error>, what: &str) {
    let error = result.unwrap_err().to_string();
    assert!(
        error.contains("`weight_draws`") && error.contains(what),
        "{error}"
    );
}

#[test]
fn they_are_saved_and_read() {
    for objective in [
        sites(),
        Objective::iwae(2).with_weight_draws(shared(4, 0.25)),
    ] {
        let text = serde_json::to_string(&objective).unwrap();
        assert_eq!(serde_json::from_str::<Objective>(&text).unwrap(), objective);
        let mut json = serde_json::json!(objective);
        json.as_object_mut()
            .unwrap()
            .remove("weight_draws")
            .unwrap();
        let earlier: Objective = serde_json::from_value(json).unwrap();
        assert_eq!(earlier.weight_draws, WeightDraws::Local);
    }
    let text = serde_json::to_string(&sites()).unwrap();
    assert!(
        text.contains(r#""weight_draws":{"Sites":{"num_draws":3,"alpha":0.5}}"#),
        "{text}"
    );
}

#[test]
fn settings_that_cannot_be_are_refused() {
    sites().validate().unwrap();
    let draws = |draws| Objective::iwae(2).with_weight_draws(draws);
    refused(draws(shared(0, 0.0)).validate(), "0 draws");
    refused(draws(shared(1, f64::NAN)).validate(), "the α NaN");
    for alpha in [0.0, -1.0, f64::INFINITY] {
        let objective = Objective::black_box_alpha_by_sites(alpha, 3, 2);
        refused(objective.validate(), "give a positive number");
    }
    let replayed = Backward::Replayed {
        samples_per_chunk: 2,
        threshold: 0.0,
    };
    let again = "none can be run again on its own";
    refused(sites().with_backward(replayed).validate(), again);
    let one = draws(shared(2, 0.0)).with_backward(Backward::OneSample {
        samples_per_chunk: 2,
    });
    refused(one.validate(), again);
    refused(
        sites()
            .with_estimator(Estimator::DoublyReparameterized)
            .validate(),
        again,
    );
    for charged in [ChargedWeights::Decoder, ChargedWeights::All] {
        refused(
            sites().with_charged_weights(charged).validate(),
            "use `ChargedWeights::None`",
        );
    }
    let free = |alpha| {
        let objective = Objective::vae(2).with_free_bits(Some(0.5));
        objective.with_weight_draws(shared(2, alpha)).validate()
    };
    refused(free(0.5), "free bits");
    free(0.0).unwrap();
}

fn decoder(prior: WeightPrior) -> Vae {
    VaeConfig::new(4, 2)
        .with_uncertainty(Uncertainty::Decoder)
        .with_weight_prior(prior)
        .init(&Device::default(), &mut Noise::seeded(0))
}

#[test]
fn models_that_have_no_such_weights_are_refused() {
    sites()
        .check_model(&decoder(WeightPrior::default()))
        .unwrap();
    let encoder = VaeConfig::new(4, 2).with_uncertainty(Uncertainty::Encoder);
    let encoder = encoder.init(&Device::default(), &mut Noise::seeded(0));
    refused(sites().check_model(&encoder), "tells none");
    let shared = Objective::iwae(2).with_weight_draws(shared(2, 0.0));
    refused(shared.check_model(&encoder), "tells none");
    let mixture = WeightPrior::ScaleMixture {
        share: 0.25,
        wide: 1.0,
        narrow: 0.05,
    };
    for prior in [WeightPrior::Matched, mixture] {
        refused(
            sites().check_model(&decoder(prior)),
            "that of decoder.0 is another",
        );
        shared.check_model(&decoder(prior)).unwrap();
    }
    let mut centred = decoder(WeightPrior::default());
    centred.decoder = centred.decoder.with_centred_priors();
    refused(sites().check_model(&centred), "normal priors around 0");
}

/// A network that keeps its weights random, whatever it is given.
#[derive(Module, Debug)]
struct Stubborn {
    layer: Dense,
}

impl RandomWeights for Stubborn {
    fn weight_kl(&self) -> Option<Tensor<1>> {
        self.layer.weight_kl()
    }

    fn random_layers(&self) -> Vec<(String, &BayesianLinear)> {
        self.layer.random_layers()
    }
}

impl Network for Stubborn {
    fn forward(&self, input: Tensor<3>, num_samples: usize, noise: &mut Noise) -> Tensor<3> {
        self.layer.forward(input, num_samples, noise)
    }
}

type StubbornVae = Vae<GaussianEncoder, StandardNormal, Conditional<Family, Stubborn>>;

fn stubborn() -> StubbornVae {
    let (device, mut noise) = (Device::default(), Noise::seeded(0));
    let (weights, initializer) = (Weights::random(), Initializer::GlorotUniform);
    let layer = Dense::new([2, 4], weights, initializer, &device, &mut noise);
    let encoder = GaussianEncoder::new(&MlpConfig::new(4, vec![], 2), &device, &mut noise);
    let decoder = Conditional::from_parts(Stubborn { layer }, Family::Bernoulli);
    Vae::from_parts(encoder, StandardNormal::new(2), decoder)
}

#[test]
fn models_that_take_no_weights_are_refused() {
    refused(sites().check_model(&stubborn()), "implement");
}

#[test]
#[should_panic(expected = "takes given weights")]
fn nor_are_they_evaluated() {
    let x = Tensor::<2>::zeros([1, 4], &Device::default());
    let _ = sites().evaluate(&stubborn(), x, Step::new(10), &mut Noise::seeded(0));
}

#[test]
#[should_panic(expected = "none can be run again on its own")]
fn a_replayed_pass_is_no_silent_other_objective() {
    let device = Device::default().autodiff();
    let config = VaeConfig::new(4, 2).with_uncertainty(Uncertainty::Decoder);
    let model = config.init(&device, &mut Noise::seeded(0));
    let objective = sites().with_estimator(Estimator::StickingTheLanding);
    let x = Tensor::<2>::zeros([1, 4], &device);
    let _ = objective.gradients(&model, x, Step::new(10), &mut Noise::seeded(0));
}

/// Shared draws of θ and an estimated charge have noise of their own.
#[test]
fn both_settings_go_together() {
    let mixture = WeightPrior::ScaleMixture {
        share: 0.25,
        wide: 1.0,
        narrow: 0.05,
    };
    let (model, x) = (
        decoder(mixture),
        Tensor::<2>::zeros([3, 4], &Device::default()),
    );
    let closed = Objective::iwaeu(2, ChargedWeights::Decoder).with_weight_draws(shared(2, 0.5));
    let estimate = WeightKlEstimate::MonteCarlo { num_draws: 2 };
    let estimated = closed.clone().with_weight_kl_estimate(estimate);
    let [closed, estimated] = [closed, estimated].map(|objective| {
        objective.check_model(&model).unwrap();
        objective.evaluate(&model, x.clone(), Step::new(10), &mut Noise::seeded(1))
    });
    assert_eq!(
        super::numbers(closed.bound),
        super::numbers(estimated.bound)
    );
    assert_eq!(estimated.weight_kl_estimate, Some(estimate));
    let [closed, estimated] =
        [closed.weight_kl, estimated.weight_kl].map(|kl| super::numbers(kl.unwrap()));
    assert!(closed != estimated);
}
