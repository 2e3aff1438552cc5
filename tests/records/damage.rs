//! Damage is named, and nothing is guessed.

use super::*;
use std::fs;

#[test]
fn no_flipped_bit_goes_unseen() {
    let folder = tempfile::tempdir().unwrap();
    let config = config(Uncertainty::EncoderAndDecoder);
    let model = made(&config, 1);
    model.save(&config, folder.path()).unwrap();
    let path = folder.path().join("weights.bpk");
    let whole = fs::read(&path).unwrap();
    // Each byte, each time another bit of it.
    for (index, bit) in (0..whole.len()).zip((0..8).cycle()) {
        let mut bytes = whole.clone();
        bytes[index] ^= 1 << bit;
        fs::write(&path, bytes).unwrap();
        let message = load(folder.path()).unwrap_err();
        assert!(message.contains("weights.bpk"), "{message}");
        assert!(message.contains("is damaged"), "byte {index}: {message}");
    }
}

#[test]
fn files_that_are_cut_or_missing_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let config = config(Uncertainty::None);
    made(&config, 1).save(&config, folder.path()).unwrap();
    let path = folder.path().join("weights.bpk");
    let whole = fs::read(&path).unwrap();
    for length in [
        0,
        1,
        100,
        whole.len() / 2,
        whole.len() - 100,
        whole.len() - 1,
    ] {
        fs::write(&path, &whole[..length]).unwrap();
        let message = load(folder.path()).unwrap_err();
        assert!(message.contains("weights.bpk"), "{length}: {message}");
    }
    fs::remove_file(&path).unwrap();
    let message = load(folder.path()).unwrap_err();
    assert!(message.contains("weights.bpk"), "{message}");
    let message = config.load_weights(folder.path().join("none.bpk"), &device());
    let message = message.unwrap_err().to_string();
    assert!(message.contains("none.bpk"), "{message}");
}

/// Sizes for which no machine has the memory, and such that have no product.
#[test]
fn a_configuration_of_other_sizes_is_refused_before_it_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("weights.bpk");
    let small = config(Uncertainty::None);
    made(&small, 1).save(&small, folder.path()).unwrap();
    for width in [1_000_000_000_000, usize::MAX] {
        let large = config(Uncertainty::None).with_hidden(vec![width, 3]);
        let message = large
            .load_weights(&path, &device())
            .unwrap_err()
            .to_string();
        assert!(message.contains("too small for the weights"), "{message}");
        let above = vec![Latents::new(width)];
        let above = config(Uncertainty::None).with_above(above);
        assert!(above.load_weights(&path, &device()).is_err());
    }
    let classes = Family::Categorical { classes: u32::MAX };
    let many = config(Uncertainty::None).with_likelihood(classes);
    let message = many.load_weights(&path, &device()).unwrap_err().to_string();
    assert!(message.contains("too small for the weights"), "{message}");
}

/// `weights.bpk` alone is the model; the other file is for people.
#[test]
fn the_configuration_is_in_the_record() {
    let folder = tempfile::tempdir().unwrap();
    let config = config(Uncertainty::Encoder);
    let model = made(&config, 1);
    model.save(&config, folder.path()).unwrap();
    for text in [Some("{"), None] {
        let path = folder.path().join("model.json");
        match text {
            Some(text) => fs::write(&path, text).unwrap(),
            None => fs::remove_file(&path).unwrap(),
        }
        let (read, same) = Vae::load(folder.path(), &device()).unwrap();
        assert_eq!(read.to_string(), config.to_string());
        assert_eq!(bits(&same), bits(&model));
    }
}
