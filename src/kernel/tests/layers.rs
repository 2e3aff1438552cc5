//! Layers with all or some of their tensors tracked.

use super::*;

/// Samples, batch, d_input, d_output.
const LAYERS: [[usize; 4]; 5] = [
    [1, 1, 1, 1],
    [3, 5, 7, 2],
    [1, 40, 33, 300],
    [4, 70, 130, 17],
    [2, 3, 784, 40],
];

/// All pairs of a case of the first and a case of the second list.
fn cases<A: Copy, B: Copy, const N: usize, const M: usize>(
    first: [A; N],
    second: [B; M],
) -> impl Iterator<Item = (A, B)> {
    let pairs = move |one: A| second.into_iter().map(move |other| (one, other));
    first.into_iter().flat_map(pairs)
}

/// The functions that a layer can apply.
const AFTER: [Option<Function>; 4] = [
    None,
    Some(Function::Tanh),
    Some(Function::Sigmoid),
    Some(Function::LeakyRelu),
];

#[test]
fn linear_layers() {
    if !layers_are_fused() {
        return;
    }
    for [samples, batch, d_input, d_output] in LAYERS {
        for (with_bias, function) in cases([true, false], AFTER) {
            let input = leaf([samples, batch, d_input], 5, 1.0);
            let weight = leaf2([d_input, d_output], 6, 0.5);
            let bias = leaf1(d_output, 7, 1.0);
            let given = with_bias.then(|| bias.clone());
            let mut leaves = vec![
                ("the input", Leaf::Three(&input)),
                ("the weight", Leaf::Two(&weight)),
            ];
            if with_bias {
                leaves.push(("the bias", Leaf::One(&bias)));
            }
            Comparison {
                what: format!(
                    "{samples} {batch} {d_input} {d_output}, bias {with_bias}, then {function:?}"
                ),
                fused: linear(input.clone(), weight.clone(), given.clone(), None, function),
                plain: plain::linear(input.clone(), weight.clone(), given, None, function),
                size: (d_input.max(samples * batch) as f32).sqrt(),
                leaves,
            }
            .check();
        }
    }
}

type Layer = fn(Tensor<3>, RandomWeights, usize, Draw, Option<Function>) -> Tensor<3>;

#[test]
fn layers_with_random_weights() {
    if !layers_are_fused() {
        return;
    }
    for [samples, batch, d_input, d_output] in LAYERS {
        for (with_bias, function) in cases([true, false], AFTER) {
            for input_samples in [1, samples] {
                let input = leaf([input_samples, batch, d_input], 5, 1.0);
                let loc = leaf2([d_input, d_output], 6, 0.5);
                let log_variance = leaf2([d_input, d_output], 7, 2.0);
                let (bias_loc, bias_root) = (leaf1(d_output, 8, 1.0), leaf1(d_output, 9, 1.0));
                let weights = || RandomWeights {
                    loc: loc.clone(),
                    log_variance: log_variance.clone(),
                    bias_loc: with_bias.then(|| bias_loc.clone()),
                    bias_variance: with_bias.then(|| bias_root.clone().square()),
                    product: None,
                };
                let mut leaves = vec![
                    ("the input", Leaf::Three(&input)),
                    ("loc", Leaf::Two(&loc)),
                    ("log-variance", Leaf::Two(&log_variance)),
                ];
                if with_bias {
                    leaves.push(("the bias's loc", Leaf::One(&bias_loc)));
                    leaves.push(("the bias's root", Leaf::One(&bias_root)));
                }
                let layer =
                    |body: Layer| body(input.clone(), weights(), samples, draw(10), function);
                Comparison {
                    what: format!(
                        "{samples} {batch} {d_input} {d_output}, bias {with_bias}, input of \
                         {input_samples}, then {function:?}"
                    ),
                    fused: layer(bayesian_linear),
                    plain: layer(plain::bayesian_linear),
                    // Sums of d_input or of all rows, with variances up to e⁸ in them.
                    size: 10.0 * (d_input.max(samples * batch) as f32).sqrt(),
                    leaves,
                }
                .check();
            }
        }
    }
}

/// Without a graph nothing is kept for a backward pass; the numbers are the same.
#[test]
fn layers_without_a_graph_draw_the_same() {
    let layer = |input: Tensor<3>, matrices: [Tensor<2>; 2], biases: [Tensor<1>; 2]| {
        let ([loc, log_variance], [bias_loc, bias_root]) = (matrices, biases);
        let weights = RandomWeights {
            loc,
            log_variance,
            bias_loc: Some(bias_loc),
            bias_variance: Some(bias_root.square()),
            product: None,
        };
        values(bayesian_linear(
            input,
            weights,
            5,
            draw(10),
            Some(Function::Tanh),
        ))
    };
    for samples in [1, 5] {
        let input = leaf([samples, 3, 6], 5, 1.0);
        let matrices = [6, 7].map(|number| leaf2([6, 21], number, 1.0));
        let biases = [8, 9].map(|number| leaf1(21, number, 1.0));
        let plain = (
            matrices.clone().map(Tensor::inner),
            biases.clone().map(Tensor::inner),
        );
        let without = layer(input.clone().inner(), plain.0, plain.1);
        assert_eq!(without, layer(input, matrices, biases));
    }
}

