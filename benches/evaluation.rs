//! The test log-likelihood of 20 images by 5000 importance samples each, under the talk's network
//! (784 – 400 – 40).
//!
//!     cargo bench -p burn-bayes-benches --bench evaluation
//!
//! Elements are images.

use burn_bayes::prelude::*;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

const DATA: usize = 784;
const IMAGES: usize = 20;

fn evaluation(criterion: &mut Criterion) {
    let methods = [
        ("iwae", Uncertainty::None),
        ("iwaeu_rec", Uncertainty::Encoder),
        ("iwaeu", Uncertainty::EncoderAndDecoder),
    ];
    let settings = LogLikelihoodSettings::default();
    let device = Device::default();
    let x: Tensor<2> = Noise::seeded(1)
        .uniform([1, IMAGES, DATA], &device)
        .lower_elem(0.13)
        .float()
        .squeeze_dim(0);
    let mut group = criterion.benchmark_group(format!("evaluation/k{}", settings.num_samples));
    group
        .sample_size(10)
        .throughput(Throughput::Elements(IMAGES as u64));
    for (name, uncertainty) in methods {
        let model = VaeConfig::new(DATA, 40)
            .with_hidden(vec![400])
            .with_uncertainty(uncertainty)
            .init(&device, &mut Noise::seeded(0));
        let noise = Noise::seeded(2);
        group.bench_function(BenchmarkId::new(name, format!("{IMAGES} images")), |b| {
            // The estimates are numbers on the host, so nothing is left to wait for.
            b.iter(|| {
                evaluate::log_likelihood(&model, x.clone(), &settings, &noise)
                    .expect("the settings are valid")
            });
        });
    }
}

criterion_group!(benches, evaluation);
criterion_main!(benches);
