//! Samplers beside those of `rand_distr`, which uses other algorithms: both draw the same law, at
//! a level of one in a million for each comparison. Parameters are such as tests/families has not,
//! for there the law's distribution function is written down.

use burn_bayes::{
    distribution::{
        Beta, Laplace, NegativeBinomial, Poisson, StudentT, ZeroInflatedNegativeBinomial,
    },
    prelude::*,
};
use rand_distr::Distribution as _;
use rand_philox::Philox;

const COUNT: usize = 40_000;

fn one(value: f64) -> Tensor<3> {
    Tensor::full([1, 1, 1], value, &Device::default())
}

fn ours(p: &dyn Distribution, seed: u64) -> Vec<f64> {
    let samples = p.sample(COUNT, &mut Noise::seeded(seed));
    samples.try_into_vec_as::<f64>().unwrap()
}

/// Numbers that another crate makes of another generator's words.
fn theirs(seed: u64, mut draw: impl FnMut(&mut Philox) -> f64) -> Vec<f64> {
    let mut rng = Philox::from_u64_seed(seed);
    (0..COUNT).map(|_| draw(&mut rng)).collect()
}

/// Kolmogorov and Smirnov: √(n/2) times the largest distance of two distribution functions of n
/// numbers each is below c with 2 e^(−2c²) = 10⁻⁶.
#[track_caller]
fn assert_one_continuous_law(what: &str, mut a: Vec<f64>, mut b: Vec<f64>) {
    a.sort_by(f64::total_cmp);
    b.sort_by(f64::total_cmp);
    let (mut i, mut j, mut largest) = (0, 0, 0usize);
    while i < a.len() && j < b.len() {
        let x = a[i].min(b[j]);
        i += a[i..].iter().take_while(|&&y| y <= x).count();
        j += b[j..].iter().take_while(|&&y| y <= x).count();
        largest = largest.max(i.abs_diff(j));
    }
    let n = a.len() as f64;
    let statistic = largest as f64 / n * (n / 2.0).sqrt();
    assert!(statistic < 2.694, "{what}: {statistic}");
}

/// Pearson's test of two samples of the same size. Values are put together, in their order, until
/// 20 are in a bin; the quantile is that of Wilson and Hilferty (1931).
#[track_caller]
fn assert_one_discrete_law(what: &str, a: Vec<f64>, b: Vec<f64>) {
    let mut all: Vec<(f64, usize)> = a.into_iter().map(|x| (x, 0)).collect();
    all.extend(b.into_iter().map(|x| (x, 1)));
    all.sort_by(|x, y| x.0.total_cmp(&y.0));
    let mut bins = vec![[0.0; 2]];
    for equal in all.chunk_by(|x, y| x.0 == y.0) {
        if bins[bins.len() - 1].iter().sum::<f64>() >= 20.0 {
            bins.push([0.0; 2]);
        }
        let last = bins.len() - 1;
        equal
            .iter()
            .for_each(|&(_, which)| bins[last][which] += 1.0);
    }
    let parts = bins.iter().map(|[a, b]| (a - b).powi(2) / (a + b));
    let (statistic, df) = (parts.sum::<f64>(), (bins.len() - 1) as f64);
    let quantile = df * (1.0 - 2.0 / (9.0 * df) + 4.753 * (2.0 / (9.0 * df)).sqrt()).powi(3);
    assert!(
        statistic < quantile,
        "{what}: {statistic} of {df} degrees of freedom"
    );
}

