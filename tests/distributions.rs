//! Values of distributions against SciPy, and finite values and gradients at the edges.

use burn_bayes::{
    distribution::{Categorical, StudentT},
    prelude::*,
};
use std::f64::consts::LN_2;

fn tensor<const N: usize>(values: [f32; N]) -> Tensor<2> {
    Tensor::from_floats([values], &Device::default())
}

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_to_vec().unwrap()
}

fn assert_close<const D: usize>(actual: Tensor<D>, expected: &[f64], what: &str) {
    let actual = values(actual);
    assert_eq!(actual.len(), expected.len());
    for (&actual, &expected) in actual.iter().zip(expected) {
        // A few roundings of f32 (6e-8 each).
        assert!(
            (f64::from(actual) - expected).abs() <= 1e-6 * expected.abs().max(0.1),
            "{what}: {actual}, expected {expected}"
        );
    }
}

/// Means [1, -2.5, 0] and standard deviations [0.5, 2, 0.1], made in all three ways.
fn normals() -> [Normal<2>; 3] {
    let loc = || tensor([1.0, -2.5, 0.0]);
    [
        Normal::new(loc(), tensor([0.5, 2.0, 0.1])),
        Normal::from_variance(loc(), tensor([0.25, 4.0, 0.01])),
        Normal::from_log_variance(loc(), tensor([0.25, 4.0, 0.01]).log()),
    ]
}

/// scipy.stats.norm.logpdf([0.3, -2, 5], loc, scale), .entropy(), .var().
#[test]
fn normal_agrees_with_scipy() {
    let log_prob = [-1.2057913526447273, -1.643335713764618, -1248.6163534402106];
    let entropy = [0.7257913526447274, 2.112085713764618, -0.8836465597893728];
    for normal in normals() {
        let x = tensor([0.3, -2.0, 5.0]);
        assert_close(
            normal.log_prob_elementwise(x.clone()),
            &log_prob,
            "log_prob",
        );
        assert_close(
            normal.log_prob(x),
            &[log_prob.iter().sum()],
            "log_prob of a row",
        );
        assert_close(normal.entropy_elementwise(), &entropy, "entropy");
        assert_close(
            normal.entropy(),
            &[entropy.iter().sum()],
            "entropy of a row",
        );
        assert_close(normal.mean(), &[1.0, -2.5, 0.0], "mean");
        assert_close(normal.scale(), &[0.5, 2.0, 0.1], "scale");
        assert_close(normal.variance(), &[0.25, 4.0, 0.01], "variance");
        assert_close(
            normal.log_variance(),
            &[0.25f64.ln(), 4.0f64.ln(), 0.01f64.ln()],
            "log_variance",
        );
    }
}

/// scipy.integrate.quad of pdf·(logpdf − logpdf'), tolerance 1e-13.
#[test]
fn normal_kl_agrees_with_quadrature() {
    let expected = [0.8181471805599453, 0.8082428858859422, 0.8763900664458874];
    let make = |loc: [f32; 3], scale: [f32; 3]| {
        [
            Normal::new(tensor(loc), tensor(scale)),
            Normal::from_variance(tensor(loc), tensor(scale).square()),
            Normal::from_log_variance(tensor(loc), tensor(scale).log().mul_scalar(2.0)),
        ]
    };
    for q in make([1.0, -2.5, 0.0], [0.5, 2.0, 0.1]) {
        for p in make([0.0, 1.0, 0.2], [1.0, 3.0, 0.3]) {
            assert_close(q.kl_divergence_elementwise(&p), &expected, "kl");
            assert_close(q.kl_divergence(&p), &[expected.iter().sum()], "kl of a row");
        }
        assert_close(q.kl_divergence_elementwise(&q), &[0.0; 3], "kl to itself");
    }
}

/// p = scipy.special.expit([2, -1, 0]): scipy.stats.bernoulli(p).logpmf([1, 0, 1]), .entropy(),
/// .var(); divergence to expit([0.5, 1.5, -3]) by scipy.special.rel_entr.
#[test]
fn bernoulli_agrees_with_scipy() {
    let bernoulli = Bernoulli::new(tensor([2.0, -1.0, 0.0]));
    let log_prob = [-0.12692801104297263, -0.3132616875182228, -LN_2];
    let x = tensor([1.0, 0.0, 1.0]);
    assert_close(
        bernoulli.log_prob_elementwise(x.clone()),
        &log_prob,
        "log_prob",
    );
    assert_close(
        bernoulli.log_prob(x),
        &[log_prob.iter().sum()],
        "log_prob of a row",
    );
    let entropy = [0.36533385508720784, 0.5822031088882179, LN_2];
    assert_close(bernoulli.entropy_elementwise(), &entropy, "entropy");
    assert_close(
        bernoulli.variance(),
        &[0.10499358540350656, 0.19661193324148185, 0.25],
        "variance",
    );
    let other = Bernoulli::new(tensor([0.5, 1.5, -3.0]));
    let kl = [0.1683445901039576, 0.7157980370395418, 0.8554401710137967];
    assert_close(bernoulli.kl_divergence_elementwise(&other), &kl, "kl");
}

