//! Values and gradients against the processor's, for lengths that are multiples of 4, which a GPU
//! reads by vectors, and for axes of length 1.

use super::*;
use burn_bayes::{
    data::Rows,
    distribution::{FullNormal, LowRankNormal, NormalMixture, SumFeatures},
    gradient::Estimator,
    model::{Latents, MixturePrior, PseudoInputs, VampPrior},
    network::{FullCovarianceEncoder, LowRankEncoder},
};
use families::FAMILIES;
use flat::by_parameter;

/// The numbers -1 to 1 of a shape, always the same.
fn numbers<const D: usize>(shape: [usize; D], seed: usize, device: &Device) -> Tensor<D> {
    let count = shape.iter().product();
    let numbers = (0..count).map(|i: usize| ((i * 37 + seed) % 101) as f32 / 50.0 - 1.0);
    Tensor::from_data(TensorData::new(numbers.collect(), shape), device)
}

fn read<const D: usize>(tensor: Tensor<D>) -> Vec<f64> {
    tensor.try_into_vec_as::<f64>().unwrap()
}

/// Parts of a result, on the other device and on the processor. The device runs it three times:
/// operations are fused in another way once a sequence is known.
fn assert_same(name: &str, device: &Device, result: impl Fn(&Device) -> Vec<Vec<f64>>) {
    let largest = |numbers: &[f64]| numbers.iter().fold(0.0, |size: f64, x| size.max(x.abs()));
    let expected = result(&Device::flex().autodiff());
    // Some gradients are 0, as those of biases before a batch normalization, or rounding of the
    // others.
    let all = largest(&expected.concat());
    let device = device.clone().autodiff();
    for _ in 0..3 {
        let found = result(&device);
        assert_eq!(found.len(), expected.len(), "{name}: parts");
        for (part, (found, expected)) in found.iter().zip(&expected).enumerate() {
            assert_eq!(found.len(), expected.len(), "{name}: part {part}");
            // Some hundred terms of a sum, up to ten times the sum itself, are rounded in `f32`.
            // Draws differ by 2e-6, and a GPU's exponentials and logarithms by some last digits.
            let size = largest(expected).max(0.01 * all);
            for (i, (found, expected)) in found.iter().zip(expected).enumerate() {
                let error = (found - expected).abs();
                let at = format!("{name}, part {part}, entry {i}");
                assert!(error <= 1e-4 * size, "{at}: {found}, not {expected}");
            }
        }
    }
}

/// A law's draws, their density and that of other values, its divergence and moments, each with the
/// gradients of its parameters.
fn assert_same_law<L: Reparameterized, const N: usize>(
    name: &str,
    device: &Device,
    [samples, batch, d]: [usize; 3],
    make: impl Fn(&Device) -> (L, [Tensor<3>; N]),
) {
    let parts: [fn(&L, usize) -> Tensor<2>; 6] = [
        |law, samples| law.rsample_with_log_prob(samples, &mut Noise::seeded(3)).1,
        |law, samples| {
            let (z, log_q) = law.rsample_with_log_prob(samples, &mut Noise::seeded(3));
            log_q - z.square().sum_features()
        },
        |law, samples| {
            let z = law.rsample_with_log_prob(samples, &mut Noise::seeded(3)).0;
            z.square().sum_features()
        },
        |law, samples| {
            let [_, batch, d] = law.mean().dims();
            law.log_prob(numbers([samples, batch, d], 53, &law.mean().device()))
        },
        |law, _| {
            let of = law.mean();
            let prior = Normal::new(of.full_like(0.3), of.full_like(1.5));
            law.kl_divergence(&prior).expect("a closed form")
        },
        |law, _| (law.variance() * law.mean()).sum_features(),
    ];
    for (part, value) in parts.into_iter().enumerate() {
        let name = format!("{name} of {samples} samples, {batch} rows, {d} features: {part}");
        assert_same(&name, device, |device| {
            let (law, parameters) = make(device);
            let value = value(&law, samples);
            let gradients = value.clone().square().mean().backward();
            let gradients = parameters
                .iter()
                .filter_map(|parameter| parameter.grad(&gradients).map(read));
            std::iter::once(read(value.clone()))
                .chain(gradients)
                .collect()
        });
    }
}

#[test]
fn distributions_agree_with_the_processor() {
    let Some(device) = other() else { return };
    // Of the draws and of the parameters; in the last two, each sample has its own.
    for ([samples, batch, d], own) in [
        ([1, 20, 2], 1),
        ([5, 20, 2], 1),
        ([1, 1, 8], 1),
        ([4, 1, 8], 1),
        ([5, 1, 4], 1),
        ([8, 7, 4], 1),
        ([4, 5, 2], 4),
        ([2, 1, 4], 2),
    ] {
        let leaf = |seed, shape, device: &Device| numbers::<3>(shape, seed, device).require_grad();
        let both = |device: &Device| {
            let shape = [own, batch, d];
            [leaf(3, shape, device), leaf(17, shape, device)]
        };
        assert_same_law("Normal", &device, [samples, batch, d], |device| {
            let [loc, log_variance] = both(device);
            let law = Normal::from_log_variance(loc.clone(), log_variance.clone());
            (law, [loc, log_variance])
        });
        for rank in [1, 2, 4] {
            let name = format!("LowRankNormal of rank {rank}");
            assert_same_law(&name, &device, [samples, batch, d], |device| {
                let [loc, log_variance] = both(device);
                let factor = leaf(29, [own, batch, d * rank], device);
                let columns = factor.clone().reshape([own, batch, d, rank]);
                let law = LowRankNormal::new(loc.clone(), log_variance.clone(), columns);
                (law, [loc, log_variance, factor])
            });
        }
        assert_same_law("FullNormal", &device, [samples, batch, d], |device| {
            let [loc, log_diagonal] = both(device);
            let below = leaf(29, [own, batch, d * (d - 1) / 2], device);
            let law = FullNormal::new(loc.clone(), log_diagonal.clone(), below.clone());
            (law, [loc, log_diagonal, below])
        });
    }
}

