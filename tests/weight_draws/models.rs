//! All kinds of models, against loops over plain functions.

use super::{numbers, shared};
use burn::{module::Param, nn::Linear};
use burn_bayes::{
    data::Rows,
    layer::{Sites, WeightSample},
    model::LadderConfig,
    objective::{WarmUp, WeightDraws},
    prelude::*,
};

const N: usize = 50;
const M: usize = 3;

fn device() -> Device {
    Device::default()
}

fn x() -> Tensor<2> {
    let numbers = Noise::seeded(2).uniform([1, 4, 6], &device());
    numbers.lower_elem(0.4).float().squeeze_dim(0)
}

fn config() -> VaeConfig {
    VaeConfig::new(6, 3)
        .with_hidden(vec![5])
        .with_uncertainty(Uncertainty::EncoderAndDecoder)
        .with_initial_weight_std(0.2)
        .with_above(vec![Latents::new(2).with_hidden(vec![4])])
}

fn assert_close(what: &str, found: &[f64], expected: &[f64]) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        let difference = (found - expected).abs();
        // Sums in another order, in `f32`.
        assert!(
            difference < 2e-5 * expected.abs(),
            "{what}: {found} {expected}"
        );
    }
}

/// The layers with weights in their places, as a program without this setting would have them.
fn fixed(layers: &mut [Dense], weights: &mut impl Iterator<Item = WeightSample>) {
    for layer in layers {
        let WeightSample { weight, bias } = weights.next().unwrap();
        let weight = Param::from_tensor(weight);
        let bias = bias.map(Param::from_tensor);
        *layer = Dense::Deterministic(Linear { weight, bias });
    }
}

/// Two stochastic layers, the weights of both generative conditionals being drawn.
#[test]
fn a_loop_over_plain_functions_gives_the_same() {
    let model = config().init(&device(), &mut Noise::seeded(1));
    let (alpha, draws) = (0.5, 4);
    let noise = Noise::seeded(3).fork(7);
    let layers = || {
        let upper = &model.prior.layers[0].decoder.network.layers;
        let layers = model.decoder.network.layers.iter().chain(upper);
        layers.map(|layer| match layer {
            Dense::Bayesian(layer) => layer,
            Dense::Deterministic(_) => panic!("random weights"),
        })
    };
    let (mut bounds, mut factors) = (Vec::new(), Vec::new());
    for draw in 0..draws {
        let weights = noise.fork(WeightDraws::STREAM).fork(0);
        let mut weights = weights.with_first_sample(draw as u32);
        let weights: Vec<_> = layers()
            .map(|layer| layer.sample_weights(&mut weights))
            .collect();
        let each = layers().zip(&weights);
        let each = each.map(|(layer, weights)| Sites::of(layer, N).log_factor(weights));
        factors.push(each.reduce(|sum, factor| sum + factor).unwrap());
        let mut drawn = model.clone();
        let weights = &mut weights.into_iter();
        fixed(&mut drawn.decoder.network.layers, weights);
        fixed(&mut drawn.prior.layers[0].decoder.network.layers, weights);
        let mut noise = noise.clone().with_first_sample((draw * M) as u32);
        let log_weights = drawn.log_weights(x(), M, &mut noise).total();
        bounds.push(bound::iwae(log_weights));
    }
    let bounds = Tensor::stack::<2>(bounds, 0);
    let normalizers = layers().map(|layer| Sites::of(layer, N).log_normalizer());
    let by_sites = bound::black_box_alpha_by_sites(
        bounds.clone(),
        Tensor::cat(factors, 0),
        normalizers
            .reduce(|sum, normalizer| sum + normalizer)
            .unwrap(),
        N,
        alpha,
    );
    let evaluate =
        |objective: &Objective| objective.evaluate(&model, x(), Step::new(N), &mut noise.clone());
    let objective = Objective::black_box_alpha_by_sites(alpha, draws, M);
    let parts = evaluate(&objective);
    assert_close(
        "sites",
        &numbers(parts.bound.clone()),
        &numbers(by_sites.clone()),
    );
    assert_close(
        "loss",
        &numbers(parts.loss()),
        &numbers(by_sites.mean().neg()),
    );
    assert!(parts.weight_kl.is_none());

    for (alpha, expected) in [
        (0.0, bounds.clone().mean_dim(0).squeeze_dim(0)),
        (alpha, bound::black_box_alpha(bounds, alpha)),
    ] {
        let objective = Objective::iwaeu(M, ChargedWeights::Decoder);
        let parts = evaluate(&objective.with_weight_draws(shared(draws, alpha)));
        let charge = model.decoder_weight_kl().unwrap().div_scalar(N as f64);
        assert_close(
            "shared",
            &numbers(parts.charged_bound()),
            &numbers(expected - charge),
        );
    }
}

