//! Bounds and gradients of models on a GPU, for lengths that are multiples of 4, which it reads by
//! vectors, and for axes of length 1.

use super::{
    ALL,
    agree::{assert_same, numbers, read},
    flat::by_parameter,
    other,
};
use burn_bayes::{
    data::Rows,
    gradient::Estimator,
    model::{LatentPrior, Latents, MixturePrior, PseudoInputs, VampPrior},
    network::{FullCovarianceEncoder, LowRankEncoder},
    prelude::*,
};

/// The bounds and the gradients of objectives. `rows` gives a batch of so many rows.
pub fn assert_same_model<D: Rows, M: LatentVariableModel<D> + Module>(
    name: &str,
    device: &Device,
    objectives: &[Objective],
    make: impl Fn(&Device, &mut Noise) -> M,
    rows: impl Fn(usize, &Device) -> D,
) {
    for objective in objectives {
        for batch in [20, 1] {
            let name = format!("{name}, {objective:?}, {batch} rows");
            assert_same(&name, device, |device| {
                let device = &device.clone().autodiff();
                let model = make(device, &mut Noise::seeded(2));
                let mut noise = Noise::seeded(5);
                // Its number is that of a step at which latents count for less.
                let step = Step::new(400).with_number(4);
                let (parts, gradients) =
                    objective.gradients(&model, rows(batch, device), step, &mut noise);
                let loss = read(parts.loss());
                let gradients = by_parameter(&model, &gradients).into_iter();
                let gradients = gradients.map(Option::unwrap_or_default);
                gradients.chain([read(parts.bound), loss]).collect()
            });
        }
    }
}

pub fn images(batch: usize, device: &Device) -> Tensor<2> {
    numbers([batch, 4], 5, device).lower_elem(0.2).float()
}

/// Zeros, ones and missing cells.
pub fn with_holes(shape: [usize; 2], device: &Device) -> Tensor<2> {
    let holes = numbers(shape, 9, device).greater_elem(0.5);
    let values = numbers(shape, 5, device).lower_elem(0.2).float();
    values.mask_fill(holes, f32::NAN)
}

/// With a divergence in closed form and without.
fn objectives() -> [Vec<Objective>; 2] {
    let sampled = vec![
        Objective::vae(1),
        Objective::iwae(1),
        Objective::iwae(4),
        Objective::iwae(4).with_estimator(Estimator::DoublyReparameterized),
    ];
    let analytic = [1, 5].map(Objective::vae_analytic);
    [[sampled.clone(), analytic.to_vec()].concat(), sampled]
}

/// With a decoder of 4 pixels.
fn vae<H: Head<Output: Reparameterized>, P: LatentPrior>(
    encoder: Conditional<H, Mlp>,
    prior: P,
    device: &Device,
    noise: &mut Noise,
) -> Vae<Conditional<H, Mlp>, P, BernoulliDecoder> {
    let mlp = MlpConfig::new(prior.num_units(), vec![8], 4);
    Vae::from_parts(encoder, prior, BernoulliDecoder::new(&mlp, device, noise))
}

#[test]
fn models_agree_with_the_processor() {
    let Some(device) = other() else { return };
    let [all, sampled] = objectives();
    for units in [1, 2, 4] {
        let mlp = MlpConfig::new(4, vec![8], units);
        let normal = || StandardNormal::new(units);
        let name = |model: &str| format!("{model}, {units} latents");
        let low_rank = |device: &Device, noise: &mut Noise| {
            vae(
                LowRankEncoder::new(&mlp, 1, device, noise),
                normal(),
                device,
                noise,
            )
        };
        assert_same_model(&name("low rank"), &device, &all, low_rank, images);
        let full = |device: &Device, noise: &mut Noise| {
            vae(
                FullCovarianceEncoder::new(&mlp, device, noise),
                normal(),
                device,
                noise,
            )
        };
        assert_same_model(&name("full covariance"), &device, &all, full, images);
        let mixture = |device: &Device, noise: &mut Noise| {
            let prior = MixturePrior::new(4, units, device, noise);
            vae(
                GaussianEncoder::new(&mlp, device, noise),
                prior,
                device,
                noise,
            )
        };
        assert_same_model(&name("mixture"), &device, &sampled, mixture, images);
        let vamp = |device: &Device, noise: &mut Noise| {
            let range = PseudoInputs::UnitInterval;
            let prior = VampPrior::new([4, 4], units, range, device, noise);
            vae(
                GaussianEncoder::new(&mlp, device, noise),
                prior,
                device,
                noise,
            )
        };
        assert_same_model(&name("VampPrior"), &device, &sampled, vamp, images);
    }
}

