//! Bayesian layers against what they must be equal to.

#[path = "common/flat.rs"]
mod flat;

use burn::{module::ModuleDisplay, optim::GradientsParams};
use burn_bayes::prelude::*;
use flat::flat;

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_to_vec().unwrap()
}

fn largest<const D: usize>(tensor: Tensor<D>) -> f32 {
    tensor.abs().max().into_scalar()
}

fn device() -> Device {
    Device::default()
}

fn layer(d_input: usize, d_output: usize, initial_std: f64) -> BayesianLinear {
    BayesianLinearConfig::new(d_input, d_output)
        .with_initial_std(initial_std)
        .init(&device(), &mut Noise::seeded(1))
}

/// Local reparametrization against weights drawn one by one: mean and variance of each unit within
/// 5 standard errors, both estimated from as many draws.
#[test]
fn local_reparametrization_has_the_moments_of_weight_sampling() {
    // A GPU pays for each of many small operations.
    let count = if device() == Device::flex() {
        40_000
    } else {
        2_000
    };
    let layer = layer(5, 3, 0.4);
    let x = Noise::seeded(2).normal([1, 2, 5], &device());
    let mut noise = Noise::seeded(3);

    let law = layer.activation(x.clone());
    let local = law.rsample(count, &mut noise);
    let weights = (0..count).map(|_| layer.sample_weights(&mut noise).forward(x.clone()));
    let sampled = Tensor::cat(weights.collect(), 0);

    let (mean, variance) = (values(law.mean()), values(law.variance()));
    for (name, draws) in [("local", local), ("weights", sampled)] {
        assert_eq!(draws.dims(), [count, 2, 3]);
        let (variances, means) = draws.var_mean(0);
        for i in 0..6 {
            let (m, v) = (values(means.clone())[i], values(variances.clone())[i]);
            let n = count as f32;
            assert!(
                (m - mean[i]).abs() < 5.0 * (variance[i] / n).sqrt(),
                "{name}: mean {m}, {}",
                mean[i]
            );
            // A Gaussian's sample variance has variance 2 v²/n.
            assert!(
                (v - variance[i]).abs() < 5.0 * variance[i] * (2.0 / n).sqrt(),
                "{name}: variance {v}, {}",
                variance[i]
            );
        }
    }
}

/// Under local reparametrization nothing is shared: equal rows, and the samples of one row, meet
/// weights of their own. Under one weight draw equal rows are equal.
#[test]
fn noise_is_independent_for_each_sample_row_and_unit() {
    const N: usize = 20_000;
    let layer = layer(4, 2, 0.5);
    let x = Tensor::<3>::ones([1, 2, 4], &device());
    let law = layer.activation(x.clone());
    let standardized =
        (layer.forward(x.clone(), N, &mut Noise::seeded(4)) - law.mean()) / law.scale();
    let at =
        |row: usize, unit: usize| values(standardized.clone().narrow(1, row, 1).narrow(2, unit, 1));
    let correlation = |a: &[f32], b: &[f32]| {
        a.iter()
            .zip(b)
            .map(|(&a, &b)| f64::from(a * b))
            .sum::<f64>()
            / a.len() as f64
    };
    let limit = 4.5 / (N as f64).sqrt();
    assert!(correlation(&at(0, 0), &at(1, 0)).abs() < limit, "rows");
    assert!(correlation(&at(0, 0), &at(0, 1)).abs() < limit, "units");
    assert!(
        correlation(&at(0, 0)[1..], &at(0, 0)[..N - 1]).abs() < limit,
        "samples"
    );

    let shared = layer.sample_weights(&mut Noise::seeded(4)).forward(x);
    assert_eq!(
        values(shared.clone().narrow(1, 0, 1)),
        values(shared.narrow(1, 1, 1))
    );
}

#[test]
fn a_standard_deviation_of_zero_is_the_plain_network() {
    let config = MlpConfig::new(6, vec![5, 4], 3);
    let random = Weights::Random {
        initial_std: 1e-12,
        prior: WeightPrior::default(),
        random_bias: true,
    };
    let bayesian = config
        .clone()
        .with_weights(random)
        .init(&device(), &mut Noise::seeded(5));
    let x = Noise::seeded(6).normal([1, 7, 6], &device());
    let noisy = bayesian.forward(x.clone(), 3, &mut Noise::seeded(7));
    let plain = bayesian
        .posterior_mean()
        .forward(x.clone(), 3, &mut Noise::seeded(7));
    assert_eq!((noisy.dims(), plain.dims()), ([3, 7, 3], [1, 7, 3]));
    // The guard's standard deviation of 1e-8 is below the rounding of activations of order 1.
    assert!(largest(noisy - plain.clone()) < 1e-6);

    // The same seed makes the same plain network.
    let fixed = config.init(&device(), &mut Noise::seeded(5));
    assert_eq!(
        values(fixed.forward(x, 3, &mut Noise::seeded(7))),
        values(plain)
    );
}

