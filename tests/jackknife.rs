//! Jackknife variational inference, against its definition and where its bias is known.

#[path = "common/double.rs"]
mod double;

use burn::tensor::{DType, TensorData};
use burn_bayes::{bound::Bound, gradient::Replay, prelude::*};
use double::has_f64;

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f64> {
    tensor.without_autodiff().try_into_vec_as::<f64>().unwrap()
}

fn column(numbers: &[f64], dtype: DType) -> Tensor<2> {
    let data = TensorData::new(numbers.to_vec(), [numbers.len(), 1]).convert_dtype(dtype);
    Tensor::from_data(data, (&Device::default(), dtype))
}

/// log (1/n) Σ e^a of all but one.
fn iwae(numbers: &[f64], but: Option<usize>) -> f64 {
    let kept = numbers.iter().enumerate().filter(|(i, _)| Some(*i) != but);
    let kept: Vec<f64> = kept.map(|(_, a)| *a).collect();
    let max = kept.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = kept.iter().map(|a| (a - max).exp()).sum();
    max + (sum / kept.len() as f64).ln()
}

fn definition(numbers: &[f64]) -> f64 {
    let k = numbers.len() as f64;
    let left_out = (0..numbers.len()).map(|i| iwae(numbers, Some(i)));
    k * iwae(numbers, None) - (k - 1.0) / k * left_out.sum::<f64>()
}

fn cases() -> Vec<Vec<f64>> {
    let mut cases = vec![
        vec![0.0, 3.0f64.ln()],
        vec![-90.0; 7],
        vec![-400.0, 5.0],
        vec![2.0, 2.0, -30.0],
        vec![-3.0, -1.0, -2.5, 0.25, -4.0],
        vec![-1e3, 1e3, 1e3 - 40.0],
    ];
    let noise = Noise::seeded(1).normal([1, 1, 500], &Device::default());
    let noise = values(noise);
    for scale in [0.01, 1.0, 10.0] {
        cases.push(noise.iter().map(|e| scale * e - 90.0).collect());
    }
    cases
}

#[test]
fn it_is_its_definition() {
    for numbers in cases() {
        let exact = definition(&numbers);
        let check = |dtype, tolerance: f64| {
            let found = values(bound::jackknife(column(&numbers, dtype)))[0];
            let close = (found - exact).abs() < tolerance * exact.abs().max(1.0);
            assert!(close, "{dtype:?}: {found}, expected {exact}");
        };
        check(DType::F32, 2e-6);
        if has_f64(&Device::default()) {
            // The definition cancels, k times.
            check(DType::F64, 1e-11);
        }
    }
}

/// By autodiff, and against central differences of the definition; they sum to 1.
#[test]
fn its_shares_are_its_derivatives() {
    for numbers in cases() {
        let shares = Bound::Jackknife.shares(column(&numbers, DType::F32));
        let shares = values(shares.unwrap());
        let leaf = column(&numbers, DType::F32).autodiff().require_grad();
        let gradients = bound::jackknife(leaf.clone()).sum().backward();
        let autodiff = values(leaf.grad(&gradients).unwrap());
        assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-5);
        // Each entry of the definition costs k² exponentials.
        let some = numbers.len() / 10 + 1;
        let pairs = shares.into_iter().zip(autodiff).enumerate();
        for (i, (share, autodiff)) in pairs.step_by(some) {
            let moved = |by: f64| {
                let mut numbers = numbers.clone();
                numbers[i] += by;
                definition(&numbers)
            };
            let exact = (moved(1e-4) - moved(-1e-4)) / 2e-4;
            assert!((share - exact).abs() < 3e-6, "{i}: {share}, {exact}");
            assert!((autodiff - exact).abs() < 3e-6, "{i}: {autodiff}, {exact}");
        }
    }
}

#[test]
fn weights_of_zero_do_no_harm() {
    let none = f64::NEG_INFINITY;
    let some = [none, 1.0, none, 2.0];
    let found = values(bound::jackknife(column(&some, DType::F32)))[0];
    assert!((found - definition(&some)).abs() < 1e-5);
    let leaf = column(&[none; 3], DType::F32).autodiff().require_grad();
    let value = bound::jackknife(leaf.clone());
    assert_eq!(values(value.clone()), [none]);
    let gradient = leaf.grad(&value.sum().backward()).unwrap();
    assert_eq!(values(gradient), [0.0; 3]);
    let shares = Bound::Jackknife.shares(column(&[none; 3], DType::F32));
    assert_eq!(values(shares.unwrap()), [0.0; 3]);
    let alone = values(bound::jackknife(column(&[none, 1.0], DType::F32)));
    assert_eq!(alone, [f64::INFINITY]);
}

/// Weights w ~ Exp(1) have mean 1, so that log p = 0, and sums of k are Gamma(k): E log Lₖ =
/// ψ(k) − log k. The jackknife's bias is then k (ψ(k) − log k) − (k−1) (ψ(k−1) − log(k−1)), about
/// 1/(12 k²), where that of the importance weighted bound is about −1/(2k). Numbers of ψ are from a
/// scientific library.
#[test]
fn its_bias_is_known_and_falls_like_one_over_k_squared() {
    const COUNT: usize = 50_000;
    let psi = [
        (2, 0.422_784_335_098_467_1, -0.577_215_664_901_532_9),
        (5, 1.506_117_668_431_800_5, 1.256_117_668_431_800_4),
        (10, 2.251_752_589_066_721, 2.140_641_477_955_61),
    ];
    for (k, psi, before) in psi {
        let k_real = k as f64;
        let bias = k_real * (psi - k_real.ln()) - (k_real - 1.0) * (before - (k_real - 1.0).ln());
        assert!((bias * 12.0 * k_real * k_real - 1.0).abs() < 1.0);
        let u = Noise::seeded(k as u64).uniform([1, k, COUNT], &Device::default());
        let log_weights = u.log().neg().log().squeeze_dim::<2>(0);
        let each = values(bound::jackknife(log_weights.clone()));
        let mean = each.iter().sum::<f64>() / COUNT as f64;
        let squares = each.iter().map(|value| (value - mean).powi(2));
        let error = (squares.sum::<f64>()).sqrt() / COUNT as f64;
        // One in a million is further off.
        assert!(
            (mean - bias).abs() < 4.9 * error,
            "{k}: {mean}, expected {bias}, error {error}"
        );
        let iwae = values(bound::iwae(log_weights).mean())[0];
        let expected = psi - k_real.ln();
        assert!((iwae - expected).abs() < 4.9 * error, "{iwae}, {expected}");
        assert!(mean.abs() < 0.3 * iwae.abs());
    }
}

#[test]
fn one_sample_is_refused() {
    let refused = |result: burn_bayes::Result<()>| {
        let error = result.unwrap_err().to_string();
        assert!(error.contains("JVI") && error.contains("k is 1"), "{error}");
    };
    let objective = Objective::new(Bound::Jackknife, 1);
    refused(objective.validate());
    refused(Replay::new(1).with_bound(Bound::Jackknife).validate());
    assert!(Objective::new(Bound::Jackknife, 2).validate().is_ok());
    assert!(!Bound::Jackknife.is_lower_bound());
    assert!(Bound::Jackknife.name().contains("no bound"));
}

#[test]
#[should_panic(expected = "at least 2 samples")]
fn one_sample_panics() {
    let _ = bound::jackknife(Tensor::zeros([1, 3], &Device::default()));
}
