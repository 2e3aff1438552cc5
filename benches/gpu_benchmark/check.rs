//! Whether a device computes what the processor does.

use super::work::{DATA, Method, Training, images};
use burn::module::{Module, ModuleVisitor, Param};
use burn_bayes::prelude::*;
use std::error::Error;

/// Normal numbers of the device and of the processor differ by no more.
const NOISE_TOLERANCE: f32 = 2e-6;
/// Nats by which the bounds of ten training steps may differ, of about 540.
const BOUND_TOLERANCE: f64 = 0.01;

/// All parameters, one after the other.
fn parameters(model: &Vae) -> Vec<f32> {
    struct Collect(Vec<f32>);
    impl ModuleVisitor for Collect {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            let numbers = param.val().inner().try_into_vec_as::<f32>();
            self.0.extend(numbers.expect("parameters can be read"));
        }
    }
    let mut collect = Collect(Vec::new());
    model.visit(&mut collect);
    collect.0
}

fn largest_difference(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len(), "both devices have the same numbers");
    let differences = a.iter().zip(b).map(|(a, b)| (a - b).abs());
    differences.fold(0.0, |most, difference| {
        let keep = most.is_nan() || difference <= most; // NaN is no agreement
        if keep { most } else { difference }
    })
}

/// Noise, ten training steps and an evaluation here and on the processor; whether all agree.
pub fn check(device: &Device, methods: &[Method]) -> Result<bool, Box<dyn Error>> {
    let host = Device::flex();
    let numbers = |device: &Device, normal: bool| {
        let mut noise = Noise::seeded(7).with_datapoints(&[3, 1, 4, 1, 5]);
        let tensor = match normal {
            true => noise.normal([25, 5, DATA], device),
            false => noise.uniform([25, 5, DATA], device),
        };
        tensor.try_into_vec_as::<f32>()
    };
    let mut good = true;
    let mut report = |what: &str, difference: f64, tolerance: f64| {
        let agrees = difference <= tolerance;
        good &= agrees;
        let verdict = if agrees { "ok" } else { "TOO FAR" };
        println!("  {what:<34} {difference:>9.2e}   (at most {tolerance:.0e})  {verdict}");
    };
    println!("largest difference from the processor:");
    for (what, normal, tolerance) in [
        ("uniform numbers", false, 0.0),
        ("normal numbers", true, NOISE_TOLERANCE),
    ] {
        let difference = largest_difference(&numbers(device, normal)?, &numbers(&host, normal)?);
        report(what, difference.into(), tolerance.into());
    }
    for &method in methods {
        // With a large ε a step does not divide rounding errors by their own size.
        let adam = AdamConfig::new().with_epsilon(1e-3);
        let mut both = [device, &host].map(|device| {
            Training::new(method, Products::Full, adam.clone(), images(20, device), 5)
        });
        let mut bounds = [Vec::new(), Vec::new()];
        for _ in 0..10 {
            for (training, bounds) in both.iter_mut().zip(&mut bounds) {
                bounds.push(training.step().try_into_scalar::<f32>()?);
            }
        }
        let what = format!("{}: bounds of ten steps, nats", method.name());
        let difference = largest_difference(&bounds[0], &bounds[1]);
        report(&what, difference.into(), BOUND_TOLERANCE);
        let [here, there] = both.each_ref().map(|training| parameters(&training.model));
        let what = format!("{}: weights after them", method.name());
        report(&what, largest_difference(&here, &there).into(), 1e-4);
        let settings = LogLikelihoodSettings {
            num_samples: 500,
            ..Default::default()
        };
        let estimates = [device, &host].map(|device| {
            let model = method.model(Products::Full, device);
            let estimate =
                evaluate::log_likelihood(&model, images(10, device), &settings, &Noise::seeded(3));
            estimate.map(|estimate| estimate.mean())
        });
        let [here, there] = estimates;
        let what = format!("{}: log-likelihood, nats", method.name());
        report(&what, (here? - there?).abs(), BOUND_TOLERANCE);
    }
    Ok(good)
}
