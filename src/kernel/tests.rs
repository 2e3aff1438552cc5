//! The fused bodies against the plain compositions, in value and gradient.
//!
//! The reference is always the composition of burn's own operations, called by name.

mod half;

use super::{
    AdamStep, Body, Function, Parameter, RandomWeights, adam, apply, bayesian_linear,
    bernoulli_log_prob, body, can_count, gaussian_draw, gaussian_log_prob, halves, has_layers,
    have_rows, linear, log_mean_exp, log_prob_of_draw, normal, plain,
    random::{self, Address, Datapoints, Draw, Shared},
    uniform,
};
use burn::tensor::{DType, Device, Tensor};

fn device() -> Device {
    Device::default().autodiff()
}

fn draw(number: u32) -> Draw {
    Draw {
        key: [3, 4],
        number,
        address: Address::Grid {
            first_sample: 2,
            datapoints: Datapoints::From(5),
        },
    }
}

fn constant(shape: [usize; 3], number: u32, scale: f64) -> Tensor<3> {
    normal(&draw(number), shape, &device()).mul_scalar(scale)
}

fn leaf(shape: [usize; 3], number: u32, scale: f64) -> Tensor<3> {
    constant(shape, number, scale).detach().require_grad()
}

/// The same for layers' parameters.
fn leaf2(shape: [usize; 2], number: u32, scale: f64) -> Tensor<2> {
    let values = constant([1, shape[0], shape[1]], number, scale);
    values.squeeze_dim::<2>(0).detach().require_grad()
}

fn leaf1(length: usize, number: u32, scale: f64) -> Tensor<1> {
    let values = constant([1, 1, length], number, scale);
    values.reshape([length]).detach().require_grad()
}

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_to_vec().unwrap()
}

/// Equal entry by entry: a few roundings of `f32` relative to the entry, or to `size` where terms of
/// that order are added up.
fn assert_close<const D: usize>(actual: Tensor<D>, expected: Tensor<D>, size: f32, what: &str) {
    assert_eq!(actual.dims(), expected.dims(), "{what}");
    for (actual, expected) in values(actual).into_iter().zip(values(expected)) {
        if actual == expected || (actual.is_nan() && expected.is_nan()) {
            continue;
        }
        let tolerance = 2e-6 * expected.abs().max(size);
        assert!(
            (actual - expected).abs() <= tolerance,
            "{what}: {actual}, expected {expected}"
        );
    }
}

/// Two outputs made of the same leaves, and the leaves' gradients under random weights of the
/// outputs' entries.
struct Comparison<'a, const D: usize> {
    what: String,
    fused: Tensor<D>,
    plain: Tensor<D>,
    /// The size of terms that are added up.
    size: f32,
    leaves: Vec<(&'a str, Leaf<'a>)>,
}

