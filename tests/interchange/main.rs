//! Weights and results for other programs, and weights from them.

mod results;
mod weights;

use burn_bayes::{
    interchange::Arrays,
    model::{load_safetensors, save_safetensors},
    prelude::*,
};
use safetensors::SafeTensors;
use std::{collections::BTreeMap, env, fs, path::Path, process::Command};

/// Two hidden layers, so that a network has layers of both kinds.
fn config(uncertainty: Uncertainty) -> VaeConfig {
    VaeConfig::new(6, 3)
        .with_hidden(vec![5, 4])
        .with_uncertainty(uncertainty)
}

fn model(config: &VaeConfig, seed: u64) -> Vae {
    config.init(&Device::default(), &mut Noise::seeded(seed))
}

fn x() -> Tensor<2> {
    let x = Noise::seeded(3).uniform_matrix([7, 6], &Device::default());
    x.greater_elem(0.5).float()
}

/// Names and shapes of what a file holds.
fn shapes(path: &Path) -> BTreeMap<String, Vec<usize>> {
    let bytes = fs::read(path).unwrap();
    let tensors = SafeTensors::deserialize(&bytes).unwrap();
    let tensors = tensors.tensors().into_iter();
    tensors
        .map(|(name, view)| (name, view.shape().to_vec()))
        .collect()
}

/// What a Python program reads: it does the forward pass of an encoder's mean, and works out anew
/// what a report says. `BURN_BAYES_PYTHON` names a Python with torch, safetensors,
/// arviz, onnxruntime and, for a torch since 2.9, onnxscript.
#[test]
fn python_reads_them() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    for (name, uncertainty) in [
        ("plain", Uncertainty::None),
        ("random", Uncertainty::EncoderAndDecoder),
    ] {
        let config = config(uncertainty);
        let model = model(&config, 1);
        save_safetensors(&model, &config, at(&format!("{name}.safetensors"))).unwrap();
        let at_mean = model.posterior_mean().unwrap_or(model);
        let mean = at_mean.encode(x(), 1, &mut Noise::seeded(0)).mean();
        Arrays::new()
            .with_tensor("x", ["datapoint", "feature"], x())
            .unwrap()
            .with_tensor("mean", ["datapoint", "latent"], mean.squeeze_dim::<2>(0))
            .unwrap()
            .save(at(&format!("{name}_forward.safetensors")))
            .unwrap();
    }
    let report = results::report().arrays();
    report.save(at("report.safetensors")).unwrap();
    Arrays::new()
        .with_tensor(
            "log_weights",
            ["sample", "datapoint"],
            results::log_weights(),
        )
        .unwrap()
        .save(at("log_weights.safetensors"))
        .unwrap();
    let Some(python) = env::var_os("BURN_BAYES_PYTHON") else {
        return skipped::skipped("a Python with torch, safetensors and arviz");
    };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interchange/check.py");
    let status = Command::new(python).arg(script).arg(dir.path()).status();
    assert!(status.unwrap().success());
    // It wrote weights, too.
    let config = config(Uncertainty::None);
    let changed = load_safetensors(model(&config, 2), at("changed.safetensors")).unwrap();
    let original = weights::parameters(&model(&config, 1)).into_iter();
    let expected = original.map(|(name, data)| {
        let more = if name.ends_with("bias") { 0.25 } else { 0.0 };
        let numbers = data.iter::<f32>().map(|number| number + more);
        (
            name,
            TensorData::new(numbers.collect(), data.shape().clone()),
        )
    });
    assert_eq!(weights::parameters(&changed), expected.collect::<Vec<_>>());
}
