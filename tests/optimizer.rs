//! Adam against burn's own.

use burn::{
    module::Param,
    nn::Linear,
    optim::{
        self, AdamState, AdaptiveMomentumState, GradientsParams, ModuleOptimizer, Optimizer as _,
    },
    tensor::{Device, Distribution, Tensor},
};
use burn_bayes::optimizer::AdamConfig;

fn layer(device: &Device) -> Linear {
    let weight = Tensor::<1>::from_floats([0.5, -1.0, 2.0, 0.0, 1.5, -0.25], device);
    Linear {
        weight: Param::from_tensor(weight.reshape([3, 2])),
        bias: Some(Param::from_tensor(Tensor::zeros([2], device))),
    }
}

/// Gradients of very different sizes, one of them 0.
fn gradients(layer: &Linear, step: usize) -> GradientsParams {
    let input = Tensor::<2>::from_floats([[1.0, 1e-4, 0.0]], &layer.weight.val().device());
    let target = (step as f32 * 0.3).sin();
    let loss = (layer.forward(input) - target).square().sum();
    GradientsParams::from_grads(loss.backward(), layer)
}

fn train(
    mut layer: Linear,
    optimizer: &mut ModuleOptimizer,
    steps: std::ops::Range<usize>,
) -> Linear {
    for step in steps {
        let gradients = gradients(&layer, step);
        layer = optimizer.step(1e-2, layer, gradients);
    }
    layer
}

fn numbers(layer: &Linear) -> Vec<f32> {
    let bias = layer.bias.as_ref().unwrap().val();
    let weight = layer.weight.val().reshape([6]);
    Tensor::cat(vec![weight, bias], 0)
        .into_data()
        .try_to_vec()
        .unwrap()
}

fn assert_close(actual: &Linear, expected: &Linear) {
    for (actual, expected) in numbers(actual).iter().zip(numbers(expected)) {
        assert!(
            (actual - expected).abs() < 1e-5,
            "{actual}, expected {expected}"
        );
    }
}

#[test]
fn equals_burns() {
    let device = Device::default().autodiff();
    let mut all = Vec::new();
    for (beta_1, beta_2, epsilon) in [(0.9, 0.999, 1e-8), (0.8, 0.999, 1e-8), (0.9, 0.99, 1e-2)] {
        let mut theirs = optim::AdamConfig::new()
            .with_beta_1(beta_1 as f32)
            .with_beta_2(beta_2 as f32)
            .with_epsilon(epsilon as f32)
            .init();
        let ours = AdamConfig::new().with_beta_1(beta_1).with_beta_2(beta_2);
        let mut ours = ours.with_epsilon(epsilon).init();
        let [actual, expected] =
            [&mut ours, &mut theirs].map(|adam| train(layer(&device), adam, 0..50));
        assert_close(&actual, &expected);
        // The steps were long enough to tell.
        assert!((numbers(&actual)[0] - 0.5).abs() > 0.1);
        all.push(numbers(&actual)[0]);
    }
    let differ = |a: usize, b: usize| (all[a] - all[b]).abs() > 1e-3;
    assert!(differ(0, 1) && differ(0, 2) && differ(1, 2), "{all:?}");
}

#[test]
fn records_are_interchangeable_with_burns() {
    let device = Device::default().autodiff();
    let theirs = || optim::AdamConfig::new().with_epsilon(1e-8).init();
    let mut first = theirs();
    let half = train(layer(&device), &mut first, 0..10);
    let mut resumed = AdamConfig::new().init().load_record(first.to_record());
    let actual = train(half.clone(), &mut resumed, 10..20);
    let expected = train(half.clone(), &mut first, 10..20);
    assert_close(&actual, &expected);
    // And it is the state that makes them equal.
    let fresh = train(half, &mut AdamConfig::new().init(), 10..20);
    assert!((numbers(&fresh)[0] - numbers(&expected)[0]).abs() > 1e-3);
}

/// An optimizer must not write into a model that the caller has kept.
#[test]
fn a_kept_model_stays_as_it_was() {
    let device = Device::default().autodiff();
    let kept = layer(&device);
    let before = numbers(&kept);
    let _ = train(kept.clone(), &mut AdamConfig::new().init(), 0..3);
    assert_eq!(numbers(&kept), before);
    let wide = Tensor::<2>::random([300, 300], Distribution::Default, &device);
    let kept = Linear {
        weight: Param::from_tensor(wide),
        bias: None,
    };
    let before: Vec<f32> = kept.weight.val().into_data().try_to_vec().unwrap();
    let loss = kept.forward(Tensor::<2>::ones([1, 300], &device)).sum();
    let gradients = GradientsParams::from_grads(loss.backward(), &kept);
    let stepped = AdamConfig::new().init().step(1e-2, kept.clone(), gradients);
    let after: Vec<f32> = kept.weight.val().into_data().try_to_vec().unwrap();
    assert_eq!(after, before);
    assert!(
        stepped
            .weight
            .val()
            .into_data()
            .try_to_vec::<f32>()
            .unwrap()
            != before
    );
}

#[test]
fn settings_that_cannot_work_are_refused() {
    let base = AdamConfig::new();
    assert!(base.validate().is_ok());
    for (name, config) in [
        ("beta_1", base.clone().with_beta_1(1.0)),
        ("beta_2", base.clone().with_beta_2(-0.1)),
        ("beta_2", base.clone().with_beta_2(f64::NAN)),
        ("beta_2", base.clone().with_beta_2(1.0 - 1e-9)), // 1 in `f32`
        ("epsilon", base.clone().with_epsilon(0.0)),
        ("epsilon", base.clone().with_epsilon(1e-60)), // 0 in `f32`
        ("epsilon", base.clone().with_epsilon(1e-44)), // 0 times the root of 1 − β₂
        (
            "weight_decay",
            base.clone().with_weight_decay(f64::INFINITY),
        ),
    ] {
        let message = config.validate().unwrap_err().to_string();
        assert!(message.contains(name), "{message}");
        let panic = std::panic::catch_unwind(|| config.init())
            .map(|_| ())
            .unwrap_err();
        let message = panic.downcast_ref::<String>().expect("a message");
        assert!(message.contains(name), "{message}");
    }
}

/// With more steps than an `i32` counts.
#[test]
fn years_of_steps_do_no_harm() {
    let device = Device::default();
    let [parameter, gradient] = [0.5, 2.0].map(|x: f32| Tensor::<1>::from_floats([x], &device));
    let (first, second) = (gradient.clone(), gradient.clone().square());
    let years = AdaptiveMomentumState::new(i32::MAX as usize, first, second);
    let adam = AdamConfig::new().build();
    let (stepped, _) = adam.step(0.1, parameter, gradient, Some(AdamState::new(years)));
    // The moments are those of a constant gradient: the step has the learning rate's length.
    assert!((stepped.into_scalar::<f32>() - 0.4).abs() < 1e-6);
}