enum Leaf<'a> {
    One(&'a Tensor<1>),
    Two(&'a Tensor<2>),
    Three(&'a Tensor<3>),
}

impl<const D: usize> Comparison<'_, D> {
    fn check(self) {
        let Self {
            what,
            fused,
            plain,
            size,
            leaves,
        } = self;
        let count = fused.shape().num_elements();
        let weights = constant([1, 1, count], 99, 1.0).reshape(fused.dims());
        let [by_fused, by_plain] =
            [&fused, &plain].map(|output| (output.clone() * weights.clone()).sum().backward());
        assert_close(fused, plain, size, &what);
        for (name, leaf) in leaves {
            let what = format!("gradient of {name}, {what}");
            match leaf {
                Leaf::One(leaf) => {
                    let [fused, plain] = [&by_fused, &by_plain].map(|g| leaf.grad(g).unwrap());
                    assert_close(fused, plain, size, &what);
                }
                Leaf::Two(leaf) => {
                    let [fused, plain] = [&by_fused, &by_plain].map(|g| leaf.grad(g).unwrap());
                    assert_close(fused, plain, size, &what);
                }
                Leaf::Three(leaf) => {
                    let [fused, plain] = [&by_fused, &by_plain].map(|g| leaf.grad(g).unwrap());
                    assert_close(fused, plain, size, &what);
                }
            }
        }
    }
}

/// Shapes: odd widths, one row, one column, several tasks' worth.
const SHAPES: [[usize; 3]; 5] = [[1, 1, 1], [3, 5, 7], [1, 4, 33], [2, 3, 784], [5, 20, 401]];
const PARAMETERS: [Parameter; 3] = [
    Parameter::Scale,
    Parameter::Variance,
    Parameter::LogVariance,
];

#[test]
fn bernoulli() {
    for shape in SHAPES {
        for x_samples in [1, shape[0]] {
            for scale in [1.0, 100.0] {
                let x = constant([x_samples, shape[1], shape[2]], 1, 0.3);
                let x = x.add_scalar(0.5).clamp(0.0, 1.0).detach().require_grad();
                let logits = leaf(shape, 2, scale);
                Comparison {
                    what: format!("{shape:?}, x of {x_samples}, logits of size {scale}"),
                    fused: bernoulli_log_prob(logits.clone(), x.clone()),
                    plain: plain::bernoulli_log_prob(logits.clone(), x.clone()),
                    size: 1.0,
                    leaves: vec![("logits", Leaf::Three(&logits)), ("x", Leaf::Three(&x))],
                }
                .check();
            }
        }
    }
}

#[test]
fn functions() {
    let functions = [
        Function::Exp,
        Function::Tanh,
        Function::Sigmoid,
        Function::Softplus,
        Function::Silu,
    ];
    for function in functions {
        for shape in SHAPES {
            for scale in [1e-3, 1.0, 30.0] {
                let input = leaf(shape, 4, scale);
                Comparison {
                    what: format!("{function:?}, {shape:?}, {scale}"),
                    fused: apply(function, input.clone()),
                    plain: plain::apply(function, input.clone()),
                    size: 1.0,
                    leaves: vec![("the input", Leaf::Three(&input))],
                }
                .check();
            }
        }
    }
}

#[test]
fn halves_of_features() {
    for shape in SHAPES.map(|[samples, batch, features]| [samples, batch, 2 * features]) {
        let [input, weight] = [leaf(shape, 4, 1.0), leaf(shape, 5, 1.0)];
        // Each half alone, and both: weights make all gradients differ.
        let weighted = |halves: [Tensor<3>; 2], which: [bool; 2]| {
            let width = shape[2] / 2;
            let terms = [0, 1].into_iter().zip(halves).filter(|(i, _)| which[*i]);
            let terms = terms.map(|(i, half)| half * weight.clone().narrow(2, i * width, width));
            terms.reduce(|a, b| a + b).expect("a half is chosen")
        };
        for which in [[true, false], [false, true], [true, true]] {
            let plain = [0, 1].map(|i| {
                let width = shape[2] / 2;
                input.clone().narrow(2, i * width, width)
            });
            Comparison {
                what: format!("halves {which:?} of {shape:?}"),
                fused: weighted(halves(input.clone()), which),
                plain: weighted(plain, which),
                size: 1.0,
                leaves: vec![("the input", Leaf::Three(&input))],
            }
            .check();
        }
    }
}

/// Samples, batch, d_input, d_output.
const LAYERS: [[usize; 4]; 5] = [
    [1, 1, 1, 1],
    [3, 5, 7, 2],
    [1, 40, 33, 300],
    [4, 70, 130, 17],
    [2, 3, 784, 40],
];

/// Each of the one with each of the other.
fn cases<A: Copy, B: Copy, const N: usize, const M: usize>(
    first: [A; N],
    second: [B; M],
) -> impl Iterator<Item = (A, B)> {
    let pairs = move |one: A| second.into_iter().map(move |other| (one, other));
    first.into_iter().flat_map(pairs)
}

/// The functions that a layer can apply.
const AFTER: [Option<Function>; 3] = [None, Some(Function::Tanh), Some(Function::Sigmoid)];

#[test]
fn linear_layers() {
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

/// What is frozen, or is data, changes nothing for the rest.
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

/// A spread of the given kind from numbers of either sign.
fn spread(parameter: Parameter, numbers: Tensor<3>) -> Tensor<3> {
    match parameter {
        Parameter::Scale => numbers.abs().add_scalar(0.01),
        Parameter::Variance => numbers.square().add_scalar(1e-4),
        Parameter::LogVariance => numbers.mul_scalar(2.0),
    }
}

#[test]
fn draws_and_their_densities() {
    for [samples, batch, features] in SHAPES {
        for parameters in [1, samples] {
            for parameter in PARAMETERS {
                let shape = [parameters, batch, features];
                let (loc, root) = (leaf(shape, 6, 1.0), leaf(shape, 7, 2.0));
                let scale = || spread(parameter, root.clone());
                let what = format!("{samples} samples of {shape:?} by {parameter:?}");
                Comparison {
                    what: what.clone(),
                    fused: gaussian_draw(loc.clone(), parameter, scale(), samples, draw(9)),
                    plain: plain::gaussian_draw(loc.clone(), parameter, scale(), samples, draw(9)),
                    size: 10.0,
                    leaves: vec![("loc", Leaf::Three(&loc)), ("spread", Leaf::Three(&root))],
                }
                .check();
                Comparison {
                    what: format!("log-density, {what}"),
                    fused: log_prob_of_draw(parameter, scale(), samples, draw(9)),
                    plain: plain::log_prob_of_draw(parameter, scale(), samples, draw(9)),
                    size: 10.0,
                    leaves: vec![("spread", Leaf::Three(&root))],
                }
                .check();
            }
        }
    }
}

#[test]
fn gaussian_densities() {
    for [samples, batch, features] in SHAPES {
        for (x_samples, loc_samples, spread_samples) in [
            (samples, samples, samples),
            (1, samples, samples),
            (samples, 1, 1),
            (samples, samples, 1),
            (samples, 1, samples),
            (1, 1, samples),
        ] {
            for parameter in PARAMETERS {
                let x = leaf([x_samples, batch, features], 1, 1.0);
                let loc = leaf([loc_samples, batch, features], 2, 1.0);
                // Scales no smaller than 0.3: their powers would blow up the roundings compared.
                let root = constant([spread_samples, batch, features], 3, 0.3);
                let root = root.abs().add_scalar(0.3).detach().require_grad();
                let scale = || spread(parameter, root.clone());
                Comparison {
                    what: format!("{samples} {batch} {features}: {x_samples} {loc_samples} {spread_samples}, {parameter:?}"),
                    fused: gaussian_log_prob(x.clone(), loc.clone(), parameter, scale()),
                    plain: plain::gaussian_log_prob(x.clone(), loc.clone(), parameter, scale()),
                    size: 100.0,
                    leaves: vec![
                        ("x", Leaf::Three(&x)),
                        ("loc", Leaf::Three(&loc)),
                        ("spread", Leaf::Three(&root)),
                    ],
                }
                .check();
            }
        }
    }
}

#[test]
fn log_mean_exps() {
    for [k, batch] in [[1, 1], [25, 100], [3, 7], [5000, 2]] {
        for scale in [1.0, 100.0, 1e4] {
            let values = leaf2([k, batch], 1, scale);
            Comparison {
                what: format!("{k} {batch} {scale}"),
                fused: log_mean_exp(values.clone(), -60.0),
                plain: plain::log_mean_exp(values.clone(), -60.0),
                size: 1.0,
                leaves: vec![("the values", Leaf::Two(&values))],
            }
            .check();
        }
    }
}

#[test]
fn log_mean_exps_of_values_without_size() {
    let (inf, nan) = (f32::INFINITY, f32::NAN);
    let data = [
        [-inf, -inf, 0.0, inf, nan, 1.0],
        [-inf, 0.0, -1e30, 0.0, 0.0, nan],
    ];
    let input = Tensor::<2>::from_data(data, &device()).require_grad();
    let [fused, plain] = [log_mean_exp, plain::log_mean_exp].map(|body| body(input.clone(), -60.0));
    let gradient = input.grad(&fused.clone().sum().backward()).unwrap();
    assert_close(fused, plain, 1.0, "value");
    let gradient = values(gradient);
    assert_eq!(gradient[0..3], [0.0, 0.0, 1.0]);
    assert_eq!(gradient[6..9], [0.0, 1.0, 0.0]);
}

#[test]
fn adam_steps() {
    let step = AdamStep {
        beta_1: 0.9,
        beta_2: 0.999,
        size: 1e-2,
        epsilon: 1e-8,
    };
    for shape in SHAPES {
        let tensor = |number| constant(shape, number, 1.0).inner();
        let start = || (tensor(1), [tensor(3), tensor(4).square()]);
        let (mut fused, mut plain) = (start(), start());
        for number in 10..13 {
            fused = adam(fused.0, tensor(number), fused.1, step);
            plain = plain::adam(plain.0, tensor(number), plain.1, step);
        }
        let ([fused_1, fused_2], [plain_1, plain_2]) = (fused.1, plain.1);
        assert_close(fused.0, plain.0, 1.0, "parameter");
        assert_close(fused_1, plain_1, 1.0, "first moment");
        assert_close(fused_2, plain_2, 1.0, "second moment");
    }
}

/// Views: transposed, narrowed from the middle and from the start, broadcast.
#[test]
fn views_are_read_as_they_are_seen() {
    let base = leaf([6, 8, 10], 10, 1.0).inner();
    let views = [
        base.clone().swap_dims(1, 2),
        base.clone().narrow(2, 3, 5),
        base.clone().narrow(0, 0, 2),
        base.clone().narrow(0, 2, 3).narrow(1, 1, 4),
        base.clone().narrow(1, 0, 1).expand([6, 4, 10]),
    ];
    let tanh = |input| apply(Function::Tanh, input);
    for view in views {
        let copy = Tensor::<3>::from_data(view.to_data(), &view.device());
        let same = |operation: &dyn Fn(Tensor<3>) -> Tensor<3>| {
            assert_eq!(
                values(operation(view.clone())),
                values(operation(copy.clone()))
            );
        };
        let other = copy.zeros_like();
        let rows = |sums: Tensor<2>| sums.unsqueeze::<3>();
        same(&tanh);
        same(&|input| rows(bernoulli_log_prob(input, other.clone())));
        same(&|input| rows(bernoulli_log_prob(other.clone(), input)));
        same(&|input| {
            let samples = input.dims()[0];
            let variance = input.clone().square();
            gaussian_draw(input, Parameter::Variance, variance, samples, draw(11))
        });
        same(&|input| {
            let (loc, scale) = (other.clone(), input.clone().square().add_scalar(1.0));
            rows(gaussian_log_prob(input, loc, Parameter::Scale, scale))
        });
        same(&|input| {
            let weight = input
                .clone()
                .narrow(0, 0, 1)
                .squeeze_dim::<2>(0)
                .transpose();
            linear(input, weight, None, None, None)
        });
    }
    // The views' owner is unharmed by operations that work in place where they may.
    let before = values(base.clone());
    let _ = tanh(base.clone());
    assert_eq!(values(base), before);
}

/// A gradient that something else still holds is not overwritten.
#[test]
fn shared_gradients_are_not_overwritten() {
    let input = leaf([1, 2, 40], 12, 1.0);
    let output = apply(Function::Tanh, input.clone());
    let twice = (output.clone() + output).sum();
    let expected = plain::apply(Function::Tanh, input.clone().inner());
    let expected = expected.square().neg().add_scalar(1.0).mul_scalar(2.0);
    assert_close(
        input.grad(&twice.backward()).unwrap(),
        expected,
        1.0,
        "2(1 − tanh²)",
    );
}

/// Backward passes work in place of tensors that they hold; a second graph over the same tensors must
/// find them whole.
#[test]
fn tensors_of_two_graphs_stay_whole() {
    let logits = leaf([2, 3, 40], 1, 1.0);
    let x = constant([1, 3, 40], 2, 1.0).greater_elem(0.0).float();
    let hidden = logits.clone().mul_scalar(1.0);
    let sum = |hidden: &Tensor<3>| bernoulli_log_prob(hidden.clone(), x.clone()).sum();
    let (first, second) = (sum(&hidden), sum(&hidden));
    let twice = logits.grad(&(first + second).backward()).unwrap();
    let once = logits
        .grad(&sum(&logits.clone().mul_scalar(1.0)).backward())
        .unwrap();
    assert_close(twice, once.mul_scalar(2.0), 1.0, "twice the gradient");
}

/// Elsewhere these tests would hold burn's operations against themselves.
#[test]
fn the_default_device_has_fused_bodies() {
    assert!(have_rows([&leaf([1, 2, 3], 1, 1.0)], 6));
}

/// Tensors that do not exist here: 2³¹ entries.
#[test]
fn more_entries_than_a_kernel_can_count_are_not_fused() {
    assert!(can_count(Body::Flex, 1 << 40) && !can_count(Body::Plain, 1));
    assert!(can_count(Body::Cube, 1) && can_count(Body::Cube, (1 << 31) - 1));
    assert!(!can_count(Body::Cube, 0) && !can_count(Body::Cube, 1 << 31));
}

/// Uniform numbers to the bit. Normal numbers to the bit on a CPU; a GPU may fuse products and sums and
/// round roots and quotients its own way, each by about 1e-7 of numbers below 7.
#[test]
fn noise_is_that_of_the_host() {
    let ids: [u32; 5] = [7, 0, u32::MAX, 3, 3];
    let pairs: [(u32, u32); 5] = [(0, 1), (9, 9), (u32::MAX, 0), (2, 5), (2, 5)];
    let grid = |datapoints| Address::Grid {
        first_sample: 6,
        datapoints,
    };
    let addresses = [
        (3, grid(Datapoints::From(11))),
        (3, grid(Datapoints::Ids(Shared::new(&ids)))),
        (1, Address::Pairs(Shared::new(&pairs))),
    ];
    let exact = body(&Tensor::<1>::ones([1], &device())) == Body::Flex;
    for (samples, address) in addresses {
        for features in [1, 3, 4, 6, 401] {
            let draw = Draw {
                key: [0xDEAD_BEEF, 0xFFFF_FFFF],
                number: 0x8000_0001,
                address: address.clone(),
            };
            let shape = [samples, 5, features];
            let uniforms = values(uniform(&draw, shape, &device()));
            assert_eq!(uniforms, random::uniform(&draw, shape), "{address:?}");
            let normals = values(normal(&draw, shape, &device()));
            for (on_device, on_host) in normals.into_iter().zip(random::normal(&draw, shape)) {
                let tolerance = if exact { 0.0 } else { 2e-6 };
                assert!(
                    (on_device - on_host).abs() <= tolerance,
                    "{on_device}, on the host {on_host}"
                );
            }
        }
    }
}

/// Other number types take the plain path.
#[test]
fn double_precision_is_not_fused() {
    if !device().supports_dtype(DType::F64) {
        eprintln!("skipped: the device has no f64");
        return;
    }
    let wide = leaf([1, 2, 3], 1, 1.0).cast(DType::F64);
    assert!(!have_rows([&wide], 6) && have_rows([&leaf([1, 2, 3], 1, 1.0)], 6));
    assert!(!has_layers(&wide));
    let weight = leaf2([3, 4], 2, 1.0).cast(DType::F64);
    assert_eq!(linear(wide, weight, None, None, None).dtype(), DType::F64);
}
