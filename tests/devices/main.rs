//! The default device against the processor. `BURN_DEVICE=wgpu cargo test --features wgpu --test
//! devices` asks a GPU.

mod agree;
#[path = "../common/families.rs"]
mod families;
#[path = "../common/flat.rs"]
mod flat;
mod laws;
mod models;
mod objectives;
mod uses;

use burn::{
    module::{Module, ModuleVisitor, Param},
    optim::GradientsParams,
};
use burn_bayes::{DeviceTable, device_by_name, prelude::*};
use skipped::skipped;

/// The device to be held against the processor; none if `BURN_DEVICE` does not set another one.
fn other() -> Option<Device> {
    let device = Device::default();
    if device == Device::flex() {
        skipped("gpu");
        return None;
    }
    Some(device)
}

fn images(device: &Device) -> Tensor<2> {
    let numbers = Noise::seeded(1).uniform([1, 10, 50], device);
    numbers.lower_elem(0.3).float().squeeze_dim(0)
}

fn config(uncertainty: Uncertainty) -> VaeConfig {
    VaeConfig::new(50, 5)
        .with_hidden(vec![30])
        .with_uncertainty(uncertainty)
        .with_initial_weight_std(0.1)
}

fn model(config: &VaeConfig, device: &Device) -> Vae {
    config.init(device, &mut Noise::seeded(0))
}

const ALL: [Uncertainty; 3] = [
    Uncertainty::None,
    Uncertainty::Encoder,
    Uncertainty::EncoderAndDecoder,
];

fn parameters(model: &Vae) -> Vec<f32> {
    struct Collect(Vec<f32>);
    impl ModuleVisitor for Collect {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            let numbers = param.val().inner().try_into_vec_as::<f32>();
            self.0.extend(numbers.unwrap());
        }
    }
    let mut collect = Collect(Vec::new());
    model.visit(&mut collect);
    collect.0
}

/// Ten steps: each step's bound, and the weights.
fn train(config: &VaeConfig, device: &Device) -> (Vec<f64>, Vec<f32>) {
    let device = device.clone().autodiff();
    let mut model = model(config, &device);
    // With a large ε a step does not divide rounding errors of a gradient by their own size: a
    // weight's error is at most that of its gradient.
    let mut adam = AdamConfig::new().with_epsilon(1e-3).init();
    let mut bounds = Vec::new();
    for step in 0..10 {
        let mut noise = Noise::seeded(2).fork(step);
        let bound = bound::iwae(model.log_weights(images(&device), 7, &mut noise).total()).mean();
        bounds.push(bound.clone().into_scalar::<f64>());
        let gradients = GradientsParams::from_grads((-bound).backward(), &model);
        model = adam.step(1e-3, model, gradients);
    }
    (bounds, parameters(&model))
}

/// Bounds of about 35 nats are sums of hundreds of `f32` terms: 1e-4 nats are 3e-6 of them. Weights
/// are of order 0.1, and change by 0.01 in ten steps.
#[test]
fn ten_training_steps_agree_with_the_processor() {
    let Some(device) = other() else { return };
    for uncertainty in ALL {
        let config = config(uncertainty);
        let ((here, weights_here), (there, weights_there)) =
            (train(&config, &device), train(&config, &Device::flex()));
        let start = parameters(&model(&config, &Device::flex()));
        let moved = start.iter().zip(&weights_there).map(|(a, b)| (a - b).abs());
        assert!(moved.fold(0.0, f32::max) > 1e-3, "training does something");
        for (here, there) in here.iter().zip(&there) {
            assert!(
                (here - there).abs() < 1e-4,
                "{uncertainty:?}: {here}, {there}"
            );
        }
        for (here, there) in weights_here.iter().zip(&weights_there) {
            assert!(
                (here - there).abs() < 2e-6,
                "{uncertainty:?}: {here}, {there}"
            );
        }
    }
}

#[test]
fn log_likelihoods_agree_with_the_processor() {
    let Some(device) = other() else { return };
    let settings = LogLikelihoodSettings {
        num_samples: 300,
        ..Default::default()
    };
    for uncertainty in ALL {
        let [here, there] = [&device, &Device::flex()].map(|device| {
            let model = model(&config(uncertainty), device);
            evaluate::log_likelihood(&model, images(device), &settings, &Noise::seeded(3)).unwrap()
        });
        for (here, there) in here.values.iter().zip(&there.values) {
            assert!(
                (here - there).abs() < 1e-4,
                "{uncertainty:?}: {here}, {there}"
            );
        }
    }
}

