//! Posteriors with full covariance: against a scientific library, and where they are exact.

#[path = "../common/bits.rs"]
mod bits;
#[path = "../common/double.rs"]
mod double;
mod low_rank;
mod low_rank_models;

use bits::bits;
use burn::{
    module::{ModuleVisitor, Param},
    nn::Linear,
    tensor::{DType, TensorData},
};
use burn_bayes::{
    distribution::FullNormal,
    gradient::{Estimator, Replay},
    model::{load_weights, save_weights},
    network::{FullCovariance, FullCovarianceEncoder},
    prelude::*,
    train::Run,
};
use double::has_f64;

fn tensor(numbers: &[f64], shape: [usize; 3], dtype: DType) -> Tensor<3> {
    let data = TensorData::new(numbers.to_vec(), shape).convert_dtype(dtype);
    Tensor::from_data(data, (&Device::default(), dtype))
}

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f64> {
    tensor.without_autodiff().try_into_vec_as::<f64>().unwrap()
}

struct Case {
    q: FullNormal,
    x: Tensor<3>,
    expected: [f64; 3],
}

fn cases(dtype: DType) -> impl Iterator<Item = Case> {
    include_str!("reference.csv").lines().map(move |line| {
        let field = |text: &str| -> Vec<f64> {
            let numbers = text.split(';').filter(|text| !text.is_empty());
            numbers.map(|text| text.parse().unwrap()).collect()
        };
        let fields: Vec<Vec<f64>> = line.split(',').map(field).collect();
        let row = |i: usize| tensor(&fields[i], [1, 1, fields[i].len()], dtype);
        Case {
            q: FullNormal::new(row(1), row(2), row(3)),
            x: row(4),
            expected: [fields[5][0], fields[6][0], fields[7][0]],
        }
    })
}

fn check(dtype: DType, tolerance: f64) {
    for Case { q, x, expected } in cases(dtype) {
        let like = x.ones_like();
        let found = [
            values(q.log_prob(x))[0],
            values(q.kl_divergence(&Normal::standard_like(&like)).unwrap())[0],
            values(
                q.kl_divergence(&Normal::new(like.clone() * 0.5, like * 2.0))
                    .unwrap(),
            )[0],
        ];
        for (found, expected) in found.into_iter().zip(expected) {
            let close = (found - expected).abs() <= tolerance * (1.0 + expected.abs());
            assert!(close, "{found}, expected {expected}");
        }
    }
}

#[test]
fn a_scientific_library_agrees() {
    check(DType::F32, 1e-5);
    if has_f64(&Device::default()) {
        check(DType::F64, 1e-12);
    }
}

/// Parameters for each sample, or one set for all: the density of a draw is that of its value, and
/// draws have mean and covariance.
#[test]
fn draws_have_their_density_and_covariance() {
    let device = Device::default();
    let mut noise = Noise::seeded(4);
    for samples in [1, 6] {
        let mut numbers = |width| noise.normal([samples, 5, width], &device);
        let q = FullNormal::new(numbers(4), numbers(4) * 0.3, numbers(6));
        let (z, log_q) = q.rsample_with_log_prob(6, &mut Noise::seeded(5));
        for (a, b) in values(q.log_prob(z)).into_iter().zip(values(log_q)) {
            assert!((a - b).abs() < 1e-4, "{a} {b}");
        }
    }
    const COUNT: usize = 200_000;
    let (loc, below) = ([0.5, -1.0, 2.0], [0.8, -0.4, 1.1]);
    let row = |numbers: &[f64]| tensor(numbers, [1, 1, numbers.len()], DType::F32);
    let q = FullNormal::new(row(&loc), row(&[0.0, 0.2, -0.5]), row(&below));
    let z = values(q.sample(COUNT, &mut Noise::seeded(6)));
    let a = [
        [1.0, 0.0, 0.0],
        [0.8, 0.2f64.exp(), 0.0],
        [-0.4, 1.1, (-0.5f64).exp()],
    ];
    for i in 0..3 {
        for j in 0..3 {
            let covariance: f64 = (0..3).map(|k| a[i][k] * a[j][k]).sum();
            let products = z.chunks(3).map(|z| (z[i] - loc[i]) * (z[j] - loc[j]));
            let found = products.sum::<f64>() / COUNT as f64;
            // Its standard error is √((c_ii c_jj + c_ij²)/n), here at most 0.006.
            assert!(
                (found - covariance).abs() < 0.03,
                "{i} {j}: {found} {covariance}"
            );
            if i == j {
                assert!((values(q.variance())[i] - covariance).abs() < 1e-5);
            }
        }
    }
}

