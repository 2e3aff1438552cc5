//! Models of several stochastic layers, and of priors that are made of the encoder.

use super::*;
use burn_bayes::model::{LadderConfig, Latents, PseudoInputs, VampPrior};

fn x() -> Tensor<2> {
    tensor::<2>([1, 3, 5], 14).greater_elem(0.0).float()
}

fn iwae<M: LatentVariableModel>(model: &M) -> Tensor<1> {
    weigh(bound::iwae(
        model.log_weights(x(), 3, &mut noise(16)).total(),
    ))
}

const EACH: [Uncertainty; 3] = [
    Uncertainty::None,
    Uncertainty::Decoder,
    Uncertainty::EncoderAndDecoder,
];

#[test]
fn hierarchies() {
    if !has_f64() {
        return;
    }
    for uncertainty in EACH {
        let model = VaeConfig::new(5, 3)
            .with_hidden(vec![4])
            .with_uncertainty(uncertainty)
            .with_initial_weight_std(0.2)
            .with_above(vec![
                Latents::new(2).with_hidden(vec![3]),
                Latents::new(1).with_hidden(vec![2]),
            ])
            .init(&device(), &mut noise(15));
        check_module("three layers", &model, iwae);
    }
}

#[test]
fn ladders() {
    if !has_f64() {
        return;
    }
    for (uncertainty, separate) in EACH.into_iter().zip([true, false, true]) {
        let layers = vec![
            Latents::new(3).with_hidden(vec![4]),
            Latents::new(2).with_hidden(vec![3]),
            Latents::new(1).with_hidden(vec![2]),
        ];
        let model = LadderConfig::new(5, layers)
            .with_uncertainty(uncertainty)
            .with_separate_merge(separate)
            .with_activation(Activation::Tanh) // smooth
            .init(&device(), &mut noise(15));
        check_module("ladder", &model, iwae);
        check_module("ladder, analytic", &model, |model| {
            let parts = model.log_weights(x(), 3, &mut noise(16));
            let kl = parts.latent_kl().expect("drawn from the top down");
            weigh(bound::vae_analytic(parts.log_likelihood, kl))
        });
    }
}

#[test]
fn priors_that_are_made_of_the_encoder() {
    if !has_f64() {
        return;
    }
    for range in [PseudoInputs::UnitInterval, PseudoInputs::Real] {
        let noise = &mut noise(15);
        let up = MlpConfig::new(5, vec![4], 2);
        let down = MlpConfig::new(2, vec![4], 5);
        let model = Vae::from_parts(
            GaussianEncoder::new(&up, &device(), noise),
            VampPrior::new([3, 5], 2, range, &device(), noise),
            BernoulliDecoder::new(&down, &device(), noise),
        );
        check_module("VampPrior", &model, iwae);
    }
}
