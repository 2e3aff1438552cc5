//! The fused bodies against the plain compositions, in value and gradient.
//!
//! The reference is always the composition of burn's own operations, called by name.

mod gaussian;
mod half;
mod layers;
mod noise;

use super::{
    AdamStep, Function, Parameter, RandomWeights, adam, apply, bayesian_bernoulli_log_prob,
    bayesian_linear, bernoulli_log_prob,
    body::{Body, body, can_count, has_layers, have_rows},
    gaussian_draw, gaussian_log_prob, halves, linear, log_mean_exp, log_prob_of_draw, normal,
    random::{Address, Datapoints, Draw, Shared},
    uniform,
};
use burn::tensor::{DType, Device, Tensor};
use skipped::skipped;

/// Every operation by burn's own ones.
mod plain {
    pub(super) use crate::kernel::{
        adam::plain::adam,
        bernoulli::plain::bernoulli_log_prob,
        function::plain::apply,
        gaussian_density::plain::gaussian_log_prob,
        gaussian_draw::plain::{gaussian_draw, log_prob_of_draw},
        linear::plain::linear,
        log_mean_exp::plain::log_mean_exp,
        random_linear::plain::bayesian_linear,
    };
}

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

/// Equal entry by entry: a few roundings of `f32` relative to the entry, or to `size` where terms
/// of that order are added up.
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

/// Two outputs from the same leaves. The leaves' gradients are compared under random weights of the
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

/// Whether layers have fused bodies here; otherwise burn's operations would be compared with
/// themselves.
fn layers_are_fused() -> bool {
    let fused = has_layers(&constant([1, 1, 1], 0, 1.0));
    if !fused {
        skipped("fused-layers");
    }
    fused
}

/// Shapes with odd widths, one row, one column, or enough entries for several tasks.
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
    if !layers_are_fused() {
        return;
    }
    let functions = [
        Function::Exp,
        Function::ExpM1,
        Function::Tanh,
        Function::Sigmoid,
        Function::Softplus,
        Function::Silu,
        Function::Relu,
        Function::LeakyRelu,
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
    if !layers_are_fused() {
        return;
    }
    for shape in SHAPES.map(|[samples, batch, features]| [samples, batch, 2 * features]) {
        let [input, weight] = [leaf(shape, 4, 1.0), leaf(shape, 5, 1.0)];
        // Each half alone, and both. Weights make all gradients differ.
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
    if !layers_are_fused() {
        return;
    }
    let step = AdamStep {
        beta_1: f64::from(0.9f32),
        beta_2: f64::from(0.999f32),
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

/// Tests views: transposed, narrowed from the middle and from the start, broadcast.
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
    // Operations that may work in place must not change the views' owner.
    let before = values(base.clone());
    let _ = tanh(base.clone());
    assert_eq!(values(base), before);
}

/// A gradient with another owner is not overwritten.
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

/// Backward passes write into tensors that they own. A second graph over the same tensors must find
/// them unchanged.
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

/// Without fused bodies these tests would compare burn's operations with themselves.
#[test]
fn the_default_device_has_fused_bodies() {
    assert!(have_rows([&leaf([1, 2, 3], 1, 1.0)], 6));
}

/// Numbers of entries up to 2³¹, without making such tensors.
#[test]
fn more_entries_than_a_kernel_can_count_are_not_fused() {
    assert!(can_count(Body::Flex, 1 << 40) && !can_count(Body::Plain, 1));
    assert!(can_count(Body::Cube, 1) && can_count(Body::Cube, (1 << 31) - 1));
    assert!(!can_count(Body::Cube, 0) && !can_count(Body::Cube, 1 << 31));
}

/// Other number types take the plain path.
#[test]
fn double_precision_is_not_fused() {
    if !device().supports_dtype(DType::F64) {
        skipped("f64");
        return;
    }
    let wide = leaf([1, 2, 3], 1, 1.0).cast(DType::F64);
    assert!(!have_rows([&wide], 6) && have_rows([&leaf([1, 2, 3], 1, 1.0)], 6));
    assert!(!has_layers(&wide));
    let weight = leaf2([3, 4], 2, 1.0).cast(DType::F64);
    assert_eq!(linear(wide, weight, None, None, None).dtype(), DType::F64);
}