fn linear(weight: Vec<f64>, [rows, columns]: [usize; 2], bias: Vec<f64>, device: &Device) -> Dense {
    let data = |numbers: Vec<f64>, shape: &[usize]| {
        TensorData::new(numbers, shape.to_vec()).convert_dtype(DType::F32)
    };
    Dense::Deterministic(Linear {
        weight: Param::from_tensor(Tensor::from_data(data(weight, &[rows, columns]), device)),
        bias: Some(Param::from_tensor(Tensor::from_data(
            data(bias, &[columns]),
            device,
        ))),
    })
}

type Model = Vae<FullCovarianceEncoder, StandardNormal, GaussianDecoder>;

/// x = W z + b + s ε, whose columns of W are not orthogonal: z given x has covariance (I +
/// WᵀW/s²)⁻¹ and mean that times Wᵀ(x − b)/s².
fn exact(device: &Device) -> (Model, impl Fn([f64; 3]) -> f64) {
    let w = [[1.0, 0.5], [-0.7, 1.2], [0.3, 0.8]];
    let (b, s) = ([0.5, -1.0, 0.25], 0.7f64);
    let gram = |i: usize, j: usize| (0..3).map(|r| w[r][i] * w[r][j]).sum::<f64>() / (s * s);
    let (p, q, r) = (1.0 + gram(0, 0), gram(0, 1), 1.0 + gram(1, 1));
    let determinant = p * r - q * q;
    let covariance = [
        [r / determinant, -q / determinant],
        [-q / determinant, p / determinant],
    ];
    let first = covariance[0][0].sqrt();
    let below = covariance[1][0] / first;
    let last = (covariance[1][1] - below * below).sqrt();

    let mut weight = vec![0.0; 3 * 5];
    let mut bias = vec![0.0, 0.0, first.ln(), last.ln(), below];
    for unit in 0..2 {
        for feature in 0..3 {
            let factor = (0..2)
                .map(|other| covariance[unit][other] * w[feature][other])
                .sum::<f64>();
            weight[feature * 5 + unit] = factor / (s * s);
            bias[unit] -= factor * b[feature] / (s * s);
        }
    }
    let mut noise = Noise::seeded(0);
    let mlp = |from, to| MlpConfig::new(from, vec![], to);
    let mut encoder = FullCovarianceEncoder::new(&mlp(3, 2), device, &mut noise);
    encoder.network.layers = vec![linear(weight, [3, 5], bias, device)];
    let scale = Scale::Fixed { std: s };
    let mut decoder = GaussianDecoder::new(&mlp(2, 3), scale, device, &mut noise);
    let columns = (0..2).flat_map(|unit| (0..3).map(move |feature| w[feature][unit]));
    decoder.network.layers = vec![linear(columns.collect(), [2, 3], b.to_vec(), device)];
    let model = Vae::from_parts(encoder, StandardNormal::new(2), decoder);

    // log N(x; b, WWᵀ + s²I) by the posterior: at z = 0, log p(x|0) + log p(0) − log q(0|x).
    let evidence = move |x: [f64; 3]| {
        let tau = std::f64::consts::TAU;
        let centred: Vec<f64> = x.iter().zip(b).map(|(x, b)| (x - b) / s).collect();
        let squares: f64 = centred.iter().map(|u| u * u).sum();
        let likelihood = -0.5 * (squares + 3.0 * (tau * s * s).ln());
        let along = |unit: usize| (0..3).map(|f| w[f][unit] * centred[f] / s).sum::<f64>();
        let along = [along(0), along(1)];
        let mean = [0, 1].map(|i| covariance[i][0] * along[0] + covariance[i][1] * along[1]);
        let quadratic = mean[0] * along[0] + mean[1] * along[1];
        let log_q = -0.5 * (quadratic + 2.0 * tau.ln() - determinant.ln());
        likelihood - tau.ln() - log_q
    };
    (model, evidence)
}