#[test]
fn an_all_zero_row_has_finite_gradients() {
    let device = Device::default().autodiff();
    for bias in [true, false] {
        let layer = BayesianLinearConfig::new(3, 2)
            .with_bias(bias)
            .init(&device, &mut Noise::seeded(8));
        let output = layer.forward(Tensor::zeros([1, 2, 3], &device), 4, &mut Noise::seeded(9));
        let gradients = output.sum().backward();
        for parameter in [&layer.weight_loc, &layer.weight_log_variance] {
            let gradient = values(parameter.val().grad(&gradients).unwrap());
            assert_eq!(gradient, [0.0; 6], "bias: {bias}");
        }
    }
}

/// By hand, of a row of ½s: a unit's mean is half the sum of its weights' means, its variance
/// 784/4 + 1 times 0.01². A row's samples share these; each adds the noise of its own coordinates.
#[test]
fn samples_share_the_moments_of_their_row() {
    let layer = layer(784, 400, 0.01);
    let x = Tensor::<3>::full([1, 10, 784], 0.5, &device());
    let law = layer.activation(x.clone());
    assert_eq!(law.loc().dims(), [1, 10, 400]);
    let weights = values(layer.weight_loc.val());
    let mean = |unit: usize| {
        let own = weights.iter().skip(unit).step_by(400);
        own.map(|&weight| 0.5 * f64::from(weight)).sum::<f64>()
    };
    let means: Vec<f64> = (0..400).map(mean).collect();
    let scale = 0.01 * 197f64.sqrt();

    let draws = layer.forward(x, 25, &mut Noise::seeded(0));
    assert_eq!(draws.dims(), [25, 10, 400]);
    let noise = values(Noise::seeded(0).normal([25, 10, 400], &device()));
    for (i, (draw, noise)) in values(draws).into_iter().zip(noise).enumerate() {
        let expected = means[i % 400] + scale * f64::from(noise);
        // 784 roundings of partial sums of order 1, 6e-8 of each at worst.
        let error = (f64::from(draw) - expected).abs();
        assert!(error < 5e-5, "{i}: {draw}, expected {expected}");
    }
}

/// One draw of noise for each random layer, none for fixed ones.
#[test]
fn draws_are_counted() {
    let x = || Tensor::<3>::ones([1, 2, 4], &device());
    let mut noise = Noise::seeded(0);
    let config = MlpConfig::new(4, vec![3, 3], 2);
    let fixed = config.clone().init(&device(), &mut noise);
    let random = config
        .with_weights(Weights::random())
        .init(&device(), &mut noise);
    let before = noise.num_draws();
    let _ = fixed.forward(x(), 5, &mut noise);
    assert_eq!(noise.num_draws(), before);
    let _ = random.forward(x(), 5, &mut noise);
    assert_eq!(noise.num_draws(), before + 3);
}

/// Means 1, -2, 0.5, 0 under standard deviation e^-1 and prior N(0, 0.5²). By hand:
/// ½ Σ (e^Δ − 1 − Δ + loc²/s²), Δ = −2 − ln 0.25 = −0.6137056388801093.
#[test]
fn the_divergence_is_the_closed_form() {
    let mut layer = BayesianLinearConfig::new(2, 2)
        .with_bias(false)
        .with_initial_std((-1.0f64).exp())
        .init(&device(), &mut Noise::seeded(0));
    layer.weight_loc = layer
        .weight_loc
        .map(|_| Tensor::from_floats([[1.0, -2.0], [0.5, 0.0]], &device()));
    let delta = -0.6137056388801093f64;
    let expected = 0.5 * (4.0 * (delta.exp() - 1.0 - delta) + 5.25 / 0.25);
    let kl = |prior: WeightPrior| f64::from(layer.kl(&prior).into_scalar::<f32>());
    assert!((kl(WeightPrior::Normal { std: 0.5 }) - expected).abs() < 1e-5);

    // The matched prior is the best of all, at s² = 5.25/4 + e^-2.
    let best = (5.25f64 / 4.0 + (-2.0f64).exp()).sqrt();
    let matched = kl(WeightPrior::Matched);
    assert!((kl(WeightPrior::Normal { std: best }) - matched).abs() < 1e-5);
    assert!(kl(WeightPrior::Normal { std: best * 1.05 }) > matched);
    assert!(kl(WeightPrior::Normal { std: best * 0.95 }) > matched);
}