/// What counts for less at first, or has nats at no cost, does so under each draw.
#[test]
fn warm_up_and_free_bits_reach_the_loss() {
    let model = config().init(&device(), &mut Noise::seeded(1));
    let drawn = |bound: Objective| bound.with_weight_draws(shared(2, 0.0));
    let first = |objective: Objective| {
        let step = Step::new(N).with_number(0);
        let parts = objective.evaluate(&model, x(), step, &mut Noise::seeded(1));
        let likelihood = numbers(parts.log_likelihood.clone().mean());
        (numbers(parts.loss()), likelihood[0])
    };
    let cold = drawn(Objective::vae(2)).with_warm_up(WarmUp::Linear { steps: 8 });
    let (loss, likelihood) = first(cold);
    assert_close("β = 0", &loss, &[-likelihood]);
    // More nats than both layers have: each costs as many, and no less.
    let free = drawn(Objective::vae(2)).with_free_bits(Some(100.0));
    let (loss, likelihood) = first(free);
    assert_close("free bits", &loss, &[200.0 - likelihood]);
}

/// The model takes weights for all random ones of its decoder. Draws are the same for the same
/// noise, others for another, and those of proposals are what they are without.
fn check<D: Rows, M: LatentVariableModel<D>>(name: &str, model: &M, x: D) {
    let local = Objective::iwae(2);
    let one = local.clone().with_weight_draws(shared(1, 0.0));
    let evaluate = |objective: &Objective, seed| {
        objective.check_model(model).unwrap();
        objective.evaluate(model, x.clone(), Step::new(N), &mut Noise::seeded(seed))
    };
    let (plain, drawn) = (evaluate(&local, 3), evaluate(&one, 3));
    if !name.starts_with("ladder") {
        // A ladder's proposals look at what its decoder says.
        assert_eq!(
            numbers(plain.log_proposal),
            numbers(drawn.log_proposal),
            "{name}"
        );
    }
    assert!(numbers(plain.bound) != numbers(drawn.bound), "{name}");
    let sites = Objective::black_box_alpha_by_sites(0.5, 3, 2);
    let bound = |seed| numbers(evaluate(&sites, seed).bound);
    assert_eq!(bound(3), bound(3), "{name}");
    assert!(bound(3) != bound(4), "{name}");
}

#[test]
fn models_take_given_weights() {
    let noise = &mut Noise::seeded(1);
    let random = Weights::random();
    check("two layers", &config().init(&device(), noise), x());
    let c = x().narrow(1, 0, 2);
    let conditional = config().init_conditional(2, &device(), noise);
    check("covariates", &conditional, (c, x()));

    let encoder = GaussianEncoder::new(&MlpConfig::new(12, vec![], 2), &device(), noise);
    let mlp = MlpConfig::new(2, vec![4], 6).with_weights(random);
    let decoder = Decoder::new(&mlp, Family::Bernoulli, &device(), noise);
    let encoder = encoder.with_random_weights(random);
    let model = IncompleteVae::from_parts(encoder, StandardNormal::new(2), decoder);
    let missing = x().mask_fill(x().equal_elem(1.0), f32::NAN);
    check("missing cells", &model, missing);

    let layers = vec![Latents::new(3).with_hidden(vec![4]), Latents::new(2)];
    for separate in [false, true] {
        let config = LadderConfig::new(6, layers.clone())
            .with_uncertainty(Uncertainty::EncoderAndDecoder)
            .with_separate_merge(separate);
        check("ladder", &config.init(&device(), noise), x());
    }
}

