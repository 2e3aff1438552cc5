//! Records of other versions, and damaged ones, as files.
//!
//! `corpus/format-1` and `format-2` are as commit 3edb793 wrote them (format 1 has no `products`):
//! with burn's own writer, and other names of parameters. `corpus/damaged` holds sealed records,
//! each with the damage of its name.

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
    let whole = config.load_weights(corpus("damaged/whole.bpk"), &device());
    assert_eq!(bits(&whole.unwrap()), bits(&model));
    let mut count = 0;
    for entry in fs::read_dir(corpus("damaged")).unwrap() {
        let path = entry.unwrap().path();
        if path.ends_with("whole.bpk") {
            continue;
        }
        let message = config
            .load_weights(&path, &device())
            .unwrap_err()
            .to_string();
        let name = path.file_name().unwrap().to_str().unwrap();
        assert!(
            message.contains(name) && message.contains("damaged"),
            "{message}"
        );
        count += 1;
    }
    assert!(count >= 6);
}

/// Writes the damaged records anew: `cargo test --test records -- --ignored`.
#[test]
#[ignore = "writes files into the repository"]
fn write_damaged_records() {
    let (config, model) = expected();
    let folder = tempfile::tempdir().unwrap();
    model.save(&config, folder.path()).unwrap();
    let whole = fs::read(folder.path().join("weights.bpk")).unwrap();
    let length = whole.len();
    let flipped = |index: usize| {
        let mut bytes = whole.clone();
        bytes[index] ^= 0x10;
        bytes
    };
    let name = whole
        .windows(6)
        .position(|bytes| bytes == b"weight")
        .unwrap();
    let note = whole
        .windows(10)
        .position(|bytes| bytes == b"activation")
        .unwrap();
    let dir = corpus("damaged");
    fs::create_dir_all(&dir).unwrap();
    for (name, bytes) in [
        ("whole", whole.clone()),
        ("flipped-header", flipped(0)),
        ("flipped-name", flipped(name)),
        ("flipped-weight", flipped(note - 300)),
        ("flipped-note", flipped(note)),
        ("flipped-checksum", flipped(length - 9)),
        ("flipped-mark", flipped(length - 1)),
        ("cut-seal", whole[..length - 40].to_vec()),
        ("appended", [&whole[..], b"x"].concat()),
    ] {
        fs::write(dir.join(format!("{name}.bpk")), bytes).unwrap();
    }
}
