//! Weights.

use super::*;
use burn::tensor::{DType, TensorData};
use burn_bayes::{layer::Activation, model::safetensors_config};
use safetensors::{Dtype, serialize, tensor::TensorView};
use std::path::PathBuf;

/// The parameters, as a record of them holds them.
pub fn parameters<M: Module>(model: &M) -> Vec<(String, TensorData)> {
    let record = model.clone().into_record().into_bytes().unwrap();
    let tensors = burn_pack::Reader::from_bytes(record).unwrap();
    let parts = |tensor: burn_pack::Tensor| {
        let (name, dtype, shape, _, bytes) = tensor.into_parts().unwrap();
        (name, TensorData::from_bytes(bytes, shape, dtype))
    };
    let mut all: Vec<_> = (tensors.into_tensors().unwrap().into_iter())
        .map(parts)
        .collect();
    all.sort_by(|(a, _), (b, _)| a.cmp(b));
    all
}

fn in_folder(name: &str) -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(name);
    (dir, path)
}

fn error<T>(result: Result<T, Error>) -> String {
    result.err().expect("an error").to_string()
}

#[test]
fn weights_and_configuration_come_back() {
    for uncertainty in [Uncertainty::None, Uncertainty::EncoderAndDecoder] {
        let (_dir, path) = in_folder("made/if/need/be/model.safetensors");
        let config = config(uncertainty);
        let one = model(&config, 1);
        save_safetensors(&one, &config, &path).unwrap();
        let first = fs::read(&path).unwrap();
        let read: VaeConfig = safetensors_config(&path).unwrap();
        assert_eq!(read.to_string(), config.to_string());
        let other = model(&read, 2);
        assert_ne!(parameters(&other), parameters(&one));
        let same = load_safetensors(other, &path).unwrap();
        assert_eq!(parameters(&same), parameters(&one));
        // The file depends on nothing but the model.
        save_safetensors(&same, &config, &path).unwrap();
        assert_eq!(fs::read(&path).unwrap(), first);
    }
}

#[test]
fn any_model_will_do_without_a_configuration() {
    let (_dir, path) = in_folder("ladder.safetensors");
    let make = |seed| {
        LadderConfig::new(6, vec![Latents::new(3), Latents::new(2)])
            .init(&Device::default(), &mut Noise::seeded(seed))
    };
    save_safetensors(&make(1), &(), &path).unwrap();
    let same = load_safetensors(make(2), &path).unwrap();
    assert_eq!(parameters(&same), parameters(&make(1)));
    let none = error(safetensors_config::<VaeConfig>(&path));
    assert!(none.contains("has no configuration"), "{none}");

    let config = config(Uncertainty::None);
    save_safetensors(&model(&config, 1), &config, &path).unwrap();
    let other = error(safetensors_config::<AdamConfig>(&path));
    assert!(other.contains("has another configuration"), "{other}");
}

#[test]
fn a_model_that_prints_something_else_is_refused() {
    let (_dir, path) = in_folder("model.safetensors");
    let tanh = config(Uncertainty::None);
    save_safetensors(&model(&tanh, 1), &tanh, &path).unwrap();
    let relu = tanh.with_activation(Activation::Relu);
    let message = error(load_safetensors(model(&relu, 1), &path));
    assert!(message.contains("is of another model"), "{message}");
}

/// A file of another program, with what it changes of a model's parameters.
fn foreign(path: &Path, change: impl Fn(&str, TensorData) -> Option<(String, TensorData)>) {
    let all = parameters(&model(&config(Uncertainty::None), 1));
    let all: Vec<_> = (all.into_iter())
        .filter_map(|(name, data)| change(&name, data))
        .collect();
    let views = all.iter().map(|(name, data)| {
        let dtype = match data.dtype() {
            DType::F64 => Dtype::F64,
            _ => Dtype::F32,
        };
        let view = TensorView::new(dtype, data.shape().to_vec(), data.as_bytes());
        (name, view.unwrap())
    });
    fs::write(path, serialize(views, None).unwrap()).unwrap();
}

