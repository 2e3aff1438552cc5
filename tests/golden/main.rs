//! Golden numbers in `f32`, by the kernels that are used.

mod checks;
mod models;

use burn_bayes::prelude::*;
use serde_json::Value;

/// Sums of dozens of terms of order 1 to 10, each rounded by 6e-8, through three layers.
const TOLERANCE: f64 = 2e-5;

fn device() -> Option<Device> {
    Some(Device::default().autodiff())
}

/// Writes the noise that the golden files are made of: `golden.py` tells when.
#[test]
#[ignore = "writes a file"]
fn write_noise() {
    let mut all = serde_json::Map::new();
    let device = Device::default();
    for name in [
        "one_layer",
        "two_layers",
        "full_covariance",
        "dreg",
        "ladder",
    ] {
        let golden = models::Golden::read(name, &device);
        let sources = golden.at(&["epsilon_sources"]).as_object().unwrap();
        for (epsilon, source) in sources {
            let source = source.as_str().unwrap();
            let shape = &golden.at(&["epsilons", epsilon, "shape"]);
            let shape = [0, 1, 2].map(|axis| shape[axis].as_u64().unwrap() as usize);
            let mut noise = Noise::seeded(7);
            let mut normal = None;
            for step in source.split('.').skip(1) {
                let (what, number) = step.split_once(' ').unwrap();
                let number: usize = number.parse().unwrap();
                match what {
                    "part" => noise = noise.split::<4>()[number].clone(),
                    _ => {
                        for _ in 0..number {
                            let _ = noise.normal([1, 1, 1], &device);
                        }
                        normal = Some(noise.normal(shape, &device));
                    }
                }
            }
            let data = normal.unwrap().into_data();
            let numbers = data
                .iter::<f32>()
                .map(|number| Value::from(f64::from(number)));
            all.insert(format!("{source} of {}", shape[2]), numbers.collect());
        }
    }
    let text = serde_json::to_string(&all).unwrap();
    std::fs::write(models::folder().join("noise.json"), text).unwrap();
}
