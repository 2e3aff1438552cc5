//! Layers with half-precision products, compared with full-precision products of factors rounded by
//! burn.

use super::*;

fn rounded<const D: usize>(tensor: Tensor<D>) -> Tensor<D> {
    tensor.inner().cast(DType::BF16).cast(DType::F32)
}

/// `[samples, batch, features]` → `[samples · batch, features]`.
fn rows(tensor: Tensor<3>) -> Tensor<2> {
    tensor.flatten(0, 1)
}

/// The norm of the difference is below 2e-4 of the norm. Sums of products are rounded in `f32`, and
/// such a difference sometimes changes how a factor of the backward pass is rounded. Without any
/// rounding of factors the difference would be above 5e-4.
fn assert_near<const D: usize>(
    actual: Tensor<D>,
    expected: Tensor<D>,
    full: Tensor<D>,
    what: &str,
) {
    assert_eq!(actual.dims(), expected.dims());
    let [actual, expected, full] = [actual, expected, full].map(values);
    let distance = |other: &[f32]| {
        let norm = |x: f64, y: &f32| x + f64::from(*y).powi(2);
        let differences: Vec<f32> = actual.iter().zip(other).map(|(a, b)| a - b).collect();
        (differences.iter().fold(0.0, norm) / other.iter().fold(0.0, norm)).sqrt()
    };
    assert!(
        distance(&expected) < 2e-4,
        "{what}: {}",
        distance(&expected)
    );
    assert!(distance(&full) > 5e-4, "{what}: not rounded");
}

/// Small shapes, and one that is multiplied by AMX tiles if the CPU has them.
const SHAPES: [[usize; 4]; 3] = [[3, 5, 7, 2], [4, 70, 130, 17], [5, 100, 128, 160]];
const BF16: Option<DType> = Some(DType::BF16);

#[test]
fn linear_layers() {
    if !layers_are_fused() {
        return;
    }
    for [samples, batch, d_input, d_output] in SHAPES {
        let [x, g] = [d_input, d_output].map(|d| constant([samples, batch, d], d as u32, 1.0));
        let layer = |product| {
            let input = x.clone().detach().require_grad();
            let (weight, bias) = (leaf2([d_input, d_output], 6, 0.5), leaf1(d_output, 7, 1.0));
            let (given, function) = (Some(bias.clone()), None);
            let output = linear(input.clone(), weight.clone(), given, product, function);
            let gradients = (output.clone() * g.clone()).sum().backward();
            (
                [output.inner(), input.grad(&gradients).unwrap()],
                weight.grad(&gradients).unwrap(),
                bias.grad(&gradients).unwrap(),
            )
        };
        let ([output, to_input], to_weight, to_bias) = layer(BF16);
        let (full, full_to_weight, full_to_bias) = layer(None);
        let weight = rounded(leaf2([d_input, d_output], 6, 0.5));
        let bias = leaf1(d_output, 7, 1.0).inner();
        let [x, g] = [x, g].map(rounded);

        let expected = plain::linear(x.clone(), weight.clone(), Some(bias), None, None);
        assert_near(output, expected, full[0].clone(), "output");
        let expected = plain::linear(g.clone(), weight.transpose(), None, None, None);
        assert_near(to_input, expected, full[1].clone(), "input");
        let expected = rows(x).transpose().matmul(rows(g));
        assert_near(to_weight, expected, full_to_weight, "weight");
        assert_close(to_bias, full_to_bias, (samples * batch) as f32, "bias");
    }
}

#[test]
fn layers_with_random_weights() {
    if !layers_are_fused() {
        return;
    }
    for [samples, batch, d_input, d_output] in SHAPES {
        let [x, g] = [d_input, d_output].map(|d| constant([samples, batch, d], d as u32, 1.0));
        let loc = leaf2([d_input, d_output], 6, 0.5);
        let log_variance = leaf2([d_input, d_output], 7, 1.0);
        let layer = |product| {
            let input = x.clone().detach().require_grad();
            let weights = RandomWeights {
                loc: loc.clone(),
                log_variance: log_variance.clone(),
                bias_loc: None,
                bias_variance: None,
                product,
            };
            let output = bayesian_linear(input.clone(), weights, samples, draw(10), None);
            let gradients = (output.clone() * g.clone()).sum().backward();
            (
                [output.inner(), input.grad(&gradients).unwrap()],
                [&loc, &log_variance].map(|leaf| leaf.grad(&gradients).unwrap()),
            )
        };
        let ([output, to_input], [to_loc, to_log_variance]) = layer(BF16);
        let (full, [full_to_loc, full_to_log_variance]) = layer(None);

        let variance = log_variance.clone().inner().exp();
        let [weight, weight_variance] = [loc.clone().inner(), variance.clone()].map(rounded);
        let (once, square) = (rounded(x.clone()), rounded(x.clone().square()));
        let moment = |x: &Tensor<3>, weight: &Tensor<2>| {
            let moment = plain::linear(x.clone(), weight.clone(), None, None, None);
            Tensor::from_inner(moment).require_grad()
        };
        let moments = [moment(&once, &weight), moment(&square, &weight_variance)];
        let [mean, spread] = moments.clone();
        let expected = plain::gaussian_draw(mean, Parameter::Variance, spread, samples, draw(10));
        let gradients = (expected.clone() * g.clone()).sum().backward();
        assert_near(output, expected.inner(), full[0].clone(), "output");

        let [to_mean, to_variance] =
            moments.map(|moment| rounded(Tensor::from_inner(moment.grad(&gradients).unwrap())));
        let back =
            |g: &Tensor<3>, w: Tensor<2>| plain::linear(g.clone(), w.transpose(), None, None, None);
        let expected = back(&to_mean, weight)
            + back(&to_variance, weight_variance) * x.inner().mul_scalar(2.0);
        assert_near(to_input, expected, full[1].clone(), "input");
        let expected = rows(once).transpose().matmul(rows(to_mean));
        assert_near(to_loc, expected, full_to_loc, "loc");
        let expected = rows(square).transpose().matmul(rows(to_variance)) * variance;
        assert_near(
            to_log_variance,
            expected,
            full_to_log_variance,
            "log-variance",
        );
    }
}

/// NaN and infinity must not become finite numbers, in products of either body.
#[test]
fn what_is_not_finite_stays_so() {
    if !layers_are_fused() {
        return;
    }
    for [samples, batch, d_input, d_output] in SHAPES {
        for bad in [f32::from_bits(0x7fff_ffff), f32::NAN, f32::INFINITY] {
            let x = Tensor::<3>::ones([samples, batch, d_input], &device());
            let x = x.slice_fill([0..1, 0..1, 0..1], bad);
            let output = linear(x, leaf2([d_input, d_output], 6, 0.5), None, BF16, None);
            let row = values(output.slice([0..1, 0..1, 0..d_output]));
            assert!(row.iter().all(|value| !value.is_finite()), "{bad}");
        }
    }
}