/// Products in half precision, whose numbers are rounded by u, move logits of order 1 by about u,
/// so a row of 50 by 7 u nats, which is 0.2 u of the bound. Samples' shares move by 7 u, and with
/// them the gradient. What is not a product stays in `f32`.
#[test]
fn narrow_products_leave_the_rest_wide() {
    let device = Device::default().autodiff();
    for (products, name, u) in [
        (Products::F16, "f16", 0.5f32.powi(11)),
        (Products::Bf16, "bf16", 0.5f32.powi(9)),
    ] {
        if !products.is_supported(&device) {
            // What is left to test is that they change nothing.
            skipped(name);
        }
        for uncertainty in ALL {
            let [full, narrow] = [Products::Full, products].map(|products| {
                let model = model(&config(uncertainty).with_products(products), &device);
                let log_weights = model.log_weights(images(&device), 7, &mut Noise::seeded(2));
                let bound = bound::iwae(log_weights.total());
                assert_eq!(bound.dtype(), burn::tensor::DType::F32);
                let gradients =
                    GradientsParams::from_grads(bound.clone().mean().backward(), &model);
                assert_eq!(gradients.len(), parameters_count(&model));
                let loc = &model.encoder.network.layers[0];
                let gradient = match loc {
                    Dense::Deterministic(linear) => gradients.get::<2>(linear.weight.id),
                    Dense::Bayesian(linear) => gradients.get::<2>(linear.weight_loc.id),
                };
                let gradient = gradient.unwrap();
                assert_eq!(gradient.dtype(), burn::tensor::DType::F32);
                (
                    bound.into_data().try_to_vec::<f32>().unwrap(),
                    gradient.into_data().try_to_vec::<f32>().unwrap(),
                )
            });
            let differs = full.0 != narrow.0;
            assert_eq!(differs, products.is_supported(&device), "{products:?}");
            for (full, narrow) in full.0.iter().zip(&narrow.0) {
                // Ten times 0.2 u.
                assert!(
                    (full - narrow).abs() < 2.0 * u * full.abs(),
                    "{products:?}: {full}, {narrow}"
                );
            }
            let size = full.1.iter().fold(0.0f32, |most, g| most.max(g.abs()));
            for (full, narrow) in full.1.iter().zip(&narrow.1) {
                // Three times 7 u.
                assert!(
                    (full - narrow).abs() < 20.0 * u * size,
                    "{products:?}: {full}, {narrow}"
                );
            }
        }
    }
}

fn parameters_count(model: &Vae) -> usize {
    struct Count(usize);
    impl ModuleVisitor for Count {
        fn visit_float<const D: usize>(&mut self, _: &Param<Tensor<D>>) {
            self.0 += 1;
        }
    }
    let mut count = Count(0);
    model.visit(&mut count);
    count.0
}

#[test]
fn devices_are_found_by_name_and_number() {
    assert_eq!(device_by_name("flex").unwrap(), Device::flex());
    assert_eq!(device_by_name("flex:0").unwrap(), Device::flex());
    for (name, expected) in [
        ("flex:7", "`flex:0` to `flex:0`"),
        ("flex:first", "`flex:0`"),
        ("abacus", "wgpu"),
    ] {
        let message = device_by_name(name).unwrap_err().to_string();
        assert!(message.contains(expected), "{message}");
    }
    let table = DeviceTable::of_this_machine().to_string();
    for name in ["flex", "wgpu", "vulkan", "metal", "cuda", "rocm"] {
        assert!(table.contains(name), "{table}");
    }
    assert!(table.contains("threads"), "{table}");
}

#[test]
fn parts_on_two_devices_are_named() {
    let Some(other) = other() else { return };
    let (mut noise, here) = (Noise::seeded(0), Device::flex());
    let encoder = GaussianEncoder::new(&MlpConfig::new(4, vec![], 2), &here, &mut noise);
    let decoder = BernoulliDecoder::new(&MlpConfig::new(2, vec![], 4), &other, &mut noise);
    let together = || Vae::from_parts(encoder, StandardNormal::new(2), decoder);
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(together)).err();
    let panic = panic.expect("two devices make no model");
    let message = panic.downcast_ref::<String>().expect("a message");
    assert!(message.contains("move them by `to_device`"), "{message}");
}
