//! Each fused operation beside the composition of burn's own operations that it replaces.
//!
//!     cargo bench -p burn-bayes-benches --bench kernel
//!
//! Shapes are in the names; they are those of a training step of the talk's network (784 – 400 –
//! 40) at k = 25 and batch 100. Where an operation has a gradient, a forward and a backward pass
//! from a gradient of ones are timed together. The compositions are what one would write without
//! this library, their noise burn's own.

use burn::{
    nn::Linear,
    optim::Optimizer,
    tensor::{Distribution, activation, module::linear},
};
use burn_bayes::prelude::*;
use criterion::{Criterion, criterion_group, criterion_main};
use std::f64::consts::TAU;

const K: usize = 25;
const BATCH: usize = 100;
const DATA: usize = 784;
const HIDDEN: usize = 400;
const LATENT: usize = 40;

/// Times both on the default device; what they return is dropped inside the timed part.
fn compare<T>(
    criterion: &mut Criterion,
    name: &str,
    mut fused: impl FnMut() -> T,
    mut composition: impl FnMut() -> T,
) {
    let device = Device::default();
    let sync = || device.sync().expect("the device works");
    let mut group = criterion.benchmark_group(format!("kernel/{name}"));
    group.bench_function("fused", |b| {
        b.iter(|| {
            let result = fused();
            sync();
            drop(result);
        });
    });
    group.bench_function("composition", |b| {
        b.iter(|| {
            let result = composition();
            sync();
            drop(result);
        });
    });
}

/// `[25, 100, 40]` as `25x100x40`: brackets mean something in a filter.
fn name(operation: &str, shape: &[usize]) -> String {
    let shape: Vec<_> = shape.iter().map(ToString::to_string).collect();
    format!("{operation} {}", shape.join("x"))
}

/// Standard normal numbers that want a gradient.
fn leaf<const D: usize>(shape: [usize; D], device: &Device) -> Tensor<D> {
    normal(shape, device).require_grad()
}

fn normal<const D: usize>(shape: [usize; D], device: &Device) -> Tensor<D> {
    Tensor::random(shape, Distribution::Normal(0.0, 1.0), device)
}

fn bernoulli(criterion: &mut Criterion) {
    let device = Device::default().autodiff();
    let shape = [K, BATCH, DATA];
    let logits = leaf(shape, &device);
    let x = normal([1, BATCH, DATA], &device).greater_elem(1.0).float();
    compare(
        criterion,
        &name("bernoulli log_prob", &shape),
        || {
            let pixels = Bernoulli::new(logits.clone());
            pixels.log_prob(x.clone()).backward()
        },
        || {
            let log_prob = x.clone() * logits.clone() + activation::log_sigmoid(-logits.clone());
            log_prob.sum_dim(2).backward()
        },
    );
}

fn activations(criterion: &mut Criterion) {
    let device = Device::default().autodiff();
    let shape = [K, BATCH, HIDDEN];
    let input = leaf(shape, &device);
    compare(
        criterion,
        &name("tanh", &shape),
        || Activation::Tanh.forward(input.clone()).backward(),
        || activation::tanh(input.clone()).backward(),
    );
    compare(
        criterion,
        &name("softplus", &shape),
        || Activation::Softplus.forward(input.clone()).backward(),
        || activation::softplus(input.clone(), 1.0).backward(),
    );
}

fn layers(criterion: &mut Criterion) {
    let device = Device::default().autodiff();
    let input = leaf([K, BATCH, HIDDEN], &device);
    let shape = [K, BATCH, HIDDEN, DATA];

    let mut noise = Noise::seeded(0);
    let layer = BayesianLinearConfig::new(HIDDEN, DATA).init(&device, &mut noise);
    compare(
        criterion,
        &name("bayesian layer", &shape),
        || {
            let output = layer.forward(input.clone(), K, &mut noise);
            output.backward()
        },
        || bayesian_linear(&layer, input.clone()).backward(),
    );

    let mut noise = Noise::seeded(0);
    let sizes = [HIDDEN, DATA];
    let initializer = Initializer::GlorotUniform;
    let layer = Dense::new(sizes, Weights::Fixed, initializer, &device, &mut noise);
    let Dense::Deterministic(burns) = layer.clone() else {
        unreachable!("the weights are fixed");
    };
    let burns: Linear = burns;
    compare(
        criterion,
        &name("plain layer", &shape),
        || layer.forward(input.clone(), K, &mut noise).backward(),
        || burns.forward(input.clone()).backward(),
    );
}

