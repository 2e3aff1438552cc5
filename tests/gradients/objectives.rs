//! Objectives beyond the bounds: the jackknife, black-box α, free bits, charges of weights.

use super::*;
use burn_bayes::{
    layer::Sites,
    model::LadderConfig,
    objective::{ChargedWeights, Step, WarmUp, WeightDraws, WeightKlEstimate},
};

fn log_weights() -> Tensor<2> {
    tensor::<2>([1, 4, 3], 20).mul_scalar(2.0)
}

#[test]
fn functions_of_log_weights() {
    if !has_f64() {
        return;
    }
    check_tensor("jackknife", log_weights(), |w| weigh(bound::jackknife(w)));
    for alpha in [0.0, 0.3, 1.0, 2.0] {
        check_tensor("black-box α", log_weights(), |w| {
            weigh(bound::black_box_alpha(w, alpha))
        });
    }
}

/// Through the draws of weights, the sites and the normalizers.
#[test]
fn black_box_alpha_by_sites() {
    if !has_f64() {
        return;
    }
    let config = BayesianLinearConfig::new(3, 1).with_initial_std(0.4);
    let layer = config.init(&device(), &mut noise(21));
    let x: Tensor<2> = tensor([1, 5, 3], 22);
    let y: Tensor<3> = tensor([1, 5, 1], 23);
    for alpha in [0.2, 1.0] {
        check_module("sites", &layer, |layer| {
            let sites = Sites::of(layer, 12);
            let noise = &mut noise(24);
            let (mut log_probs, mut factors) = (Vec::new(), Vec::new());
            for _ in 0..3 {
                let weights = layer.sample_weights(noise);
                let residuals = y.clone() - weights.forward(x.clone()).unsqueeze();
                log_probs.push(Normal::standard_like(&residuals).log_prob(residuals));
                factors.push(sites.log_factor(&weights));
            }
            weigh(bound::black_box_alpha_by_sites(
                Tensor::cat(log_probs, 0),
                Tensor::cat(factors, 0),
                sites.log_normalizer(),
                12,
                alpha,
            ))
        });
    }
}

/// The loss of a step: with free bits above and below what a layer costs, while latents and weights
/// warm up, with weights charged to each prior, by a bound and by draws of them.
#[test]
fn losses() {
    if !has_f64() {
        return;
    }
    let x: Tensor<2> = tensor::<2>([1, 3, 5], 14).greater_elem(0.0).float();
    let mixture = WeightPrior::ScaleMixture {
        share: 0.25,
        wide: 1.0,
        narrow: 0.05,
    };
    let half = WarmUp::Linear { steps: 10 };
    let charged = Objective::black_box_alpha(0.5, 3).with_weight_warm_up(half);
    let all = (charged.clone()).with_charged_weights(ChargedWeights::All);
    let by_draws = WeightKlEstimate::MonteCarlo { num_draws: 2 };
    for (objective, prior) in [
        (Objective::vae(3).with_free_bits(Some(0.01)), mixture),
        (
            Objective::vae_analytic(3).with_free_bits(Some(50.0)),
            mixture,
        ),
        (charged.clone(), WeightPrior::Matched),
        (all.clone(), mixture),
        (all.with_weight_kl_estimate(by_draws), mixture),
        (Objective::iwae(3).with_warm_up(half), mixture),
    ] {
        let model = VaeConfig::new(5, 2)
            .with_hidden(vec![4])
            .with_uncertainty(Uncertainty::EncoderAndDecoder)
            .with_initial_weight_std(0.2)
            .with_weight_prior(prior)
            .init(&device(), &mut noise(15));
        check_loss(&objective, &model, x.clone());
    }
}

fn check_loss<M: LatentVariableModel + Module>(objective: &Objective, model: &M, x: Tensor<2>) {
    check_module(&format!("{objective:?}"), model, |model| {
        let step = Step::new(11).with_number(4);
        let parts = objective.evaluate(model, x.clone(), step, &mut noise(16));
        parts.loss()
    });
}

/// Under weights of the decoder that all rows share, to the means and variances of theirs.
#[test]
fn shared_weights() {
    if !has_f64() {
        return;
    }
    let x: Tensor<2> = tensor::<2>([1, 3, 5], 14).greater_elem(0.0).float();
    let vae = VaeConfig::new(5, 3)
        .with_hidden(vec![4])
        .with_uncertainty(Uncertainty::EncoderAndDecoder)
        .with_initial_weight_std(0.2)
        .with_above(vec![Latents::new(2).with_hidden(vec![])])
        .init(&device(), &mut noise(15));
    let layers = [3, 2].map(|units| Latents::new(units).with_hidden(vec![3]));
    let mut ladder = LadderConfig::new(5, layers.to_vec())
        .with_activation(Activation::Tanh) // smooth
        .init(&device(), &mut noise(15));
    // Wide enough that log Z, of m²/v, leaves digits to differences.
    let random = Weights::Random {
        initial_std: 0.2,
        prior: WeightPrior::default(),
        random_bias: true,
    };
    ladder.up = ladder.up.with_random_weights(random);
    ladder.down = ladder.down.with_random_weights(random);
    ladder.decoder = ladder.decoder.with_random_weights(random);
    let half = WarmUp::Linear { steps: 10 };
    let shared = |alpha| {
        let objective = Objective::iwaeu(2, ChargedWeights::All);
        let num_draws = 2;
        objective.with_weight_draws(WeightDraws::Shared { num_draws, alpha })
    };
    for objective in [
        Objective::black_box_alpha_by_sites(0.5, 3, 2).with_warm_up(half),
        Objective::black_box_alpha_by_sites(1.0, 1, 1),
        shared(0.0).with_weight_warm_up(half),
        shared(0.5),
    ] {
        check_loss(&objective, &vae, x.clone());
    }
    let objective = Objective::black_box_alpha_by_sites(0.5, 2, 1);
    check_loss(&objective, &ladder, x);
}