/// The noise form keeps what the subtraction loses: here loc = 3, scale = 1e-7, below the spacing
/// of `f32` at 3, so the sample cannot even hold ε.
#[test]
fn log_density_from_noise_needs_no_subtraction() {
    let scale = 1e-7f32;
    let normal = Normal::new(tensor([3.0, 3.0]), tensor([scale, scale]));
    let epsilon = tensor([0.5, -1.5]);
    let constant = |epsilon: f64| {
        -0.5 * (std::f64::consts::TAU.ln() + epsilon * epsilon) - f64::from(scale).ln()
    };
    assert_close(
        normal.log_prob_from_noise(epsilon.clone()),
        &[constant(0.5) + constant(-1.5)],
        "from noise",
    );
    let lossy = normal.log_prob(normal.rsample_from_noise(epsilon));
    assert!((values(lossy)[0] as f64 - constant(0.5) - constant(-1.5)).abs() > 0.1);

    // Where the subtraction is harmless the two agree.
    let normal = Normal::new(tensor([1.0, -2.0]), tensor([0.5, 2.0]));
    let epsilon = tensor([0.5, -1.5]);
    let difference = normal.log_prob(normal.rsample_from_noise(epsilon.clone()))
        - normal.log_prob_from_noise(epsilon);
    assert!(values(difference)[0].abs() < 1e-6);
}

#[test]
fn samples_have_the_right_mean_and_variance() {
    let device = Device::default();
    let mut noise = Noise::seeded(1);
    let (n, p) = (100_000, 0.3f32);
    let mean = |x: Tensor<3>| f64::from(x.mean().into_scalar::<f32>());

    let normal = Normal::new(
        Tensor::full([1, 1, 4], 1.5, &device),
        Tensor::full([1, 1, 4], 0.5, &device),
    );
    let sample = normal.rsample(n / 4, &mut noise);
    assert_eq!(sample.dims(), [n / 4, 1, 4]);
    let standard_error = 0.5 / (n as f64).sqrt();
    assert!((mean(sample.clone()) - 1.5).abs() < 4.5 * standard_error);
    let variance = mean(sample.sub_scalar(1.5).square());
    assert!((variance - 0.25).abs() < 4.5 * 0.25 * (2.0 / n as f64).sqrt());

    let bernoulli = Bernoulli::new(Tensor::full([1, 1, 4], (p / (1.0 - p)).ln(), &device));
    let sample = bernoulli.sample(n / 4, &mut noise);
    assert!(values(sample.clone()).iter().all(|&x| x == 0.0 || x == 1.0));
    let standard_error = f64::from(p * (1.0 - p)).sqrt() / (n as f64).sqrt();
    assert!((mean(sample) - f64::from(p)).abs() < 4.5 * standard_error);
}

/// Sum of `f` and its gradient, both of which must be finite.
fn assert_finite_with_gradient(
    parameter: [f32; 4],
    what: &str,
    f: impl Fn(Tensor<2>) -> Tensor<2>,
) -> Vec<f32> {
    let device = Device::default().autodiff();
    let leaf = Tensor::<2>::from_floats([parameter], &device).require_grad();
    let value = f(leaf.clone());
    assert!(
        values(value.clone()).iter().all(|x| x.is_finite()),
        "{what}: {value}"
    );
    let gradient = values(leaf.grad(&value.sum().backward()).unwrap());
    assert!(
        gradient.iter().all(|x| x.is_finite()),
        "gradient of {what}: {gradient:?}"
    );
    gradient
}

#[test]
fn logits_of_a_thousand_are_harmless() {
    let extreme = [1e3, -1e3, 200.0, 0.0];
    for x in [0.0, 1.0] {
        let gradient = assert_finite_with_gradient(extreme, "log_prob", |logits| {
            Bernoulli::new(logits.clone()).log_prob_elementwise(logits.full_like(x))
        });
        // x − sigmoid(l), also at l = 0, where a composition of relu and abs gives x.
        for (gradient, expected) in gradient.into_iter().zip([x - 1.0, x, x - 1.0, x - 0.5]) {
            assert!(
                (gradient - expected).abs() < 1e-6,
                "{gradient}, expected {expected}"
            );
        }
    }
    assert_finite_with_gradient(extreme, "entropy", |l| {
        Bernoulli::new(l).entropy_elementwise()
    });
    assert_finite_with_gradient(extreme, "variance", |l| Bernoulli::new(l).variance());
    assert_finite_with_gradient(extreme, "kl", |l| {
        Bernoulli::new(l.clone()).kl_divergence_elementwise(&Bernoulli::new(l.neg()))
    });
    let certain = Bernoulli::new(tensor([1e3, -1e3]));
    assert_eq!(values(certain.log_prob(tensor([0.0, 1.0]))), [-2000.0]);
    assert_eq!(values(certain.entropy()), [0.0]);
}

