//! A training step of the talk's network (784 – 400 – 40), Adam included, and the matrix products
//! in it.
//!
//!     cargo bench -p burn-bayes-benches --bench training_step
//!
//! Sizes are in the names: batch size, k. The floor of a step is the time of its matrix products
//! alone. `products alone` measures it in the same run: the same shapes and layouts, as the library
//! multiplies, into memory that is there. Gelem/s are GFLOP/s of these products, for the whole step
//! too.
//!
//! `training_step_pruned` takes the gradient with [`Replay`]. How many samples it leaves out
//! depends on how even their weights are, and so on the model: these steps all start from the
//! initial weights, where the samples of an image count about the same. A trained model is another
//! case; `docs/pruning.md` has some.

#[path = "common/products.rs"]
mod products;

use burn::optim::{GradientsParams, ModuleOptimizer};
use burn_bayes::{gradient::Replay, prelude::*};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use products::{Layout, Product};

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
        let mut noise = self.noise();
        let log_weights = self.model.log_weights(self.x.clone(), self.k, &mut noise);
        let loss = -bound::iwae(log_weights.total()).mean();
        let gradients = GradientsParams::from_grads(loss.backward(), &self.model);
        self.model = self.adam.step(1e-3, self.model.clone(), gradients);
        self.x.device().sync().expect("the device works");
    }

    /// Leaves the model as it is: in a trained one the share of samples that are left out changes
    /// from step to step.
    fn run_pruned(&mut self, replay: &Replay) -> Vae {
        let mut noise = self.noise();
        let replayed = replay.run(&self.model, self.x.clone(), &mut noise);
        let model = self.adam.step(1e-3, self.model.clone(), replayed.gradients);
        self.x.device().sync().expect("the device works");
        model
    }

    fn noise(&mut self) -> Noise {
        self.number += 1;
        Noise::seeded(2).fork(self.number)
    }
}

/// The matrix products of a step, forward and backward.
fn step_products(batch: usize, k: usize, uncertainty: Uncertainty) -> Vec<Product> {
    let random_encoder = uncertainty != Uncertainty::None;
    let random_decoder = uncertainty == Uncertainty::EncoderAndDecoder;
    let samples = k * batch;
    let head_rows = if random_encoder { samples } else { batch };
    // One product for the means, one for the variances.
    let count = |random: bool| if random { 2 } else { 1 };
    // Rows, d_input, d_output, whether the input needs a gradient, products in a pass.
    let layers = [
        (batch, DATA, HIDDEN, false, count(random_encoder)),
        (head_rows, HIDDEN, 2 * LATENT, true, count(random_encoder)),
        (samples, LATENT, HIDDEN, true, count(random_decoder)),
        (samples, HIDDEN, DATA, true, count(random_decoder)),
    ];
    let mut products = Vec::new();
    for (rows, d_input, d_output, input_gradient, count) in layers {
        for _ in 0..count {
            products.push(Product::random([rows, d_input, d_output], Layout::Nn));
            products.push(Product::random([d_input, rows, d_output], Layout::Tn));
            if input_gradient {
                products.push(Product::random([rows, d_output, d_input], Layout::Nt));
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
            let sizes = format!("batch {batch}, k {k}");
            let mut products = step_products(batch, k, uncertainty);
            let operations = products.iter().map(Product::operations).sum();
            group.throughput(Throughput::Elements(operations));

            let mut step = Step::new(uncertainty, batch, k);
            group.bench_function(BenchmarkId::new("step", &sizes), |b| b.iter(|| step.run()));

            group.bench_function(BenchmarkId::new("products alone", &sizes), |b| {
                // On a thread of the pool, so that no product pays for waking it.
                rayon::scope(|_| {
                    b.iter(|| products.iter_mut().for_each(Product::multiply));
                });
            });
        }
    }
}

fn training_step_pruned(criterion: &mut Criterion) {
    let (batch, k, threshold) = (100, 25, 0.1);
    let replay = Replay::new(k)
        .with_threshold(threshold)
        .with_samples_per_chunk(k);
    let methods = [
        ("iwae", Uncertainty::None),
        ("iwaeu", Uncertainty::EncoderAndDecoder),
    ];
    for (name, uncertainty) in methods {
        let mut group = criterion.benchmark_group(format!("training_step_pruned/{name}"));
        group.sample_size(10);
        let mut step = Step::new(uncertainty, batch, k);
        let sizes = format!("batch {batch}, k {k}, threshold {threshold}");
        group.bench_function(BenchmarkId::new("step", sizes), |b| {
            b.iter(|| step.run_pruned(&replay));
        });
    }
}

criterion_group!(benches, training_step, training_step_pruned);
criterion_main!(benches);
