//! Samplers against distribution functions and probabilities, at a level of one in a million each.

use super::*;
use std::f64::consts::PI;

const COUNT: usize = 20_000;

/// Samples of one feature.
fn draw(p: &dyn Distribution, seed: u64) -> Vec<f64> {
    values(p.sample(COUNT, &mut Noise::seeded(seed)))
}

/// The test of Kolmogorov and Smirnov: √n times the largest distance is below c with 2 e^(−2c²) =
/// 10⁻⁶.
fn assert_continuous(what: &str, mut samples: Vec<f64>, cdf: impl Fn(f64) -> f64) {
    samples.sort_by(f64::total_cmp);
    let n = samples.len() as f64;
    let distance = |(i, x): (usize, &f64)| {
        let expected = cdf(*x);
        (expected - i as f64 / n)
            .abs()
            .max(((i + 1) as f64 / n - expected).abs())
    };
    let largest = samples.iter().enumerate().map(distance).fold(0.0, f64::max);
    assert!(largest * n.sqrt() < 2.694, "{what}: {largest}");
}

/// Pearson's test of values that are expected ten times at least; all others are one more. Its
/// quantile is that of Wilson and Hilferty (1931).
fn assert_discrete(what: &str, p: &dyn Distribution, support: &[f64], samples: &[f64]) {
    let x = row(support, DType::F32).reshape([1, support.len(), 1]);
    let probs: Vec<f64> = values(p.log_prob(x)).into_iter().map(f64::exp).collect();
    let n = samples.len() as f64;
    let (mut statistic, mut bins, mut rest) = (0.0, 0.0, (1.0, n));
    for (&value, prob) in support
        .iter()
        .zip(probs)
        .filter(|(_, prob)| prob * n >= 10.0)
    {
        let found = samples.iter().filter(|x| (*x - value).abs() < 1e-6).count() as f64;
        statistic += (found - prob * n).powi(2) / (prob * n);
        rest = (rest.0 - prob, rest.1 - found);
        bins += 1.0;
    }
    if rest.0 * n >= 10.0 {
        statistic += (rest.1 - rest.0 * n).powi(2) / (rest.0 * n);
        bins += 1.0;
    } else {
        assert!(
            rest.1 <= 40.0,
            "{what}: {} samples are none of the values",
            rest.1
        );
    }
    let df: f64 = bins - 1.0;
    let quantile = df * (1.0 - 2.0 / (9.0 * df) + 4.753 * (2.0 / (9.0 * df)).sqrt()).powi(3);
    assert!(
        statistic < quantile,
        "{what}: {statistic} of {df} degrees of freedom"
    );
}

#[test]
fn real_numbers_are_drawn_as_they_should() {
    let of = |family: &str, parameters: &[f64]| distribution(family, parameters, DType::F32);
    let laplace = |x: f64| {
        let tail = 0.5 * (-(x - 1.0).abs() / 2.0).exp();
        if x < 1.0 { tail } else { 1.0 - tail }
    };
    assert_continuous("Laplace", draw(&*of("laplace", &[1.0, 2.0]), 1), laplace);
    let t = |x: f64| {
        let u = (x - 1.0) / 2.0 / 3f64.sqrt();
        0.5 + (u / (1.0 + u * u) + u.atan()) / PI
    };
    assert_continuous("Student", draw(&*of("student_t", &[3.0, 1.0, 2.0]), 2), t);
    for l in [-30.0, -2.0, 0.5, 4.0] {
        let continuous = |x: f64| (l * x).exp_m1() / f64::exp_m1(l);
        let samples = draw(&*of("continuous_bernoulli", &[l]), 3);
        assert_continuous(&format!("continuous Bernoulli {l}"), samples, continuous);
    }
    assert_continuous(
        "uniform",
        draw(&*of("continuous_bernoulli", &[0.0]), 4),
        |x| x,
    );
    let beta = |x: f64| x * x * (6.0 - 8.0 * x + 3.0 * x * x);
    assert_continuous("Beta(2, 3)", draw(&*of("beta", &[2.0, 3.0]), 5), beta);
    // Shapes below 1 have another way: the arcsine law.
    let arcsine = |x: f64| 2.0 / PI * x.sqrt().asin();
    assert_continuous("Beta(½, ½)", draw(&*of("beta", &[0.5, 0.5]), 6), arcsine);
}