/// The bias is charged like the weights, and only if it is random.
#[test]
fn the_bias_is_charged_once() {
    let kl = |bias, random_bias| {
        let layer = BayesianLinearConfig::new(3, 2)
            .with_bias(bias)
            .with_random_bias(random_bias)
            .init(&device(), &mut Noise::seeded(1));
        layer.kl(&layer.prior()).into_scalar::<f32>()
    };
    // A bias starts at N(0, e^-9) under N(0, 1): ½(e^-9 − 1 + 9) each.
    let bias = 0.5 * ((-9.0f32).exp() - 1.0 + 9.0);
    assert!((kl(true, true) - kl(false, false) - 2.0 * bias).abs() < 1e-4);
    assert_eq!(kl(true, false), kl(false, false));
}

#[test]
fn initial_values_follow_the_configuration() {
    let layer = layer(300, 100, 0.02);
    let weights = values(layer.weight_loc.val());
    let limit = (6.0f32 / 400.0).sqrt();
    assert!(weights.iter().all(|w| w.abs() < limit));
    let variance = weights.iter().map(|w| w * w).sum::<f32>() / weights.len() as f32;
    // Var of a uniform is limit²/3; the mean of 30,000 squares has relative error 0.9/√30000.
    assert!((variance / (limit * limit / 3.0) - 1.0).abs() < 5.0 * 0.9 / 30_000.0f32.sqrt());
    assert!(
        values(layer.bias_loc.as_ref().unwrap().val())
            .iter()
            .all(|&b| b == 0.0)
    );
    let scale = layer.weight_posterior().scale();
    assert!(largest(scale.sub_scalar(0.02)) < 1e-7);
}

#[test]
#[should_panic(expected = "the initial standard deviation must be a positive number, it is -1")]
fn a_negative_standard_deviation_is_refused() {
    let _ = layer(2, 2, -1.0);
}

#[test]
#[should_panic(expected = "the input has 3 samples, 2 were asked for")]
fn samples_of_another_number_are_refused() {
    let _ = layer(2, 2, 0.1).forward(
        Tensor::zeros([3, 1, 2], &device()),
        2,
        &mut Noise::seeded(0),
    );
}

#[test]
fn a_layer_displays_on_one_line() {
    let text = layer(784, 400, 0.01).format(Default::default());
    assert!(
        text.contains("d_input: 784") && text.contains("bias: random"),
        "{text}"
    );
    assert_eq!(text.lines().count(), 1, "{text}");
}

/// Under the same noise a network says of x what the distribution that it returns says, and draws
/// as much. By hand, from the distribution's logits l: Σ x l − log(1 + eˡ).
#[test]
fn log_prob_is_that_of_the_distribution() {
    let device = device();
    let x = Noise::seeded(1)
        .uniform([1, 6, 19], &device)
        .greater_elem(0.5)
        .float();
    let pixels = values(x.clone());
    let z = Noise::seeded(2).normal([4, 6, 3], &device);
    for weights in [Weights::Fixed, Weights::random()] {
        for hidden in [vec![], vec![7]] {
            let mlp = MlpConfig::new(3, hidden, 19).with_weights(weights);
            let decoder = BernoulliDecoder::new(&mlp, &device, &mut Noise::seeded(3));
            let [mut one, mut two] = [Noise::seeded(4), Noise::seeded(4)];
            let direct = decoder.log_prob(x.clone(), z.clone(), 4, &mut one);
            let p = decoder.forward(z.clone(), 4, &mut two);
            assert_eq!(one.num_draws(), two.num_draws());
            let logits = values(p.logits());
            let by_hand = logits.chunks(19).enumerate().map(|(row, logits)| {
                let x = &pixels[row % 6 * 19..][..19];
                let terms = x.iter().zip(logits).map(|(&x, &logit)| {
                    let logit = f64::from(logit);
                    f64::from(x) * logit - logit.exp().ln_1p()
                });
                terms.sum::<f64>()
            });
            let by_hand: Vec<f64> = by_hand.collect();
            for log_prob in [direct, p.log_prob(x.clone())] {
                let log_prob = values(log_prob);
                assert_eq!(log_prob.len(), 4 * 6);
                for (found, expected) in log_prob.into_iter().zip(&by_hand) {
                    // 19 terms of order 1 in `f32`, each off by a few 6e-8, and their sums.
                    assert!((f64::from(found) - expected).abs() < 1e-5);
                }
            }
        }
    }
}

