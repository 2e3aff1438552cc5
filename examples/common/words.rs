//! Settings as a person writes them.

use burn_bayes::prelude::*;
use serde_json::Value;
use std::path::{Component, Path};

/// Values as an option takes them: `6,5`.
pub fn list<T: ToString>(values: &[T]) -> String {
    let values: Vec<String> = values.iter().map(T::to_string).collect();
    values.join(",")
}

/// A value of a JSON file as an option takes it.
pub fn value(json: &Value) -> String {
    match json {
        Value::String(text) => text.clone(),
        Value::Array(values) => list(&values.iter().map(value).collect::<Vec<_>>()),
        json => json.to_string(),
    }
}

/// The option of a setting: that of `batch_size` is `--batch-size`.
pub fn option(setting: &str) -> String {
    format!("--{}", setting.replace('_', "-"))
}

/// The widths of a model's encoder: 784 – 400 – 40.
pub fn widths(d_data: usize, hidden: &[usize], d_latent: usize) -> String {
    let widths = [&[d_data][..], hidden, &[d_latent]].concat();
    let widths: Vec<String> = widths.iter().map(usize::to_string).collect();
    widths.join(" – ")
}

/// What is trained.
pub fn training(config: &VaeConfig, objective: &Objective) -> String {
    let weights = match config.uncertainty {
        Uncertainty::None => "fixed weights",
        Uncertainty::Encoder => "random weights in the encoder",
        Uncertainty::Decoder => "random weights in the decoder",
        Uncertainty::EncoderAndDecoder => "random weights",
    };
    let mut networks = widths(config.d_data, &config.hidden, config.d_latent);
    let mut below = config.d_latent;
    for layer in &config.above {
        let above = widths(below, &layer.hidden, layer.d_latent);
        networks = format!("{networks} and {above}");
        below = layer.d_latent;
    }
    format!(
        "networks {networks}, {weights}, bound: {}, k = {}",
        objective.bound.name(),
        objective.num_samples
    )
}

/// The last names of a path: what it is called.
pub fn end_of_path(path: &Path, count: usize) -> String {
    // A relative path may have none: `.`.
    let path = path.canonicalize().unwrap_or_else(|_| path.into());
    let names = path.components().filter_map(|part| match part {
        Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
        _ => None,
    });
    let names: Vec<String> = names.collect();
    match names.len() {
        0 => path.display().to_string(),
        all => names[all.saturating_sub(count)..].join("/"),
    }
}
