//! Families of data: densities and moments against a scientific library, gradients, samplers,
//! edges, and models.

#[path = "../common/double.rs"]
mod double;
#[path = "../common/families.rs"]
mod families;
mod models;
mod samplers;

use burn::{tensor::DType, tensor::TensorData};
use burn_bayes::{
    distribution::{
        Beta, Categorical, ContinuousBernoulli, DiscretizedLogistic, Laplace, NegativeBinomial,
        Poisson, StudentT, ZeroInflatedNegativeBinomial,
    },
    prelude::*,
};
use double::has_f64;
use families::FAMILIES;

/// A tensor of some numbers, `[1, 1, numbers]`.
fn row(numbers: &[f64], dtype: DType) -> Tensor<3> {
    let data = TensorData::new(numbers.to_vec(), [1, 1, numbers.len()]).convert_dtype(dtype);
    Tensor::from_data(data, (&Device::default(), dtype))
}

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f64> {
    tensor.without_autodiff().try_into_vec_as::<f64>().unwrap()
}

/// The distribution of a line of the reference.
fn distribution(family: &str, parameters: &[f64], dtype: DType) -> Box<dyn Distribution> {
    let one = |number: f64| row(&[number], dtype);
    let logit = |p: f64| one((p / (1.0 - p)).ln());
    match (family, parameters) {
        ("laplace", &[loc, scale]) => Box::new(Laplace::new(one(loc), one(scale.ln()))),
        ("student_t", &[df, loc, scale]) => Box::new(StudentT::new(df, one(loc), one(scale.ln()))),
        ("continuous_bernoulli", &[l]) => Box::new(ContinuousBernoulli::new(one(l))),
        ("beta", &[a, b]) => Box::new(Beta::new(one(a), one(b))),
        ("poisson", &[rate]) => Box::new(Poisson::new(one(rate.ln()))),
        ("negative_binomial", &[mean, theta]) => {
            Box::new(NegativeBinomial::new(one(mean.ln()), one(theta.ln())))
        }
        ("zero_inflated", &[mean, theta, gate]) => {
            let counts = NegativeBinomial::new(one(mean.ln()), one(theta.ln()));
            Box::new(ZeroInflatedNegativeBinomial::new(counts, logit(gate)))
        }
        ("categorical", probs) => {
            let logits: Vec<f64> = probs.iter().map(|p| p.ln() + 3.0).collect();
            Box::new(Categorical::new(row(&logits, dtype), probs.len()))
        }
        ("discretized_logistic", &[loc, scale]) => {
            let outputs = row(&[7.0, loc, scale.ln()], dtype);
            Box::new(DiscretizedLogistic::new(outputs, 1, 256))
        }
        _ => panic!("no family {family} of {parameters:?}"),
    }
}

/// Every line: family, parameters, x, log_prob, mean, variance, size.
fn reference() -> impl Iterator<Item = (&'static str, Vec<f64>, [f64; 5])> {
    include_str!("reference.csv").lines().map(|line| {
        let fields: Vec<&str> = line.split(',').collect();
        let number = |text: &str| text.trim_start_matches('+').parse::<f64>().unwrap();
        let numbers = std::array::from_fn(|i| number(fields[i + 2]));
        (
            fields[0],
            fields[1].split(';').map(number).collect(),
            numbers,
        )
    })
}

/// To so many units of the size of what is added up.
fn check_against_the_reference(dtype: DType, unit: f64) {
    let mut count = 0;
    for (family, parameters, [x, log_prob, mean, variance, size]) in reference() {
        let p = distribution(family, &parameters, dtype);
        let what = format!("{family} {parameters:?} at {x}");
        let close = |found: f64, expected: f64, size: f64, of: &str| {
            let both_infinite = found == expected;
            let close = both_infinite || (found - expected).abs() <= unit * size;
            assert!(close, "{of} of {what}: {found}, expected {expected}");
        };
        let found = values(p.log_prob(row(&[x], dtype)))[0];
        close(found, log_prob, size, "log_prob");
        // A mean of levels is a sum of hundreds of numbers up to 1.
        let many = if family == "discretized_logistic" {
            1.0
        } else {
            0.0
        };
        close(values(p.mean())[0], mean, mean.abs().max(many), "mean");
        let spread = variance.abs() + mean * mean;
        close(
            values(p.variance())[0],
            variance,
            spread.max(many),
            "variance",
        );
        count += 1;
    }
    assert_eq!(count, 170);
}

#[test]
fn a_scientific_library_agrees_in_f64() {
    if !has_f64(&Device::default()) {
        return;
    }
    check_against_the_reference(DType::F64, 1e-11);
}

#[test]
fn a_scientific_library_agrees_in_f32() {
    check_against_the_reference(DType::F32, 1e-6);
}