/// A product inside has one row, and with one feature one column.
#[test]
fn draws_of_a_mixture_agree_with_the_processor() {
    let Some(device) = other() else { return };
    for [samples, d] in [[4, 1], [8, 1], [8, 4], [1, 4]] {
        let name = format!("{samples} draws of {d} features");
        assert_same(&name, &device, |device| {
            let [loc, log_variance] = [3, 17].map(|seed| numbers([3, d], seed, device));
            let mixture = NormalMixture::new(numbers([3], 29, device), loc, log_variance, 1);
            let z = mixture.sample(samples, &mut Noise::seeded(3));
            let twice = z.clone() * 2.0 + 1.0;
            let more = z.clone().square() + numbers([samples, 1, d], 5, device);
            vec![read(twice), read(more), read(z)]
        });
    }
}

#[test]
fn densities_of_data_agree_with_the_processor() {
    let Some(device) = other() else { return };
    for (family, values, _) in FAMILIES {
        for [samples, batch, d] in [[1, 20, 4], [4, 5, 8], [8, 1, 4]] {
            let name = format!("{family:?} of {samples} samples, {batch} rows, {d} features");
            assert_same(&name, &device, |device| {
                let x = (0..batch * d)
                    .map(|i| values[(i * 7 + i / 5) % 3])
                    .collect();
                let x = Tensor::<3>::from_data(TensorData::new(x, [1, batch, d]), device);
                let shape = [samples, batch, family.num_outputs(d)];
                let outputs = numbers::<3>(shape, 11, device).require_grad();
                let law = family.distribution(outputs.clone());
                let value = law.log_prob(x);
                let gradients = value.clone().square().mean().backward();
                let gradient = outputs.grad(&gradients).expect("a gradient");
                vec![read(value), read(gradient), read(law.mean())]
            });
        }
    }
}

/// The bounds and the gradients of objectives. `rows` gives a batch of so many rows.
fn assert_same_model<D: Rows, M: LatentVariableModel<D> + Module>(
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
                let model = make(device, &mut Noise::seeded(2));
                let mut noise = Noise::seeded(5);
                let (parts, gradients) =
                    objective.gradients(&model, rows(batch, device), Step::new(400), &mut noise);
                let gradients = by_parameter(&model, &gradients).into_iter();
                let gradients = gradients.map(Option::unwrap_or_default);
                gradients.chain([read(parts.bound)]).collect()
            });
        }
    }
}

fn images(batch: usize, device: &Device) -> Tensor<2> {
    numbers([batch, 4], 5, device).lower_elem(0.2).float()
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

fn decoder(units: usize, device: &Device, noise: &mut Noise) -> BernoulliDecoder {
    BernoulliDecoder::new(&MlpConfig::new(units, vec![8], 4), device, noise)
}

#[test]
fn models_agree_with_the_processor() {
    let Some(device) = other() else { return };
    let [all, sampled] = objectives();
    for units in [1, 2, 4] {
        let mlp = MlpConfig::new(4, vec![8], units);
        assert_same_model(
            &format!("low rank, {units} latents"),
            &device,
            &all,
            |device, noise| {
                let encoder = LowRankEncoder::new(&mlp, 1, device, noise);
                Vae::from_parts(
                    encoder,
                    StandardNormal::new(units),
                    decoder(units, device, noise),
                )
            },
            images,
        );
        assert_same_model(
            &format!("full covariance, {units} latents"),
            &device,
            &all,
            |device, noise| {
                let encoder = FullCovarianceEncoder::new(&mlp, device, noise);
                Vae::from_parts(
                    encoder,
                    StandardNormal::new(units),
                    decoder(units, device, noise),
                )
            },
            images,
        );
        assert_same_model(
            &format!("mixture, {units} latents"),
            &device,
            &sampled,
            |device, noise| {
                let encoder = GaussianEncoder::new(&mlp, device, noise);
                let prior = MixturePrior::new(4, units, device, noise);
                Vae::from_parts(encoder, prior, decoder(units, device, noise))
            },
            images,
        );
        assert_same_model(
            &format!("VampPrior, {units} latents"),
            &device,
            &sampled,
            |device, noise| {
                let encoder = GaussianEncoder::new(&mlp, device, noise);
                let prior =
                    VampPrior::new([4, 4], units, PseudoInputs::UnitInterval, device, noise);
                Vae::from_parts(encoder, prior, decoder(units, device, noise))
            },
            images,
        );
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
        let missing = |batch, device: &Device| {
            let shape = [batch, count];
            let holes = numbers(shape, 9, device).greater_elem(0.5);
            let values = numbers(shape, 5, device).lower_elem(0.2).float();
            values.mask_fill(holes, f32::NAN)
        };
        let config = IncompleteVaeConfig::new(Columns::new(groups), 2).with_hidden(vec![8]);
        let make = |device: &Device, noise: &mut Noise| config.init(device, noise);
        let name = format!("missing cells of {groups:?}");
        assert_same_model(&name, &device, &sampled, make, missing);
    }
}
