//! Records of other versions, and damaged ones, as files.
//!
//! `corpus/format-1` and `format-2` are as commit 3edb793 wrote them (format 1 has no `products`):
//! with burn's own writer, and other names of parameters. `corpus/sealed.bpk` has a seal, and is
//! damaged here in several ways.

use super::*;
use std::fs;

fn corpus(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/records/corpus")
        .join(name)
}

/// The configuration and the initial weights of all records there.
fn expected() -> (VaeConfig, Vae) {
    let config = VaeConfig::new(3, 1).with_hidden(vec![2]);
    let model = made(&config, 1);
    (config, model)
}

#[test]
fn records_of_earlier_formats_are_read() {
    let (config, model) = expected();
    let same = |format: &str, config: &VaeConfig, model: &Vae| {
        let (read, same) = Vae::load(corpus(format), &device()).unwrap();
        assert_eq!(read.to_string(), config.to_string());
        assert_eq!(bits(&same), bits(model));
    };
    same("format-1", &config, &model);
    same("format-2", &config, &model);
    let config = config
        .with_uncertainty(Uncertainty::EncoderAndDecoder)
        .with_likelihood(Family::Normal(Scale::default()));
    same("format-2-gaussian", &config, &made(&config, 1));
}

#[test]
fn a_record_of_the_future_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["model.json", "weights.bpk"] {
        fs::copy(corpus("format-2").join(name), folder.path().join(name)).unwrap();
    }
    let path = folder.path().join("model.json");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("\"format\": 2", "\"format\": 3")).unwrap();
    let message = load(folder.path()).unwrap_err();
    assert!(message.contains("format 3"), "{message}");
    fs::write(&path, "{").unwrap();
    let message = load(folder.path()).unwrap_err();
    assert!(message.contains("model.json"), "{message}");
}

#[test]
fn damaged_records_are_named() {
    let (config, model) = expected();
    let same = config.load_weights(corpus("sealed.bpk"), &device());
    assert_eq!(bits(&same.unwrap()), bits(&model));

    let whole = fs::read(corpus("sealed.bpk")).unwrap();
    let at = |word: &[u8]| {
        let mut places = whole.windows(word.len());
        places.position(|bytes| bytes == word).unwrap()
    };
    let flipped = |index: usize| {
        let mut bytes = whole.clone();
        bytes[index] ^= 0x10;
        bytes
    };
    let (length, note) = (whole.len(), at(b"activation"));
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in [
        ("flipped-header", flipped(0)),
        ("flipped-name", flipped(at(b"weight"))),
        ("flipped-weight", flipped(note - 300)),
        ("flipped-note", flipped(note)),
        ("flipped-checksum", flipped(length - 9)),
        ("flipped-mark", flipped(length - 1)),
        ("cut-seal", whole[..length - 40].to_vec()),
        ("appended", [&whole[..], b"x"].concat()),
    ] {
        let path = folder.path().join(format!("{name}.bpk"));
        fs::write(&path, bytes).unwrap();
        let error = config.load_weights(&path, &device()).unwrap_err();
        let message = error.to_string();
        assert!(
            message.contains(name) && message.contains("damaged"),
            "{message}"
        );
    }
}