/// Running averages of batch normalization are those of the model itself.
#[test]
fn batch_normalization_keeps_its_running_averages() {
    let layers = vec![Latents::new(3).with_hidden(vec![4]), Latents::new(2)];
    let device = device().autodiff();
    let model = LadderConfig::new(6, layers)
        .with_uncertainty(Uncertainty::Decoder)
        .with_batch_norm(true)
        .init(&device, &mut Noise::seeded(1));
    let mean = || {
        numbers(
            model.decoder.network.trunk.norms[0]
                .running_mean
                .value_sync(),
        )
    };
    let before = mean();
    let objective = Objective::iwae(2).with_weight_draws(shared(2, 0.0));
    let x = Tensor::from_data(x().into_data(), &device);
    let _ = objective.evaluate(&model, x, Step::new(N), &mut Noise::seeded(2));
    assert!(mean() != before);
}

/// A noise that goes on from step to step, without forks, has other draws in each.
#[test]
fn steps_have_draws_of_their_own() {
    let model = config().init(&device(), &mut Noise::seeded(1));
    let objective = Objective::iwae(1).with_weight_draws(shared(1, 0.0));
    let step =
        |noise: &mut Noise| numbers(objective.evaluate(&model, x(), Step::new(N), noise).bound);
    let mut noise = Noise::seeded(3);
    let steps = [(); 3].map(|()| step(&mut noise));
    assert!(steps[0] != steps[1] && steps[1] != steps[2]);
    assert_eq!(steps[0], step(&mut Noise::seeded(3)));
}

/// All rows meet the same weights, as copies of a row under a fixed z show.
#[test]
fn rows_share_their_weights() {
    let decoder = |weights: Weights| {
        let mlp = MlpConfig::new(1, vec![], 2).with_weights(weights);
        Decoder::new(&mlp, Family::Bernoulli, &device(), &mut Noise::seeded(0))
    };
    let random = Weights::Random {
        initial_std: 1.0,
        prior: WeightPrior::default(),
        random_bias: true,
    };
    let mut decoder = decoder(random);
    // The weight of z is 0, and the bias alone is random.
    let Dense::Bayesian(layer) = &mut decoder.network.layers[0] else {
        panic!("random weights")
    };
    layer.weight_loc = Param::from_tensor(layer.weight_loc.val().zeros_like());
    let none = layer.weight_log_variance.val().full_like(-1e4);
    layer.weight_log_variance = Param::from_tensor(none);
    let up = MlpConfig::new(2, vec![], 1);
    let encoder = GaussianEncoder::new(&up, &device(), &mut Noise::seeded(0));
    let model = Vae::from_parts(encoder, StandardNormal::new(1), decoder);
    let x = Tensor::<2>::ones([3, 2], &device());
    let likelihoods = |objective: &Objective| {
        let parts = objective.evaluate(&model, x.clone(), Step::new(N), &mut Noise::seeded(1));
        numbers(parts.log_likelihood)
    };
    let [local, shared] = [Objective::iwae(1), {
        Objective::iwae(1).with_weight_draws(shared(1, 0.0))
    }]
    .map(|objective| likelihoods(&objective));
    assert!(
        shared[0] == shared[1] && shared[1] == shared[2],
        "{shared:?}"
    );
    assert!(local[0] != local[1], "{local:?}");
}