#[test]
fn log_variances_of_thirty_are_harmless() {
    let extreme = [30.0, -30.0, 0.0, -20.0];
    let normal = |log_variance: Tensor<2>| {
        Normal::from_log_variance(log_variance.zeros_like(), log_variance)
    };
    assert_finite_with_gradient(extreme, "log_prob", |lv| {
        normal(lv.clone()).log_prob_elementwise(lv.ones_like())
    });
    assert_finite_with_gradient(extreme, "entropy", |lv| normal(lv).entropy_elementwise());
    assert_finite_with_gradient(extreme, "sample", |lv| {
        normal(lv.clone()).rsample_from_noise(lv.ones_like())
    });
    assert_finite_with_gradient(extreme, "kl", |lv| {
        let standard = Normal::standard_like(&lv);
        normal(lv).kl_divergence_elementwise(&standard)
    });
}

#[test]
fn a_variance_of_zero_is_harmless() {
    let zeros = [0.0; 4];
    let normal = |variance: Tensor<2>| Normal::from_variance(variance.ones_like(), variance);
    let gradient = assert_finite_with_gradient(zeros, "sample", |v| {
        normal(v.clone()).rsample_from_noise(v.zeros_like())
    });
    assert_eq!(gradient, zeros);
    assert_finite_with_gradient(zeros, "sample", |v| {
        normal(v.clone()).rsample_from_noise(v.ones_like())
    });
    assert_finite_with_gradient(zeros, "entropy", |v| normal(v).entropy_elementwise());
    assert_finite_with_gradient(zeros, "log_prob", |v| {
        normal(v.clone()).log_prob_elementwise(v.ones_like())
    });
    assert_finite_with_gradient(zeros, "kl", |v| {
        let standard = Normal::standard_like(&v);
        normal(v).kl_divergence_elementwise(&standard)
    });
}

/// Closed forms are means over samples; five standard errors, computed from the samples.
#[test]
fn divergences_are_mean_log_ratios() {
    let device = Device::default();
    let at = |value: f64| Tensor::<3>::full([1, 1, 1], value, &device);
    let mut noise = Noise::seeded(3);
    let q = Normal::new(at(0.7), at(0.4));
    let p = Normal::new(at(-0.2), at(1.3));
    let (z, log_q) = q.rsample_with_log_prob(200_000, &mut noise);
    let normal = (
        values(log_q - p.log_prob(z)),
        values(q.kl_divergence(&p))[0],
    );

    let q = Bernoulli::new(at(0.7));
    let p = Bernoulli::new(at(-1.1));
    let x = q.sample(200_000, &mut noise);
    let bernoulli = (
        values(q.log_prob(x.clone()) - p.log_prob(x)),
        values(q.kl_divergence(&p))[0],
    );

    for (ratios, kl) in [normal, bernoulli] {
        let n = ratios.len() as f64;
        let mean = ratios.iter().map(|&x| f64::from(x)).sum::<f64>() / n;
        let variance = ratios
            .iter()
            .map(|&x| (f64::from(x) - mean).powi(2))
            .sum::<f64>()
            / n;
        assert!(
            (mean - f64::from(kl)).abs() < 5.0 * (variance / n).sqrt(),
            "{mean}, closed form {kl}"
        );
    }
}

#[test]
fn what_is_no_class_has_no_probability() {
    let device = Device::default();
    let logits = Tensor::<3>::zeros([1, 1, 12], &device);
    let x = Tensor::<3>::from_floats([[[0.0, 2.0, 3.0, 0.5]]], &device);
    let p = Categorical::new(logits, 3);
    let each = p.log_prob_of_features(x.clone()).unwrap();
    let third = -(3f64.ln());
    let [inside, outside] = [(0, 2), (2, 2)].map(|(from, len)| each.clone().narrow(2, from, len));
    assert_close(inside, &[third, third], "classes");
    assert_eq!(values(outside), [f32::NEG_INFINITY; 2]);
    assert_eq!(values(p.log_prob(x)), [f32::NEG_INFINITY]);
}

/// With many degrees of freedom it is the normal distribution: log N(x; 0, 1) at 0, 2 and 1000.
#[test]
fn students_distribution_becomes_the_normal_one() {
    let device = Device::default();
    let normal = [0.0, 2.0, 1000.0f64].map(|x| -0.5 * x * x - 0.5 * std::f64::consts::TAU.ln());
    for df in [1e13, 1e16, 1e30, 1e300] {
        let zeros = || Tensor::<3>::zeros([1, 1, 3], &device);
        let p = StudentT::new(df, zeros(), zeros());
        let x = Tensor::<3>::from_floats([[[0.0, 2.0, 1000.0]]], &device);
        assert_close(
            p.log_prob_of_features(x).unwrap(),
            &normal,
            &format!("{df}"),
        );
        let drawn = values(p.sample(100, &mut Noise::seeded(1)));
        let squares = drawn.iter().map(|x| x * x).sum::<f32>() / drawn.len() as f32;
        assert!((0.5..2.0).contains(&squares), "{df}: {squares}");
    }
    // Where one formula follows the other, nothing is to be seen.
    let at = |df| {
        let zero = || Tensor::<3>::zeros([1, 1, 1], &device);
        values(StudentT::new(df, zero(), zero()).log_prob(zero()))[0]
    };
    assert!((at(0.99e7) - at(1.01e7)).abs() < 1e-6);
}
