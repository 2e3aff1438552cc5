//! The fused bodies against the plain compositions, in value and gradient.
//!
//! The reference is burn's own operations on the same tensors, written out here, never the fallback
//! branch of the functions under test.

use super::{
    bernoulli_log_prob, gaussian_draw, normal,
    random::{Address, Datapoints, Draw},
    tanh,
};
use burn::tensor::{Device, Tensor, activation};

fn device() -> Device {
    Device::flex().autodiff()
}

fn draw(number: u32) -> Draw {
    let datapoints = Datapoints::From(5);
    Draw {
        key: [3, 4],
        number,
        address: Address::Grid {
            first_sample: 2,
            datapoints,
        },
    }
}

fn leaf(shape: [usize; 3], number: u32, scale: f64) -> Tensor<3> {
    normal(&draw(number), shape, &device())
        .mul_scalar(scale)
        .detach()
        .require_grad()
}

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_to_vec().unwrap()
}

/// Equal entry by entry: a few roundings of f32, relative to the entry, or to 1 where terms of order 1
/// cancel.
fn assert_close<const D: usize>(actual: Tensor<D>, expected: Tensor<D>, what: &str) {
    assert_eq!(actual.dims(), expected.dims(), "{what}");
    for (actual, expected) in values(actual).into_iter().zip(values(expected)) {
        let tolerance = 2e-6 * expected.abs().max(1.0);
        assert!(
            (actual - expected).abs() <= tolerance,
            "{what}: {actual}, expected {expected}"
        );
    }
}

/// Shapes: odd widths, one row, one column, several tasks' worth.
const SHAPES: [[usize; 3]; 5] = [[1, 1, 1], [3, 5, 7], [1, 4, 33], [2, 3, 784], [5, 20, 401]];

#[test]
fn bernoulli_equals_the_composition() {
    for shape in SHAPES {
        for x_samples in [1, shape[0]] {
            for scale in [1.0, 100.0] {
                let x_shape = [x_samples, shape[1], shape[2]];
                let x = leaf(x_shape, 1, 0.3)
                    .inner()
                    .add_scalar(0.5)
                    .clamp(0.0, 1.0);
                let x = Tensor::from_data(x.into_data(), &device()).require_grad();
                let logits = leaf(shape, 2, scale);
                let weights = leaf([1, shape[0], shape[1]], 3, 1.0)
                    .inner()
                    .squeeze_dim::<2>(0);

                let fused = bernoulli_log_prob(logits.clone(), x.clone());
                let fused_gradients = (fused.clone() * weights.clone()).sum().backward();
                let per_pixel =
                    x.clone() * logits.clone() + activation::log_sigmoid(-logits.clone());
                let plain = per_pixel.sum_dim(2).squeeze_dim::<2>(2);
                let plain_gradients = (plain.clone() * weights).sum().backward();

                let what = format!("{shape:?}, x of {x_samples}, logits of size {scale}");
                assert_close(fused, plain, &what);
                for (name, leaf) in [("logits", &logits), ("x", &x)] {
                    let [fused, plain] =
                        [&fused_gradients, &plain_gradients].map(|g| leaf.grad(g).unwrap());
                    assert_close(fused, plain, &format!("gradient of {name}, {what}"));
                }
            }
        }
    }
}

#[test]
fn tanh_equals_burns() {
    for shape in SHAPES {
        for scale in [1e-3, 1.0, 30.0] {
            let input = leaf(shape, 4, scale);
            let weights = leaf(shape, 5, 1.0).inner();
            let [fused, plain] = [tanh(input.clone()), activation::tanh(input.clone())];
            let gradients = [&fused, &plain].map(|output| {
                input
                    .grad(&(output.clone() * weights.clone()).sum().backward())
                    .unwrap()
            });
            assert_close(fused, plain, &format!("{shape:?}, {scale}"));
            let [fused, plain] = gradients;
            assert_close(fused, plain, &format!("gradient, {shape:?}, {scale}"));
        }
    }
}

#[test]
fn the_draw_equals_the_composition() {
    for [samples, batch, features] in SHAPES {
        for parameters in [1, samples] {
            let shape = [parameters, batch, features];
            let loc = leaf(shape, 6, 1.0);
            let root = leaf(shape, 7, 2.0);
            let variance = root.clone().square().add_scalar(1e-16);
            let whole = [samples, batch, features];
            let weights = leaf(whole, 8, 1.0).inner();

            let fused = gaussian_draw(loc.clone(), variance.clone(), samples, draw(9));
            let fused_gradients = (fused.clone() * weights.clone()).sum().backward();
            let variance = root.clone().square().add_scalar(1e-16);
            let plain = loc.clone() + variance.sqrt() * normal(&draw(9), whole, &device());
            let plain_gradients = (plain.clone() * weights).sum().backward();

            let what = format!("{whole:?}, {parameters} parameters");
            assert_close(fused, plain, &what);
            for (name, leaf) in [("loc", &loc), ("variance", &root)] {
                let [fused, plain] =
                    [&fused_gradients, &plain_gradients].map(|g| leaf.grad(g).unwrap());
                assert_close(fused, plain, &format!("gradient of {name}, {what}"));
            }
        }
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
    for view in views {
        let copy = Tensor::<3>::from_data(view.to_data(), &view.device());
        assert_eq!(values(tanh(view.clone())), values(tanh(copy.clone())));
        let x = copy.zeros_like();
        assert_eq!(
            values(bernoulli_log_prob(view.clone(), x.clone())),
            values(bernoulli_log_prob(copy.clone(), x.clone()))
        );
        assert_eq!(
            values(bernoulli_log_prob(x.clone(), view.clone())),
            values(bernoulli_log_prob(x, copy.clone()))
        );
        let (samples, variance) = (copy.dims()[0], copy.clone().square());
        assert_eq!(
            values(gaussian_draw(
                view.clone(),
                view.square(),
                samples,
                draw(11)
            )),
            values(gaussian_draw(copy, variance, samples, draw(11)))
        );
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
    let output = tanh(input.clone());
    let twice = (output.clone() + output).sum();
    let expected = input
        .clone()
        .inner()
        .tanh()
        .square()
        .neg()
        .add_scalar(1.0)
        .mul_scalar(2.0);
    assert_close(
        input.grad(&twice.backward()).unwrap(),
        expected,
        "2(1 − tanh²)",
    );
}