/// Bernoulli rows of a layer's draws without a graph, where draws are not stored. The numbers equal
/// those of the two operations one after the other, and are close to those of burn's operations.
#[test]
fn bernoulli_rows_of_layers_with_random_weights() {
    let constant = |shape, number, scale| constant(shape, number, scale).inner();
    // The last shape is too large for one block of rows on a CPU.
    for [samples, batch, d_input, d_output] in LAYERS.into_iter().chain([[30, 70, 2, 800]]) {
        for (with_bias, [input_samples, x_samples]) in
            cases([true, false], [[1, 1], [samples, 1], [samples, samples]])
        {
            let input = constant([input_samples, batch, d_input], 5, 1.0);
            let matrix =
                |number, scale| constant([1, d_input, d_output], number, scale).squeeze_dim(0);
            let column = |number| constant([1, 1, d_output], number, 1.0).reshape([d_output]);
            let weights = || RandomWeights {
                loc: matrix(6, 0.5),
                log_variance: matrix(7, 2.0),
                bias_loc: with_bias.then(|| column(8)),
                bias_variance: with_bias.then(|| column(9).square()),
                product: None,
            };
            let x = constant([x_samples, batch, d_output], 11, 1.0)
                .greater_elem(0.0)
                .float();
            let what = format!(
                "{samples} {batch} {d_input} {d_output}, bias {with_bias}, input of {input_samples}, x of {x_samples}"
            );
            let (given, draw) = (|| input.clone(), || draw(10));
            let one = bayesian_bernoulli_log_prob(given(), weights(), samples, draw(), x.clone());
            let logits = bayesian_linear(given(), weights(), samples, draw(), None);
            let two = bernoulli_log_prob(logits, x.clone());
            assert_eq!(values(one.clone()), values(two), "{what}");
            let logits = plain::bayesian_linear(given(), weights(), samples, draw(), None);
            // A row is the sum over `d_output` logits, each with the tolerance of a layer's output
            // above.
            let size = 10.0 * (d_input as f32).sqrt() * d_output as f32;
            assert_close(one, plain::bernoulli_log_prob(logits, x), size, &what);
        }
    }
}

/// Gradients of tracked tensors do not depend on which others are frozen or data.
#[test]
fn layers_of_which_a_part_is_tracked() {
    let numbers = |samples| leaf([samples, 9, 6], 5, 1.0).detach();
    let matrix = |seed| leaf2([6, 7], seed, 0.5).detach();
    let layer = |samples: usize, input: &Tensor<3>, loc: &Tensor<2>, log_variance: &Tensor<2>| {
        let weights = RandomWeights {
            loc: loc.clone(),
            log_variance: log_variance.clone(),
            bias_loc: None,
            bias_variance: None,
            product: None,
        };
        let plain = linear(input.clone(), loc.clone(), None, None, None);
        let random = bayesian_linear(input.clone(), weights, samples, draw(10), None);
        (plain.square().sum() + random.square().sum()).backward()
    };
    for input_samples in [1, 4] {
        let input = numbers(input_samples).require_grad();
        let [loc, log_variance] = [6, 7].map(|seed| matrix(seed).require_grad());
        let all = layer(4, &input, &loc, &log_variance);

        let alone = numbers(input_samples).require_grad();
        let gradients = layer(4, &alone, &matrix(6), &matrix(7));
        let expected = values(input.grad(&all).unwrap());
        assert_eq!(values(alone.grad(&gradients).unwrap()), expected);

        let [loc_alone, log_variance_alone] = [6, 7].map(|seed| matrix(seed).require_grad());
        let data = numbers(input_samples);
        let gradients = layer(4, &data, &loc_alone, &log_variance_alone);
        let together = [(loc_alone, loc), (log_variance_alone, log_variance)];
        for (alone, with_others) in together {
            let expected = values(with_others.grad(&all).unwrap());
            assert_eq!(values(alone.grad(&gradients).unwrap()), expected);
        }
    }
}

/// An all-zero row without bias has variance 0: the draw is its mean, with a finite gradient.
#[test]
fn an_input_of_zeros_has_a_finite_gradient() {
    for samples in [1, 5] {
        let input = Tensor::<3>::zeros([samples, 2, 3], &device()).require_grad();
        let weights = RandomWeights {
            loc: leaf2([3, 4], 1, 1.0),
            log_variance: leaf2([3, 4], 2, 1.0),
            bias_loc: None,
            bias_variance: None,
            product: None,
        };
        let output = bayesian_linear(input.clone(), weights, 5, draw(3), None);
        let gradient = input.grad(&output.clone().sum().backward()).unwrap();
        assert!(values(output).iter().all(|value| value.abs() < 1e-7));
        assert!(values(gradient).iter().all(|value| value.is_finite()));
    }
}

/// For any choice of tensors on a device with autodiff, the result equals that of the two
/// operations, and has a gradient.
#[test]
fn bernoulli_rows_of_layers_with_some_tensors_on_autodiff() {
    let [samples, batch, d_input, d_output] = [3, 4, 5, 19];
    let on = |autodiff: bool, shape, number| match constant(shape, number, 1.0) {
        tensor if autodiff => tensor,
        tensor => tensor.inner(),
    };
    for [input, weight, x] in [
        [true, false, false],
        [false, true, false],
        [false, false, true],
    ] {
        let weights = || {
            let matrix = |number| on(weight, [1, d_input, d_output], number).squeeze_dim(0);
            RandomWeights {
                loc: matrix(6),
                log_variance: matrix(7),
                bias_loc: None,
                bias_variance: None,
                product: None,
            }
        };
        let input = || on(input, [samples, batch, d_input], 5);
        let x = || on(x, [1, batch, d_output], 11);
        let one = bayesian_bernoulli_log_prob(input(), weights(), samples, draw(10), x());
        let logits = bayesian_linear(input(), weights(), samples, draw(10), None);
        let two = bernoulli_log_prob(logits, x());
        assert_eq!(values(one), values(two), "{weight}");
    }
}