#[test]
fn counts_and_classes_are_drawn_as_they_should() {
    let counts: Vec<f64> = (0..4000).map(f64::from).collect();
    let levels: Vec<f64> = (0..256).map(|level| f64::from(level) / 255.0).collect();
    let classes = [0.0, 1.0, 2.0];
    for (seed, (family, parameters, support)) in [
        ("poisson", &[0.01][..], &counts[..]),
        ("poisson", &[3.5], &counts),
        ("poisson", &[9.9], &counts),
        ("poisson", &[10.1], &counts),
        ("poisson", &[300.0], &counts),
        ("negative_binomial", &[1.0, 1.0], &counts),
        ("negative_binomial", &[30.0, 0.3], &counts),
        ("negative_binomial", &[20.0, 1e6], &counts),
        ("zero_inflated", &[4.0, 2.0, 0.3], &counts),
        ("categorical", &[0.2, 0.3, 0.5], &classes),
        ("categorical", &[0.001, 0.009, 0.99], &classes),
        ("discretized_logistic", &[0.5, 0.1], &levels),
        ("discretized_logistic", &[0.02, 0.005], &levels),
    ]
    .into_iter()
    .enumerate()
    {
        let p = distribution(family, parameters, DType::F32);
        let samples = draw(&*p, 10 + seed as u64);
        assert_discrete(&format!("{family} {parameters:?}"), &*p, support, &samples);
    }
    // A mixture.
    let outputs = row(&[0.0, 1.0, 0.2, 0.8, -4.0, -3.0], DType::F32);
    let p = DiscretizedLogistic::new(outputs, 2, 256);
    assert_discrete("a mixture", &p, &levels, &draw(&p, 40));
}

/// Draws by rejection, too, are a function of seed, sample and datapoint: chunks of samples and
/// rows draw the same, and what is drawn later does not depend on them.
#[test]
fn samples_do_not_depend_on_chunks() {
    let zeros = Tensor::<3>::zeros([1, 6, 2], &Device::default());
    let p = NegativeBinomial::new(zeros.clone() + 3.0, zeros.clone());
    let mut noise = Noise::seeded(7);
    let whole = p.sample(4, &mut noise);
    let after = values(noise.normal([1, 1, 3], &Device::default()));
    let some = zeros.narrow(1, 2, 3);
    let p = NegativeBinomial::new(some.clone() + 3.0, some);
    let mut noise = Noise::seeded(7)
        .with_first_datapoint(2)
        .with_first_sample(1);
    let part = p.sample(2, &mut noise);
    let expected = whole.narrow(0, 1, 2).narrow(1, 2, 3);
    assert_eq!(values(part), values(expected));
    let mut noise = Noise::seeded(7);
    let _ = p.sample(1, &mut noise);
    assert_eq!(values(noise.normal([1, 1, 3], &Device::default())), after);
}

/// Where draws of Gamma distributions underflow, moments of any size of tail are those that the
/// distribution says.
#[test]
fn shapes_near_zero_and_many_degrees_of_freedom() {
    for (a, b) in [(1e-3, 1e-3), (1e-3, 2e-3), (0.01, 0.03), (0.3, 40.0)] {
        let p = distribution("beta", &[a, b], DType::F32);
        let samples = draw(&*p, 50);
        let n = samples.len() as f64;
        let mean = samples.iter().sum::<f64>() / n;
        let square = samples.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n;
        let [expected, variance] = [a / (a + b), values(p.variance())[0]];
        let error = (variance / n).sqrt();
        assert!(
            (mean - expected).abs() < 4.9 * error,
            "Beta({a}, {b}): {mean}"
        );
        // No fourth moment of numbers in [0, 1] is above the second, so this error is no less.
        assert!(
            (square - variance).abs() < 4.9 * error,
            "the variance of Beta({a}, {b}): {square}, {variance}"
        );
    }
    for df in [1e5, 1e7, 1e9] {
        let p = distribution("student_t", &[df, 0.0, 1.0], DType::F32);
        assert_continuous(&format!("{df} degrees"), draw(&*p, 51), normal_cdf);
    }
    let p = distribution("student_t", &[0.1, 0.0, 1.0], DType::F32);
    let infinite = draw(&*p, 52)
        .into_iter()
        .filter(|x| x.is_infinite())
        .count();
    // U^(-10) is above the largest number for U below 1.4e-4.
    assert!(infinite < 20, "{infinite} of {COUNT}");
}