#[test]
fn files_of_other_programs_are_read_if_they_fit() {
    let (_dir, path) = in_folder("theirs.safetensors");
    let config = config(Uncertainty::None);
    let load = || load_safetensors(model(&config, 2), &path);
    // Wider numbers, too.
    foreign(&path, |name, data| {
        Some((name.into(), data.convert_dtype(DType::F64)))
    });
    assert_eq!(parameters(&load().unwrap()), parameters(&model(&config, 1)));
    let last = "decoder.network.layers.2.Deterministic.weight";
    foreign(&path, |name, data| {
        (name != last).then(|| (name.into(), data))
    });
    let missing = error(load());
    assert!(
        missing.contains("Missing") && missing.contains(last),
        "{missing}"
    );
    foreign(&path, |name, data| {
        let name = if name == last { "mine" } else { name };
        Some((name.into(), data))
    });
    let named_otherwise = error(load());
    assert!(named_otherwise.contains(last), "{named_otherwise}");
    foreign(&path, |name, data| {
        let (bytes, shape, dtype) = data.into_parts();
        let mut shape = shape.to_vec();
        shape.reverse(); // as PyTorch has it
        Some((name.into(), TensorData::from_bytes(bytes, shape, dtype)))
    });
    let transposed = error(load());
    assert!(transposed.contains("shape mismatch"), "{transposed}");
    assert!(transposed.contains("theirs.safetensors"), "{transposed}");
}

/// Any byte can stand for a truth value in the format, but two are none in Rust.
#[test]
fn bytes_that_are_no_truth_values_are_refused() {
    let (_dir, path) = in_folder("theirs.safetensors");
    let view = TensorView::new(Dtype::BOOL, vec![3], &[0, 1, 2]).unwrap();
    fs::write(&path, serialize([("mask", view)], None).unwrap()).unwrap();
    let message = error(load_safetensors(
        model(&config(Uncertainty::None), 1),
        &path,
    ));
    assert!(message.contains("`mask` has bytes"), "{message}");
}

#[test]
fn files_that_are_not_whole_are_refused() {
    let (_dir, path) = in_folder("model.safetensors");
    let config = config(Uncertainty::None);
    let load = || load_safetensors(model(&config, 2), &path);
    assert!(error(load()).contains("cannot read"));
    save_safetensors(&model(&config, 1), &config, &path).unwrap();
    let whole = fs::read(&path).unwrap();
    for bytes in [&whole[..whole.len() - 1], &whole[..100], &whole[..3], b""] {
        fs::write(&path, bytes).unwrap();
        let message = error(load());
        assert!(
            message.contains("is no whole safetensors file"),
            "{message}"
        );
    }
    // Results are no weights.
    results::report().arrays().save(&path).unwrap();
    let message = error(load());
    assert!(message.contains("Missing"), "{message}");
}

/// A model of one's own may have names that older records of this crate had.
#[test]
fn names_of_other_models_stay() {
    #[derive(Module, Debug)]
    struct Inner {
        mlp: Mlp,
    }
    #[derive(Module, Debug)]
    struct Mine {
        encoder: Inner,
    }
    let mine = |seed| {
        let noise = &mut Noise::seeded(seed);
        let mlp = MlpConfig::new(3, vec![4], 2).init(&Device::default(), noise);
        Mine {
            encoder: Inner { mlp },
        }
    };
    let (_dir, path) = in_folder("mine.safetensors");
    let views: Vec<_> = parameters(&mine(1));
    assert!(views[0].0.starts_with("encoder.mlp."), "{}", views[0].0);
    let views = views.iter().map(|(name, data)| {
        let view = TensorView::new(Dtype::F32, data.shape().to_vec(), data.as_bytes());
        (name.clone(), view.unwrap())
    });
    fs::write(&path, serialize(views, None).unwrap()).unwrap();
    let same = load_safetensors(mine(2), &path).unwrap();
    assert_eq!(parameters(&same), parameters(&mine(1)));
}
