//! What cannot be drawn, and options that are of no use.

use crate::{fail, program::data, succeed};
use burn_bayes::{model::Latents, prelude::*};
use std::fs;

#[test]
fn what_cannot_be_drawn_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let data = data(folder.path());
    let here = folder.path();
    let text = fail(
        "manifold",
        &["--data-dir", &data, "--model", "nowhere"],
        here,
    );
    assert!(text.contains("nowhere"), "{text}");
    let text = fail(
        "manifold",
        &["--data-dir", &data, "--model", "a", "--model", "b"],
        here,
    );
    assert!(text.contains("--model"), "{text}");
    let empty = here.join("empty");
    fs::create_dir(&empty).unwrap();
    let empty = empty.to_str().unwrap();
    let text = fail(
        "out_of_distribution",
        &["--data-dir", &data, "--others", empty],
        here,
    );
    assert!(text.contains("holds no IDX file"), "{text}");
    // Five sets are the program's own, and there are two in the folder.
    let many = ["--others", &data, "--others", &data, "--others", &data];
    let many = [&["--data-dir", &data][..], &many].concat();
    let text = fail("out_of_distribution", &many, here);
    assert!(text.contains("`--others` gives 11"), "{text}");
    assert!(!here.join("runs").exists());

    // A model with three latents has no plane; one with fixed weights no uncertain ones.
    let small = ["--epochs", "1", "--latent", "3", "--out", "three"];
    let small = [&["--data-dir", &data][..], &small].concat();
    succeed("latent_space", &small, here);
    let three = ["--data-dir", &data, "--model", "three/vae"];
    let text = fail("manifold", &three, here);
    assert!(text.contains("3 latent variables"), "{text}");
    for name in ["uncertain_weights", "out_of_distribution"] {
        let text = fail(name, &three, here);
        assert!(text.contains("fixed weights"), "{text}");
    }
    // The folder of a run is no model, but it has one.
    let text = fail("manifold", &["--data-dir", &data, "--model", "three"], here);
    assert!(text.contains("three/vae"), "{text}");

    // The ring's plane of latents and Gaussian decoder.
    let real = Family::Normal(Scale::default());
    let above = |d_data| VaeConfig::new(d_data, 2).with_above(vec![Latents::new(1)]);
    for (config, expected) in [
        (VaeConfig::new(2, 3).with_likelihood(real), "3 latent"),
        (VaeConfig::new(2, 2), "binary data"),
        (above(2).with_likelihood(real), "2 stochastic layers"),
    ] {
        let model = config.init(&Device::default(), &mut Noise::seeded(0));
        model.save(&config, here.join("other")).unwrap();
        let arguments = ["--model", "other", "--points", "300", "--pixels", "4"];
        let text = fail("ring", &arguments, here);
        assert!(text.contains(expected), "{text}");
    }
    // A plane of latents below others is not laid out by its own prior.
    let config = above(784);
    let model = config.init(&Device::default(), &mut Noise::seeded(0));
    model.save(&config, here.join("layers")).unwrap();
    let layers = ["--data-dir", &data, "--model", "layers"];
    let text = fail("manifold", &layers, here);
    assert!(text.contains("2 stochastic layers"), "{text}");
}

/// Numbers that nothing can be made of, and options that a given model leaves without use: refused
/// by name before anything is read.
#[test]
fn options_are_checked_first() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    for (name, option, value) in [
        ("ring", "--k", "0"),
        ("ring", "--points", "1"),
        ("ring", "--pixels", "0"),
        ("manifold", "--cells", "0"),
        ("manifold", "--cells", "400"),
        ("manifold", "--epochs", "0"),
        ("latent_space", "--latent", "0"),
        ("uncertain_weights", "--initial-weight-std", "-1"),
        ("out_of_distribution", "--images", "1"),
        ("training_loop", "--steps", "1"),
        ("hierarchy", "--k", "0"),
        ("hierarchy", "--eval-images", "1"),
        ("ladder", "--epochs", "0"),
        ("ladder", "--eval-samples", "0"),
    ] {
        let text = fail(name, &[option, value], here);
        assert!(text.contains(option), "{name} {option}: {text}");
    }
    let text = fail("training_loop", &["--device", "abacus"], here);
    assert!(text.contains("abacus"), "{text}");
    for (name, useless) in [
        ("ring", &["--k", "3"][..]),
        ("ring", &["--resume"]),
        ("hierarchy", &["--k", "3"]),
        ("samples", &["--epochs", "1"]),
        ("latent_space", &["--latent", "3"]),
        ("uncertain_weights", &["--initial-weight-std", "0.1"]),
    ] {
        let text = fail(name, &[&["--model", "some"][..], useless].concat(), here);
        assert!(text.contains(useless[0]), "{name}: {text}");
        assert!(text.contains("--model"), "{name}: {text}");
    }
    assert!(!here.join("runs").exists());
}