/// The distribution function of N(0, 1), by Simpson's rule.
fn normal_cdf(x: f64) -> f64 {
    const STEPS: usize = 200;
    let end = x.clamp(-8.0, 8.0);
    let step = end / STEPS as f64;
    let density = |i: usize| (-0.5 * (i as f64 * step).powi(2)).exp();
    let inner: f64 = (1..STEPS)
        .map(|i| if i % 2 == 1 { 4.0 } else { 2.0 } * density(i))
        .sum();
    0.5 + (density(0) + inner + density(STEPS)) * step / 3.0 / (2.0 * PI).sqrt()
}

/// Parameters of a model that has diverged: a draw is NaN, and does not wait for ever.
#[test]
fn nothing_is_drawn_from_nan() {
    let of = |number: f64| row(&[number], DType::F32);
    let nan = || of(f64::NAN);
    let p: [Box<dyn Distribution>; 5] = [
        Box::new(Poisson::new(nan())),
        Box::new(NegativeBinomial::new(nan(), of(0.0))),
        Box::new(NegativeBinomial::new(of(0.0), nan())),
        Box::new(Beta::new(nan(), of(1.0))),
        Box::new(Beta::new(of(1.0), nan())),
    ];
    // A GPU may take NaN for any number, such as a bound of `clamp`.
    let keeps_nan = ["flex", "ndarray"].contains(&burn_bayes::default_device_name().as_ref());
    for p in p {
        let sample = values(p.sample(1, &mut Noise::seeded(0)));
        assert!(sample[0].is_nan() || !keeps_nan, "{p:?}: {sample:?}");
    }
    // A mean beyond the largest number, with a Gamma draw that is nearly 0.
    let p = NegativeBinomial::new(of(100.0), of(-7.0));
    let drawn = draw(&p, 53);
    assert!(drawn.iter().all(|x| !x.is_nan()));
    assert!(drawn.contains(&f64::INFINITY) && drawn.contains(&0.0));
}

/// Parameters that rows or features share are shared, draws are not.
#[test]
fn rows_that_share_a_parameter_share_no_draw() {
    let full = [2, 3, 4];
    let part = |shape: [usize; 3], value: f64| Tensor::<3>::full(shape, value, &Device::default());
    type Make = fn(Tensor<3>, Tensor<3>) -> Box<dyn Distribution>;
    let families: [(&str, Make); 5] = [
        ("Beta", |a, b| Box::new(Beta::new(a, b))),
        ("Laplace", |loc, log| Box::new(Laplace::new(loc, log))),
        ("Student-t", |loc, log| {
            Box::new(StudentT::new(3.0, loc, log))
        }),
        ("negative binomial", |log, rho| {
            Box::new(NegativeBinomial::new(log.add_scalar(3.0), rho))
        }),
        ("with more zeros", |log, gate| {
            let counts = NegativeBinomial::new(log.clone().add_scalar(3.0), log);
            Box::new(ZeroInflatedNegativeBinomial::new(counts, gate))
        }),
    ];
    for (name, make) in families {
        let sample = |one, other| {
            let p = make(part(one, 0.7), part(other, 0.4));
            values(p.sample(2, &mut Noise::seeded(3)))
        };
        let whole = sample(full, full);
        for shared in [[1, 3, 4], [2, 1, 4], [1, 1, 1]] {
            assert_eq!(sample(full, shared), whole, "{name} {shared:?}");
            assert_eq!(sample(shared, full), whole, "{name} {shared:?}");
        }
        let mut distinct = whole;
        distinct.sort_by(f64::total_cmp);
        distinct.dedup();
        assert!(distinct.len() > 6, "{name}: {distinct:?}");
    }
}
