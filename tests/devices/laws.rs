//! Distributions on a GPU, for lengths that are multiples of 4, which it reads by vectors, and for
//! axes of length 1.

use super::{
    agree::{assert_same, numbers, read},
    families::FAMILIES,
    other,
};
use burn_bayes::{
    distribution::{FullNormal, LowRankNormal, NormalMixture, SumFeatures},
    prelude::*,
};

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
            let (law, parameters) = make(&device.clone().autodiff());
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
                let device = &device.clone().autodiff();
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