/// The law of x W + b by hand: mean Σ x M + m, variance Σ x² s² + t².
#[test]
fn a_layer_is_made_from_its_posteriors() {
    let rows = |numbers: [[f32; 2]; 2]| Tensor::<2>::from_floats(numbers, &device());
    let row = |numbers: [f32; 2]| Tensor::<1>::from_floats(numbers, &device());
    let weights = Normal::new(
        rows([[1.0, 2.0], [3.0, -4.0]]),
        rows([[0.1, 0.2], [0.3, 0.5]]),
    );
    let bias = Normal::from_variance(row([0.5, -0.5]), row([0.01, 0.04]));
    let x = Tensor::<3>::from_floats([[[2.0, -1.0]]], &device());
    let close = |actual: Tensor<3>, expected: [f32; 2]| {
        let actual: Vec<f32> = actual.into_data().try_to_vec().unwrap();
        let close = |(a, b): (&f32, f32)| (a - b).abs() < 1e-6 * b.abs().max(1.0);
        assert!(actual.iter().zip(expected).all(close), "{actual:?}");
    };
    let prior = WeightPrior::Normal { std: 0.3 };
    let layer = BayesianLinear::from_posteriors(weights.clone(), Some(bias), prior);
    assert_eq!(layer.prior(), prior);
    let law = layer.activation(x.clone());
    close(law.mean(), [-0.5, 7.5]);
    close(law.variance(), [0.04 + 0.09 + 0.01, 0.16 + 0.25 + 0.04]);

    // Without a bias, and one scale for all weights.
    let shared = Normal::new(weights.loc(), Tensor::full([1, 1], 0.1, &device()));
    let law = BayesianLinear::from_posteriors(shared, None, prior).activation(x);
    close(law.mean(), [-1.0, 8.0]);
    close(law.variance(), [0.05, 0.05]);
}

#[test]
#[should_panic(expected = "expected 2, got 3")]
fn posteriors_of_other_sizes_are_refused() {
    let normal = |count| {
        Normal::new(
            Tensor::<1>::zeros([count], &device()),
            Tensor::ones([count], &device()),
        )
    };
    let weights = Normal::new(
        Tensor::zeros([2, 2], &device()),
        Tensor::ones([2, 2], &device()),
    );
    BayesianLinear::from_posteriors(weights, Some(normal(3)), WeightPrior::default());
}

#[test]
#[should_panic(expected = "layer 1 has 4 inputs, layer 0 before it has 3 outputs")]
fn layers_that_do_not_follow_each_other_are_refused() {
    let mut noise = Noise::seeded(1);
    let mut layer = |sizes| {
        Dense::new(
            sizes,
            Weights::Fixed,
            Initializer::GlorotUniform,
            &device(),
            &mut noise,
        )
    };
    Mlp::from_layers(vec![layer([2, 3]), layer([4, 1])], Activation::Tanh);
}

/// Also where products are in half precision, which has less room for a large derivative.
#[test]
fn a_row_of_zeros_has_finite_gradients_in_half_precision() {
    let device = Device::default().autodiff();
    for products in [Products::F16, Products::Bf16] {
        let config = MlpConfig::new(3, vec![], 2)
            .with_weights(Weights::Random {
                initial_std: 0.05,
                prior: WeightPrior::default(),
                random_bias: false,
            })
            .with_products(products);
        let layer = config.init(&device, &mut Noise::seeded(0));
        let x = Tensor::<3>::zeros([1, 4, 3], &device).require_grad();
        let output = layer.forward(x.clone(), 5, &mut Noise::seeded(1));
        let gradients = output.sum().backward();
        let to_input = x.grad(&gradients).unwrap();
        let gradients = GradientsParams::from_grads(gradients, &layer);
        let to_weights = flat(&layer, &gradients);
        let to_input = to_input.try_into_vec_as::<f64>().unwrap();
        for gradient in to_weights.into_iter().chain(to_input) {
            assert!(gradient.is_finite(), "{products:?}");
        }
    }
}