const DATA: [[f64; 3]; 2] = [[0.3, -2.0, 1.5], [4.0, 0.0, -3.0]];

fn data(device: &Device) -> Tensor<2> {
    Tensor::from_floats(DATA.map(|row| row.map(|x| x as f32)), device)
}

/// Independent latents could not do that here.
#[test]
fn every_log_weight_is_the_evidence_under_the_exact_posterior() {
    let device = Device::default();
    let (model, evidence) = exact(&device);
    let log_weights = model.log_weights(data(&device), 50, &mut Noise::seeded(1));
    for (i, found) in values(log_weights.total()).into_iter().enumerate() {
        let exact = evidence(DATA[i % 2]);
        assert!((found - exact).abs() < 2e-4, "{found}, {exact}");
    }
    let kl = values(log_weights.latent_kl().unwrap());
    let mean = values(log_weights.total().mean_dim(0));
    let likelihood = values(log_weights.log_likelihood.mean_dim(0));
    // log p(x) = E log p(x|z) − KL, up to the error of 50 samples.
    for i in 0..2 {
        assert!((likelihood[i] - kl[i] - mean[i]).abs() < 1.0);
    }
}

/// The largest entry of all gradients.
struct Largest<'a>(&'a burn::optim::GradientsParams, f64);
impl ModuleVisitor for Largest<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let gradient = values(self.0.get::<D>(param.id).unwrap());
        self.1 = gradient
            .into_iter()
            .fold(self.1, |most, g| most.max(g.abs()));
    }
}

#[test]
fn the_encoders_gradient_vanishes_there() {
    let device = Device::default().autodiff();
    let (model, _) = exact(&device);
    let largest = |estimator| {
        let replay = Replay::new(20).with_estimator(estimator);
        let replayed = replay.run(&model, data(&device), &mut Noise::seeded(7));
        let mut largest = Largest(&replayed.gradients, 0.0);
        model.encoder.visit(&mut largest);
        largest.1
    };
    assert!(largest(Estimator::Standard) > 1e-2);
    for estimator in [
        Estimator::StickingTheLanding,
        Estimator::DoublyReparameterized,
    ] {
        let most = largest(estimator);
        assert!(most < 2e-4, "{estimator:?}: {most}");
    }
}

/// Of densities, divergences and draws, against central differences in f64.
#[test]
fn gradients_are_those_of_the_values() {
    if !has_f64(&Device::default()) {
        return;
    }
    const STEP: f64 = 1e-6;
    let at: Vec<f64> = (0..9).map(|i| 0.7 * ((i * 5 + 1) as f64).sin()).collect();
    let value = |outputs: Tensor<3>, which: usize| -> Tensor<2> {
        let q = FullCovariance.distribution(outputs.clone());
        let x = tensor(&[0.3, -1.0, 2.0], [1, 1, 3], DType::F64);
        let x = Tensor::from_data(x.to_data(), (&outputs.device(), DType::F64));
        match which {
            0 => q.log_prob(x),
            1 => q.kl_divergence(&Normal::standard_like(&x)).unwrap(),
            _ => {
                let (z, log_q) = q.rsample_with_log_prob(1, &mut Noise::seeded(8));
                (z * x).sum_dim(2).squeeze_dim::<2>(2) + log_q
            }
        }
    };
    for which in 0..3 {
        let leaf = Tensor::<3>::from_data(
            TensorData::new(at.clone(), [1, 1, 9]),
            (&Device::default().autodiff(), DType::F64),
        );
        let leaf = leaf.require_grad();
        let gradient = leaf
            .grad(&value(leaf.clone(), which).sum().backward())
            .unwrap();
        for (i, gradient) in values(gradient).into_iter().enumerate() {
            let moved = |by: f64| {
                let mut numbers = at.clone();
                numbers[i] += by;
                values(value(tensor(&numbers, [1, 1, 9], DType::F64), which))[0]
            };
            let expected = (moved(STEP) - moved(-STEP)) / (2.0 * STEP);
            let close = (gradient - expected).abs() < 1e-7 * (1.0 + expected.abs());
            assert!(close, "{which}, output {i}: {gradient}, {expected}");
        }
    }
}

