//! Functions and rules that keep all digits of `f64`.

use super::*;

/// softplus' = sigmoid, also above 20, where burn's own is the identity: sigmoid(20.0625) = 1 −
/// 1.94e-9.
#[test]
fn softplus_has_all_digits_of_f64() {
    if !has_f64() {
        return;
    }
    let points = [-40.0, -1.0, 0.0, 19.9, 20.0625, 30.0, 39.0, 50.0, 800.0f64];
    let x = Tensor::<1>::from_data(TensorData::from(points), &device()).require_grad();
    let y = Activation::Softplus.forward(x.clone());
    let values: Vec<f64> = y.to_data().try_to_vec().unwrap();
    let slopes = x.grad(&y.sum().backward()).unwrap();
    let slopes: Vec<f64> = slopes.into_data().try_to_vec().unwrap();
    for ((x, value), slope) in points.into_iter().zip(values).zip(slopes) {
        let exact = x.max(0.0) + (-x.abs()).exp().ln_1p();
        // A few roundings of numbers of this size.
        assert!(
            (value - exact).abs() <= 4.0 * f64::EPSILON * exact,
            "{x}: {value}"
        );
        let exact = 1.0 / (1.0 + (-x).exp());
        assert!(
            (slope - exact).abs() <= 4.0 * f64::EPSILON * exact,
            "{x}: {slope}"
        );
    }

    // The floor of a learned log-variance is this function.
    let scale = Scale::Learned {
        min_log_variance: -10.0,
    };
    let config = MlpConfig::new(1, vec![], 1);
    let mut decoder = GaussianDecoder::new(&config, scale, &device(), &mut noise(1));
    let raw = TensorData::from([0.0, 10.0625]);
    let layer = decoder.network.layers.remove(0);
    let layer = layer.with_bias(Tensor::from_data(raw, &device()));
    decoder.network.layers.push(layer);
    let p = decoder.forward(Tensor::zeros([1, 1, 1], &device()), 1, &mut noise(1));
    let exact = 10.0625 + (-20.0625f64).exp().ln_1p();
    let error = p.log_variance().into_scalar::<f64>() - exact;
    assert!(error.abs() < 1e-14, "{error}");
}

/// Adam's rule in f64, term by term, with its constants as they are written.
#[test]
fn adam_has_all_digits_of_f64() {
    if !has_f64() {
        return;
    }
    use burn::{nn::Linear, optim::GradientsParams};
    let start = [0.0, 0.5];
    let mut layer = Linear {
        weight: Param::from_tensor(Tensor::from_data(TensorData::from([start]), &device())),
        bias: None,
    };
    let config = AdamConfig::new().with_weight_decay(0.1);
    let mut adam = config.init();
    let (mut expected, mut m, mut v) = (start, [0.0; 2], [0.0; 2]);
    for step in 1..=7i32 {
        let slope = [1.0, 1e-3 * f64::from(step)];
        let slopes = Tensor::<2>::from_data(TensorData::from([slope]), &device());
        let loss = (layer.weight.val() * slopes).sum();
        let gradients = GradientsParams::from_grads(loss.backward(), &layer);
        layer = adam.step(0.01, layer, gradients);
        for i in 0..2 {
            m[i] = 0.9 * m[i] + 0.1 * slope[i];
            v[i] = 0.999 * v[i] + 0.001 * slope[i] * slope[i];
            let (m, v) = (
                m[i] / (1.0 - 0.9f64.powi(step)),
                v[i] / (1.0 - 0.999f64.powi(step)),
            );
            expected[i] *= 1.0 - 0.01 * 0.1;
            expected[i] -= 0.01 * m / (v.sqrt() + 1e-8);
        }
        if step == 1 {
            // m̂ = v̂ = 1: 0.01 / (1 + 1e-8), of which the next term is 1e-18.
            assert!((expected[0] + 0.01 * (1.0 - 1e-8)).abs() < 1e-17);
        }
    }
    let actual: Vec<f64> = layer.weight.val().into_data().try_to_vec().unwrap();
    for (actual, expected) in actual.into_iter().zip(expected) {
        // Some ten roundings a step of numbers below 1.
        assert!(
            (actual - expected).abs() < 1e-15,
            "{actual}, expected {expected}"
        );
    }
}

/// The stream and the tensors, in the plain body that serves f64.
#[test]
fn log_mean_exp_has_one_answer() {
    if !has_f64() {
        return;
    }
    common::log_mean_exp_has_one_answer(&device(), 1e-14);
}
