//! Every bound and every way of its gradient, on a GPU.

use super::{
    models::{assert_same_model, images},
    other,
};
use burn_bayes::{
    bound::Bound,
    gradient::Estimator,
    layer::WeightPrior,
    objective::{Backward, WarmUp, WeightDraws, WeightKlEstimate},
    prelude::*,
};

#[test]
fn objectives_agree_with_the_processor() {
    let Some(device) = other() else { return };
    let iwae = || Objective::iwae(8);
    let all = || Objective::iwaeu(4, ChargedWeights::All);
    let replayed = |samples_per_chunk| Backward::Replayed {
        samples_per_chunk,
        threshold: 0.0,
    };
    let shared = WeightDraws::Shared {
        num_draws: 2,
        alpha: 0.5,
    };
    let objectives = [
        Objective::renyi(0.5, 8),
        Objective::new(Bound::VrMax, 8),
        Objective::new(Bound::Jackknife, 8),
        iwae().with_estimator(Estimator::StickingTheLanding),
        iwae().with_backward(replayed(4)),
        iwae().with_backward(replayed(1)),
        Objective::vae_analytic(4).with_free_bits(Some(0.5)),
        Objective::vae(1).with_free_bits(Some(0.5)),
        iwae().with_warm_up(WarmUp::Linear { steps: 10 }),
        all(),
        Objective::iwaeu(4, ChargedWeights::Decoder),
        all().with_weight_kl_estimate(WeightKlEstimate::MonteCarlo { num_draws: 4 }),
        iwae().with_weight_draws(shared),
        Objective::black_box_alpha(0.5, 4),
        Objective::black_box_alpha_by_sites(0.5, 2, 4),
    ];
    let normal = WeightPrior::Normal { std: 1.0 };
    for (prior, objectives) in [
        (normal, &objectives[..]),
        (WeightPrior::Matched, &[all()]),
        (
            WeightPrior::ScaleMixture {
                share: 0.25,
                wide: 1.0,
                narrow: 0.1,
            },
            &[all().with_weight_kl_estimate(WeightKlEstimate::MonteCarlo { num_draws: 1 })],
        ),
    ] {
        let config = VaeConfig::new(4, 2)
            .with_hidden(vec![8])
            .with_uncertainty(Uncertainty::EncoderAndDecoder)
            .with_initial_weight_std(0.1)
            .with_weight_prior(prior);
        let make = |device: &Device, noise: &mut Noise| config.init(device, noise);
        assert_same_model(&format!("{prior:?}"), &device, objectives, make, images);
    }
}