/// It begins with independent latents, learns that they depend on each other, and is saved.
#[test]
fn a_model_learns_that_latents_depend_on_each_other() {
    let device = Device::default();
    let (exact, evidence) = exact(&device);
    let mut noise = Noise::seeded(2);
    let numbers = exact.sample(400, &mut noise);
    let numbers = numbers.try_into_vec_as::<f32>().unwrap();
    let rows = Datapoints::new("drawn", numbers, 3).unwrap();
    let encoder = FullCovarianceEncoder::new(&MlpConfig::new(3, vec![], 2), &device, &mut noise);
    let begin = encoder.forward(Tensor::ones([1, 4, 3], &device), 1, &mut noise);
    let x = Tensor::<3>::ones([1, 4, 2], &device);
    let independent = Normal::new(begin.mean(), begin.variance().sqrt());
    let difference = begin.log_prob(x.clone()) - independent.log_prob(x);
    assert!(difference.abs().max().into_scalar::<f32>() < 1e-5);

    // The decoder is the true one and stays.
    let model = Vae::from_parts(
        encoder,
        StandardNormal::new(2),
        exact.decoder.clone().no_grad(),
    );
    let training = TrainingConfig::new(Objective::vae_analytic(5))
        .with_epochs(60)
        .with_batch_size(20)
        .with_schedule(Schedule::Constant {
            learning_rate: 2e-2,
        });
    let dir = tempfile::tempdir().unwrap();
    let run = Run::new(dir.path().join("run")).with_progress(Progress::Silent);
    let model = training.fit(model, &rows, None, run).unwrap().model;
    let log_weights = model.log_weights(data(&device), 200, &mut Noise::seeded(3));
    let elbo = values(bound::vae(log_weights.total()));
    for (found, row) in elbo.into_iter().zip(DATA) {
        assert!(
            (found - evidence(row)).abs() < 0.05,
            "{found}, {}",
            evidence(row)
        );
    }
    let path = dir.path().join("weights.bpk");
    save_weights(&model, &path).unwrap();
    let start = exact_like(&device);
    let loaded = load_weights(start, &path).unwrap();
    assert!(bits(&loaded) == bits(&model));
}

fn exact_like(device: &Device) -> Model {
    exact(device).0
}

#[test]
fn one_latent_is_a_normal_distribution() {
    let q = FullCovariance.distribution(tensor(&[0.5, -0.3], [1, 1, 2], DType::F32));
    let row = |x: f64| tensor(&[x], [1, 1, 1], DType::F32);
    let normal = Normal::new(row(0.5), row((-0.3f64).exp()));
    let x = row(1.7);
    let difference = values(q.log_prob(x.clone()))[0] - values(normal.log_prob(x))[0];
    assert!(difference.abs() < 1e-6);
    assert_eq!(q.sample(3, &mut Noise::seeded(0)).dims(), [3, 1, 1]);
}

#[test]
#[should_panic(expected = "6 outputs are no means and triangular matrix")]
fn outputs_that_are_no_matrix_are_named() {
    FullCovariance.distribution(Tensor::ones([1, 1, 6], &Device::default()));
}
