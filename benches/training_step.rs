//! A training step of the talk's network (784 – 400 – 40), Adam included, and the matrix products in it.
//!
//!     cargo bench --bench training_step
//!
//! Sizes are in the names: batch size, k. The floor of a step is the time of its matrix products alone,
//! which `products` measures in the same run on tensors of the same shapes.

use burn::{
    optim::{GradientsParams, ModuleOptimizer},
    tensor::Distribution,
};
use burn_bayes::prelude::*;
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};

const DATA: usize = 784;
const HIDDEN: usize = 400;
const LATENT: usize = 40;

struct Step {
    model: Vae,
    adam: ModuleOptimizer,
    x: Tensor<2>,
    k: usize,
    number: u64,
}

impl Step {
    fn new(uncertainty: Uncertainty, batch: usize, k: usize) -> Self {
        let device = Device::default().autodiff();
        let model = VaeConfig::new(DATA, LATENT)
            .with_hidden(vec![HIDDEN])
            .with_uncertainty(uncertainty)
            .init(&device, &mut Noise::seeded(0));
        let x = Noise::seeded(1)
            .uniform([1, batch, DATA], &device)
            .lower_elem(0.13)
            .float();
        Self {
            model,
            adam: AdamConfig::new().init(),
            x: x.squeeze_dim(0),
            k,
            number: 0,
        }
    }

    fn run(&mut self) {
        let mut noise = Noise::seeded(2).fork(self.number);
        self.number += 1;
        let log_weights = self.model.log_weights(self.x.clone(), self.k, &mut noise);
        let loss = -bound::iwae(log_weights.total()).mean();
        let gradients = GradientsParams::from_grads(loss.backward(), &self.model);
        self.model = self.adam.step(1e-3, self.model.clone(), gradients);
        self.x.device().sync().expect("the device works");
    }
}

/// The matrix products of a step, forward and backward: (rows, inner, columns), for one network.
fn products(batch: usize, k: usize, uncertainty: Uncertainty) -> Vec<[usize; 3]> {
    let random_encoder = uncertainty != Uncertainty::None;
    let random_decoder = uncertainty == Uncertainty::EncoderAndDecoder;
    // Rows, d_input, d_output, whether the input needs a gradient, products per pass.
    let samples = k * batch;
    let head_rows = if random_encoder { samples } else { batch };
    let count = |random: bool| if random { 2 } else { 1 };
    let layers = [
        (batch, DATA, HIDDEN, false, count(random_encoder)),
        (head_rows, HIDDEN, 2 * LATENT, true, count(random_encoder)),
        (samples, LATENT, HIDDEN, true, count(random_decoder)),
        (samples, HIDDEN, DATA, true, count(random_decoder)),
    ];
    let mut products = Vec::new();
    for (rows, d_input, d_output, input_gradient, count) in layers {
        for _ in 0..count {
            products.push([rows, d_input, d_output]);
            products.push([d_input, rows, d_output]);
            if input_gradient {
                products.push([rows, d_output, d_input]);
            }
        }
    }
    products
}

fn training_step(criterion: &mut Criterion) {
    let methods = [
        ("vae", Uncertainty::None, 1),
        ("iwae", Uncertainty::None, 25),
        ("iwaeu_rec", Uncertainty::Encoder, 25),
        ("iwaeu", Uncertainty::EncoderAndDecoder, 25),
    ];
    for (name, uncertainty, k) in methods {
        let mut group = criterion.benchmark_group(format!("training_step/{name}"));
        group.sample_size(10);
        for batch in [100, 20] {
            let mut step = Step::new(uncertainty, batch, k);
            group.bench_function(
                BenchmarkId::new("step", format!("batch {batch}, k {k}")),
                |b| b.iter(|| step.run()),
            );

            let device = Device::default();
            let random =
                |shape: [usize; 2]| Tensor::<2>::random(shape, Distribution::Default, &device);
            let pairs: Vec<_> = products(batch, k, uncertainty)
                .into_iter()
                .map(|[rows, inner, columns]| (random([rows, inner]), random([inner, columns])))
                .collect();
            group.bench_function(
                BenchmarkId::new("products alone", format!("batch {batch}, k {k}")),
                |b| {
                    b.iter(|| {
                        for (left, right) in &pairs {
                            let _ = left.clone().matmul(right.clone());
                        }
                        device.sync().expect("the device works");
                    });
                },
            );
        }
    }
}

criterion_group!(benches, training_step);
criterion_main!(benches);