/// Local reparametrization: mean and variance of the outputs, and a draw of each.
fn bayesian_linear(layer: &BayesianLinear, input: Tensor<3>) -> Tensor<3> {
    let bias_loc = layer.bias_loc.as_ref().map(|bias| bias.val());
    let bias_variance = layer.bias_log_variance.as_ref();
    let bias_variance = bias_variance.map(|bias| bias.val().exp());
    let loc = linear(input.clone(), layer.weight_loc.val(), bias_loc);
    let weight_variance = layer.weight_log_variance.val().exp();
    let variance = linear(input.square(), weight_variance, bias_variance);
    let epsilon = normal(loc.dims(), &loc.device());
    loc + variance.add_scalar(1e-16).sqrt() * epsilon
}

fn gaussians(criterion: &mut Criterion) {
    let device = Device::default().autodiff();
    let shape = [K, BATCH, LATENT];
    let [loc, log_variance, x] = [(); 3].map(|()| leaf(shape, &device));
    let mut noise = Noise::seeded(0);
    let density = |epsilon: Tensor<3>| {
        let values = (epsilon.square() + log_variance.clone()).add_scalar(TAU.ln());
        values.mul_scalar(-0.5).sum_dim(2)
    };
    compare(
        criterion,
        &name("rsample_with_log_prob", &shape),
        || {
            let q = Normal::from_log_variance(loc.clone(), log_variance.clone());
            let (z, log_q) = q.rsample_with_log_prob(K, &mut noise);
            (z.sum_dim(2) + log_q.unsqueeze_dim(2)).backward()
        },
        || {
            let epsilon = normal(shape, &device);
            let scale = log_variance.clone().mul_scalar(0.5).exp();
            let z = loc.clone() + scale * epsilon.clone();
            (z.sum_dim(2) + density(epsilon)).backward()
        },
    );
    compare(
        criterion,
        &name("normal log_prob", &shape),
        || {
            let p = Normal::from_log_variance(loc.clone(), log_variance.clone());
            p.log_prob(x.clone()).backward()
        },
        || {
            let precision = log_variance.clone().mul_scalar(-0.5).exp();
            density((x.clone() - loc.clone()) * precision).backward()
        },
    );
}

fn bounds(criterion: &mut Criterion) {
    let device = Device::default().autodiff();
    // Of a training step, and of an evaluation.
    for shape in [[K, BATCH], [5000, 20]] {
        let log_weights = leaf(shape, &device);
        compare(
            criterion,
            &name("iwae", &shape),
            || bound::iwae(log_weights.clone()).backward(),
            || {
                let max = log_weights.clone().detach().max_dim(0);
                let shares = (log_weights.clone() - max.clone()).exp();
                (shares.mean_dim(0).log() + max).backward()
            },
        );
    }
}

fn adam(criterion: &mut Criterion) {
    let device = Device::default();
    let shape = [DATA, HIDDEN];
    let gradient: Tensor<2> = normal(shape, &device);
    let ours = AdamConfig::new().build();
    let burns = burn::optim::AdamConfig::new().with_epsilon(1e-8).build();
    let mut of_ours = (normal(shape, &device), None);
    let mut of_burns = of_ours.clone();
    compare(
        criterion,
        &name("adam", &shape),
        || step(&ours, &mut of_ours, &gradient),
        || step(&burns, &mut of_burns, &gradient),
    );
}

/// One step of an optimizer, from parameter and state to parameter and state.
fn step<O: Optimizer>(
    optimizer: &O,
    state: &mut (Tensor<2>, Option<O::State<2>>),
    gradient: &Tensor<2>,
) {
    let (parameter, moments) = (state.0.clone(), state.1.take());
    *state = optimizer.step(1e-3, parameter, gradient.clone(), moments);
}

fn noise(criterion: &mut Criterion) {
    let device = Device::default();
    let shape = [K, BATCH, DATA];
    let mut noise = Noise::seeded(0);
    compare(
        criterion,
        &name("normal noise", &shape),
        || noise.normal(shape, &device),
        || normal(shape, &device),
    );
}

criterion_group!(
    benches,
    bernoulli,
    activations,
    layers,
    gaussians,
    bounds,
    adam,
    noise
);
criterion_main!(benches);
