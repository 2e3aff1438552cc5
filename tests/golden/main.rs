//! Golden numbers in `f32`, by the kernels that are used.

mod checks;
mod models;

use burn_bayes::prelude::*;
use std::collections::BTreeMap;

/// Sums of dozens of terms of order 1 to 10, each rounded by 6e-8, through three layers.
const TOLERANCE: f64 = 2e-5;

fn device() -> Option<Device> {
    Some(Device::default().autodiff())
}

/// The golden files are made of the library's noise, in `noise.json`: it must be that of today.
/// With `WRITE_GOLDEN_NOISE` set the file is written, for `golden.py`.
#[test]
fn the_noise_is_that_of_the_library() {
    let mut all = BTreeMap::new();
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
            let shape = golden.at(&["epsilons", epsilon, "shape"]);
            let shape = [0, 1, 2].map(|axis| shape[axis].as_u64().unwrap() as usize);
            let source = source.as_str().unwrap();
            let numbers = normal(source, shape, &device).into_data();
            let numbers = numbers.iter::<f32>().map(f64::from);
            all.insert(
                format!("{source} of {}", shape[2]),
                numbers.collect::<Vec<_>>(),
            );
        }
    }
    let path = models::folder().join("noise.json");
    if std::env::var_os("WRITE_GOLDEN_NOISE").is_some() {
        std::fs::write(&path, serde_json::to_string(&all).unwrap()).unwrap();
    }
    let text = std::fs::read_to_string(path).unwrap();
    let written: BTreeMap<String, Vec<f64>> = serde_json::from_str(&text).unwrap();
    assert!(all.keys().eq(written.keys()));
    // Equal on processors; on a GPU to the rounding of its divisions and roots.
    let tolerance = if device == Device::flex() { 0.0 } else { 2e-6 };
    for (source, numbers) in &all {
        for (found, written) in numbers.iter().zip(&written[source]) {
            let error = (found - written).abs();
            assert!(error <= tolerance, "{source}: {found}, written {written}");
        }
    }
}

/// The draw that a source names, such as `root.part 3.part 0.draw 1`.
fn normal(source: &str, shape: [usize; 3], device: &Device) -> Tensor<3> {
    let mut noise = Noise::seeded(7);
    for step in source.split('.').skip(1) {
        let (what, number) = step.split_once(' ').unwrap();
        let number: usize = number.parse().unwrap();
        match what {
            "part" => noise = noise.split::<4>()[number].clone(),
            _ => (0..number).for_each(|_| drop(noise.normal([1, 1, 1], device))),
        }
    }
    noise.normal(shape, device)
}