/// Finite values and gradients for outputs of any size, 0 among them.
#[test]
fn extreme_outputs_have_finite_values_and_gradients() {
    for (family, x, most) in FAMILIES {
        let count = family.num_outputs(3);
        for size in [0.0, 1e-3, 1.0, 30.0, most] {
            for signs in 0..1 << count.min(6) {
                let sign = |i: usize| if signs >> (i % 6) & 1 == 0 { 1.0 } else { -1.0 };
                let numbers: Vec<f64> = (0..count).map(|i| size * sign(i)).collect();
                let device = Device::default().autodiff();
                let outputs = Tensor::<3>::from_data(
                    TensorData::new(numbers.clone(), [1, 1, count]).convert_dtype(DType::F32),
                    &device,
                );
                let outputs = outputs.require_grad();
                let x = Tensor::from_data(
                    TensorData::new(x.to_vec(), [1, 1, 3]).convert_dtype(DType::F32),
                    &device,
                );
                let log_prob = family.distribution(outputs.clone()).log_prob(x);
                let gradient = outputs.grad(&log_prob.clone().sum().backward()).unwrap();
                let all = [values(log_prob), values(gradient)].concat();
                let finite = all.iter().all(|value| value.is_finite());
                assert!(finite, "{family:?} of {numbers:?}: {all:?}");
            }
        }
    }
}

/// Central differences in f64.
#[test]
fn gradients_are_those_of_the_values() {
    if !has_f64(&Device::default()) {
        return;
    }
    const STEP: f64 = 1e-5;
    for (family, x, _) in FAMILIES {
        let count = family.num_outputs(3);
        let x = row(&x, DType::F64);
        for seed in 0..5 {
            let at: Vec<f64> = (0..count)
                .map(|i| 2.0 * ((i * 7 + seed * 13 + 1) as f64 * 0.731).sin())
                .collect();
            let value = |numbers: &[f64]| {
                let outputs = row(numbers, DType::F64);
                values(family.distribution(outputs).log_prob(x.clone()))[0]
            };
            let device = Device::default().autodiff();
            let outputs = Tensor::<3>::from_data(
                TensorData::new(at.clone(), [1, 1, count]),
                (&device, DType::F64),
            );
            let outputs = outputs.require_grad();
            let x = Tensor::from_data(x.to_data(), (&device, DType::F64));
            let log_prob = family.distribution(outputs.clone()).log_prob(x);
            let gradient = values(outputs.grad(&log_prob.sum().backward()).unwrap());
            for (i, gradient) in gradient.into_iter().enumerate() {
                let moved = |by: f64| {
                    let mut numbers = at.clone();
                    numbers[i] += by;
                    value(&numbers)
                };
                let expected = (moved(STEP) - moved(-STEP)) / (2.0 * STEP);
                let close = (gradient - expected).abs() <= 1e-6 * (1.0 + expected.abs());
                assert!(
                    close,
                    "{family:?}, output {i} of {at:?}: {gradient}, {expected}"
                );
            }
        }
    }
}

/// Probabilities of all values add up to 1.
#[test]
fn probabilities_add_up_to_one() {
    for (family, parameters, ..) in reference() {
        let support: Vec<f64> = match family {
            "poisson" | "negative_binomial" | "zero_inflated" if parameters[0] < 50.0 => {
                (0..4000).map(f64::from).collect()
            }
            "categorical" => vec![0.0, 1.0, 2.0],
            "discretized_logistic" => (0..256).map(|level| f64::from(level) / 255.0).collect(),
            _ => continue,
        };
        let p = distribution(family, &parameters, DType::F32);
        let x = row(&support, DType::F32).reshape([1, support.len(), 1]);
        let sum: f64 = values(p.log_prob(x)).into_iter().map(f64::exp).sum();
        assert!((sum - 1.0).abs() < 1e-4, "{family} {parameters:?}: {sum}");
    }
}

/// On a device whose own numbers have 32 bits, too.
#[test]
fn parameters_of_64_bits_keep_them() {
    if !has_f64(&Device::default()) {
        return;
    }
    let logits = row(&[0.3, -2.0], DType::F64);
    let p = Bernoulli::new(logits.clone());
    let x = p.sample(5, &mut Noise::seeded(0));
    assert_eq!((x.dims(), x.dtype()), ([5, 1, 2], DType::F64));
    assert_eq!(p.log_prob(x.clone()).dtype(), DType::F64);
    let divergence = values(p.kl_divergence(&Bernoulli::new(logits.clone() * 0.5)));
    let softplus = |l: f64| l.exp().ln_1p();
    let terms = [0.3f64, -2.0].map(|l| {
        let p = 1.0 / (1.0 + (-l).exp());
        p * l / 2.0 + softplus(l / 2.0) - softplus(l)
    });
    let expected = terms.iter().sum::<f64>();
    assert!(
        (divergence[0] - expected).abs() < 1e-14,
        "{divergence:?} {expected}"
    );

    let normal = Family::Normal(Scale::Fixed { std: 0.5 }).distribution(logits.clone());
    let found = values(normal.log_prob(logits))[0];
    let expected = -(0.25 * std::f64::consts::TAU).ln();
    assert!((found - expected).abs() < 1e-14, "{found} {expected}");
}
