//! All kinds of models, and all ways of the gradient.

use super::{PRIOR, by_draws, flat::flat, number};
use burn_bayes::{
    data::Rows,
    model::LadderConfig,
    objective::{Backward, Step, WeightKlEstimate},
    prelude::*,
};

const RANDOM: Weights = Weights::Random {
    initial_std: 0.2,
    prior: PRIOR,
    random_bias: true,
};

fn device() -> Device {
    Device::default().autodiff()
}

fn config() -> VaeConfig {
    VaeConfig::new(6, 3)
        .with_hidden(vec![5])
        .with_uncertainty(Uncertainty::EncoderAndDecoder)
        .with_initial_weight_std(0.2)
        .with_weight_prior(PRIOR)
}

fn x() -> Tensor<2> {
    let numbers = Noise::seeded(2).uniform([1, 4, 6], &device());
    numbers.lower_elem(0.4).float().squeeze_dim(0)
}

/// For a model, what its layers tell is what it charges. The estimate is below the bound; it says
/// what it is, is the same for the same noise, and leaves the model's own draws as they are.
fn check<D: Rows, M: LatentVariableModel<D>>(name: &str, model: &M, x: D) {
    let sum = |layers: Vec<(String, &BayesianLinear)>| {
        let kls = layers.iter().map(|(_, layer)| number(layer.kl(&PRIOR)));
        kls.sum::<f64>()
    };
    for (charged, layers, bound) in [
        (
            ChargedWeights::Decoder,
            model.random_decoder_layers(),
            model.decoder_weight_kl(),
        ),
        (
            ChargedWeights::All,
            model.random_layers(),
            model.weight_kl(),
        ),
    ] {
        let bound = number(bound.unwrap());
        let told = sum(layers);
        assert!(
            (told - bound).abs() < 1e-5 * bound,
            "{name}: {told} {bound}"
        );

        let plain = Objective::iwaeu(3, charged);
        let objective = plain.clone().with_weight_kl_estimate(by_draws(20));
        objective.check_model(model).unwrap();
        let evaluate = |objective: &Objective, seed| {
            objective.evaluate(model, x.clone(), Step::new(100), &mut Noise::seeded(seed))
        };
        let (closed, estimated) = (evaluate(&plain, 3), evaluate(&objective, 3));
        let bits = |tensor: Tensor<1>| tensor.without_autodiff().to_data().as_bytes().to_vec();
        assert_eq!(bits(closed.bound), bits(estimated.bound.clone()));
        assert_eq!(number(closed.weight_kl.unwrap()), bound);
        assert_eq!(
            closed.weight_kl_estimate,
            Some(WeightKlEstimate::ClosedForm)
        );
        assert_eq!(estimated.weight_kl_estimate, Some(by_draws(20)));
        let estimate = number(estimated.weight_kl.unwrap());
        assert!(estimate < bound, "{name}: {estimate} {bound}");
        let again = |seed| number(evaluate(&objective, seed).weight_kl.unwrap());
        assert_eq!(again(3), estimate);
        assert!(again(4) != estimate);
    }
}

#[test]
fn models_tell_what_they_charge() {
    let mut noise = Noise::seeded(1);
    check("one layer", &config().init(&device(), &mut noise), x());
    let above = config().with_above(vec![Latents::new(2)]);
    check("two layers", &above.init(&device(), &mut noise), x());
    let c = x().narrow(1, 0, 2);
    let conditional = above.init_conditional(2, &device(), &mut noise);
    check("covariates", &conditional, (c, x()));

    let encoder = GaussianEncoder::new(&MlpConfig::new(12, vec![], 2), &device(), &mut noise);
    let mlp = MlpConfig::new(2, vec![4], 6).with_weights(RANDOM);
    let decoder = Decoder::new(&mlp, Family::Bernoulli, &device(), &mut noise);
    let encoder = encoder.with_random_weights(RANDOM);
    let model = IncompleteVae::from_parts(encoder, StandardNormal::new(2), decoder);
    let missing = x().mask_fill(x().equal_elem(1.0), f32::NAN);
    check("missing cells", &model, missing);

    let layers = vec![Latents::new(3).with_hidden(vec![4]), Latents::new(2)];
    let mut ladder = LadderConfig::new(6, layers)
        .with_separate_merge(true)
        .init(&device(), &mut noise);
    ladder.up = ladder.up.with_random_weights(RANDOM);
    ladder.down = ladder.down.with_random_weights(RANDOM);
    ladder.decoder = ladder.decoder.with_random_weights(RANDOM);
    check("ladder", &ladder, x());
    let names = ladder.random_decoder_layers().into_iter();
    let names: Vec<String> = names.map(|(name, _)| name).collect();
    let all = ladder.random_layers().into_iter();
    let all: Vec<String> = all.map(|(name, _)| name).collect();
    assert!(
        names
            .iter()
            .all(|name| !name.contains("merge") && all.contains(name))
    );
}

/// Around the weights themselves the charge is another one.
#[test]
fn centred_priors_are_charged_around_their_centres() {
    let mut model = config().init(&device(), &mut Noise::seeded(1));
    let objective = Objective::iwaeu(3, ChargedWeights::Decoder);
    let objective = objective.with_weight_kl_estimate(by_draws(5));
    let charge = |model: &Vae| number(objective.weight_kl(model, &Noise::seeded(0)).unwrap());
    let around_zero = charge(&model);
    model.decoder = model.decoder.with_centred_priors();
    assert!(charge(&model) < 0.8 * around_zero);
}

/// The replayed backward pass has the charge, its gradient and the draws of the joint one.
#[test]
fn the_backward_pass_may_be_replayed() {
    let model = config().init(&device(), &mut Noise::seeded(1));
    let joint = Objective::iwaeu(4, ChargedWeights::All).with_weight_kl_estimate(by_draws(2));
    let replayed = joint.clone().with_backward(Backward::Replayed {
        samples_per_chunk: 3,
        threshold: 0.0,
    });
    let of = |objective: &Objective| {
        let noise = &mut Noise::seeded(3);
        let (parts, gradients) = objective.gradients(&model, x(), Step::new(10), noise);
        (number(parts.loss()), flat(&model, &gradients))
    };
    let ((loss, gradient), (again, replayed)) = (of(&joint), of(&replayed));
    assert!((loss - again).abs() < 1e-5 * loss.abs());
    let size = gradient.iter().fold(0.0, |size: f64, g| size.max(g.abs()));
    for (a, b) in gradient.iter().zip(&replayed) {
        assert!((a - b).abs() < 1e-5 * size, "{a} {b}");
    }
    let closed = joint.with_weight_kl_estimate(WeightKlEstimate::ClosedForm);
    let (_, other) = of(&closed);
    assert!((0..other.len()).any(|i| (other[i] - gradient[i]).abs() > 0.01 * size));
}

/// A noise that goes on from step to step, without forks, has other draws in each.
#[test]
fn steps_have_draws_of_their_own() {
    let model = config().init(&device(), &mut Noise::seeded(1));
    let objective = Objective::iwaeu(2, ChargedWeights::All).with_weight_kl_estimate(by_draws(1));
    let mut noise = Noise::seeded(3);
    let steps = [(); 3].map(|()| {
        let parts = objective.evaluate(&model, x(), Step::new(10), &mut noise);
        number(parts.weight_kl.unwrap())
    });
    assert!(steps[0] != steps[1] && steps[1] != steps[2]);
}