#[test]
fn configurations_agree_with_the_processor() {
    let Some(device) = other() else { return };
    let [all, sampled] = objectives();
    for uncertainty in ALL {
        let mut objectives = all.clone();
        if uncertainty != Uncertainty::None {
            objectives.push(Objective::iwaeu(4, ChargedWeights::All));
        }
        let config = VaeConfig::new(4, 2)
            .with_hidden(vec![8])
            .with_uncertainty(uncertainty)
            .with_initial_weight_std(0.1);
        let name = format!("{uncertainty:?}");
        let make = |device: &Device, noise: &mut Noise| config.init(device, noise);
        assert_same_model(&name, &device, &objectives, make, images);

        // Products with one column.
        let config = config.with_hidden(vec![8, 1]);
        let config = VaeConfig {
            d_data: 1,
            ..config
        };
        let make = |device: &Device, noise: &mut Noise| config.init(device, noise);
        let one = |batch, device: &Device| images(batch, device).narrow(1, 0, 1);
        let eight = [Objective::iwae(8), Objective::vae(1)];
        assert_same_model(&format!("one column, {name}"), &device, &eight, make, one);
    }
    let above = vec![Latents::new(4).with_hidden(vec![8])];
    let config = VaeConfig::new(4, 2).with_hidden(vec![8]).with_above(above);
    let make = |device: &Device, noise: &mut Noise| config.init(device, noise);
    assert_same_model("two layers", &device, &sampled, make, images);
    let make = |device: &Device, noise: &mut Noise| config.init_conditional(2, device, noise);
    let pairs = |batch, device: &Device| (numbers([batch, 2], 7, device), images(batch, device));
    assert_same_model("covariates", &device, &sampled, make, pairs);

    // This model has the standard estimator alone.
    let standard = [Objective::vae(1), Objective::iwae(1), Objective::iwae(4)];
    let layers = [2, 4].map(|units| Latents::new(units).with_hidden(vec![8]));
    for batch_norm in [false, true] {
        let config = LadderConfig::new(4, layers.to_vec()).with_batch_norm(batch_norm);
        let make = |device: &Device, noise: &mut Noise| config.init(device, noise);
        // One row has no variance to be normalized by.
        let rows = |batch: usize, device: &Device| images(batch.max(8), device);
        let name = format!("ladder, batch normalization: {batch_norm}");
        assert_same_model(&name, &device, &standard, make, rows);
    }

    // Outputs of a group begin at places and have distances that are no multiple of its length.
    let normal = Family::Normal(Scale::Learned {
        min_log_variance: -10.0,
    });
    for groups in [
        [
            (Family::Bernoulli, 2),
            (Family::Categorical { classes: 4 }, 2),
        ],
        [(Family::Bernoulli, 1), (normal, 4)],
        [(normal, 4), (Family::Bernoulli, 2)],
        [(Family::Bernoulli, 2), (Family::Poisson, 8)],
    ] {
        let count: usize = groups.iter().map(|(_, count)| count).sum();
        let missing = |batch, device: &Device| with_holes([batch, count], device);
        let config = IncompleteVaeConfig::new(Columns::new(groups), 2).with_hidden(vec![8]);
        let make = |device: &Device, noise: &mut Noise| config.init(device, noise);
        let name = format!("missing cells of {groups:?}");
        assert_same_model(&name, &device, &sampled, make, missing);
    }
}