#[test]
fn normal_laplace_and_student_numbers() {
    let p = Normal::new(one(-3.0), one(0.25));
    let other = rand_distr::Normal::new(-3.0, 0.25).unwrap();
    assert_one_continuous_law("normal", ours(&p, 1), theirs(1, |rng| other.sample(rng)));

    // A Laplace number is the difference of two exponential ones.
    let p = Laplace::new(one(-1.5), one(0.3f64.ln()));
    let exponential = |rng: &mut Philox| -> f64 { rand_distr::Exp1.sample(rng) };
    let other = theirs(2, |rng| 0.3 * (exponential(rng) - exponential(rng)) - 1.5);
    assert_one_continuous_law("Laplace", ours(&p, 2), other);

    for (seed, df) in [(3, 0.7), (4, 2.5), (5, 40.0)] {
        let p = StudentT::new(df, one(1.0), one(2f64.ln()));
        let other = rand_distr::StudentT::new(df).unwrap();
        let other = theirs(seed, |rng| 1.0 + 2.0 * other.sample(rng));
        assert_one_continuous_law(&format!("Student {df}"), ours(&p, seed), other);
    }
}

/// A Beta number is made of two Gamma numbers: of shapes below 1 and above, alike and not.
#[test]
fn beta_numbers() {
    let shapes = [
        (0.3, 4.0),
        (0.8, 0.6),
        (1.0, 7.5),
        (7.5, 2.2),
        (60.0, 900.0),
    ];
    for (seed, (a, b)) in (10..).zip(shapes) {
        let other = rand_distr::Beta::new(a, b).unwrap();
        let other = theirs(seed, |rng| other.sample(rng));
        let p = Beta::new(one(a), one(b));
        assert_one_continuous_law(&format!("Beta({a}, {b})"), ours(&p, seed), other);
    }
}

#[test]
fn counts() {
    for (seed, rate) in (20..).zip([0.4, 8.0, 12.0, 65.0, 2500.0]) {
        let other = rand_distr::Poisson::new(rate).unwrap();
        let other = theirs(seed, |rng| other.sample(rng));
        let p = Poisson::new(one(f64::ln(rate)));
        assert_one_discrete_law(&format!("Poisson({rate})"), ours(&p, seed), other);
    }
    // A Poisson number of a Gamma rate, by chance put to 0.
    let parameters = [
        (3.0, 0.5, 0.0),
        (12.0, 2.5, 0.0),
        (200.0, 7.0, 0.0),
        (12.0, 2.5, 0.4),
    ];
    for (seed, (mean, theta, gate)) in (30..).zip(parameters) {
        let rates = rand_distr::Gamma::new(theta, mean / theta).unwrap();
        let zero = rand_distr::Bernoulli::new(gate).unwrap();
        let other = theirs(seed, |rng| {
            let rate: f64 = rates.sample(rng);
            let count = rand_distr::Poisson::new(rate.max(1e-300))
                .unwrap()
                .sample(rng);
            if zero.sample(rng) { 0.0 } else { count }
        });
        let p = NegativeBinomial::new(one(f64::ln(mean)), one(f64::ln(theta)));
        let found = match gate {
            0.0 => ours(&p, seed),
            gate => {
                let logits = one(f64::ln(gate / (1.0 - gate)));
                ours(&ZeroInflatedNegativeBinomial::new(p, logits), seed)
            }
        };
        let what = format!("negative binomial {mean} {theta} {gate}");
        assert_one_discrete_law(&what, found, other);
    }
}

/// The tests find what is a little wrong.
#[test]
#[should_panic(expected = "a Student of 30 degrees of freedom for one of 5")]
fn other_real_laws_are_found() {
    let p = StudentT::new(5.0, one(0.0), one(0.0));
    let other = rand_distr::StudentT::new(30.0).unwrap();
    let other = theirs(40, |rng| other.sample(rng));
    let what = "a Student of 30 degrees of freedom for one of 5";
    assert_one_continuous_law(what, ours(&p, 40), other);
}

#[test]
#[should_panic(expected = "a rate of 12.5 for one of 12")]
fn other_counts_are_found() {
    let other = rand_distr::Poisson::new(12.5).unwrap();
    let other = theirs(41, |rng| other.sample(rng));
    let found = ours(&Poisson::new(one(12f64.ln())), 41);
    assert_one_discrete_law("a rate of 12.5 for one of 12", found, other);
}
