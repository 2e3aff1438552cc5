//! What the programs call things.

use crate::{assert_pictures, program::data, succeed};
use std::fs;

/// What a program is, and what it takes, stands in its help.
#[test]
fn help_says_what_there_is() {
    let folder = tempfile::tempdir().unwrap();
    let help = |name: &str| succeed(name, &["--help"], folder.path());
    assert!(help("training_loop").contains("by a loop of its own"));
    assert!(!help("ring").contains("--data-dir"));
    assert!(help("manifold").contains("Frey faces"));
    // Its models are of two types.
    assert!(!help("ladder").contains("--model"));
    assert!(help("hierarchy").contains("--model"));
}

/// A model that is given has the name of its folder, whatever another one would be that the program
/// trains.
#[test]
fn given_models_are_called_by_their_folders() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let drawn = ["--points", "300", "--pixels", "4"];
    let trained = [&drawn[..], &["--epochs", "1", "--k", "3"]].concat();
    let text = succeed("ring", &trained, here);
    assert!(
        text.contains("fixed weights, bound: VAE, k = 1, 1 epochs"),
        "{text}"
    );
    let given = [&drawn[..], &["--model", "runs/ring/iwae"]].concat();
    let text = succeed("ring", &given, here);
    assert!(
        text.contains("\nring/iwae: KL(p || model)") && !text.contains("VAE:"),
        "{text}"
    );
}

/// Data that are not MNIST are no digits, and files that are called as MNIST's go by their folder.
#[test]
fn other_data_have_their_own_names() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let data = data(here);
    let letters = here.join("letters");
    fs::rename(&data, &letters).unwrap();
    let whole = letters.canonicalize().unwrap();
    let small = ["--images", "4", "--draws", "2", "--samples", "2"];
    let mut arguments = vec!["--data-dir", "letters", "--epochs", "1"];
    arguments.extend(["--others", "letters"]);
    let text = succeed(
        "out_of_distribution",
        &[&arguments[..], &small].concat(),
        here,
    );
    assert!(
        text.contains(&format!("Data: not MNIST: {}.\n", whole.display())),
        "{text}"
    );
    for name in [
        "\nletters test  ",
        "\nletters training  ",
        "\ninverted images  ",
    ] {
        assert!(text.contains(name), "{name:?}: {text}");
    }
    assert!(!text.contains("digits"), "{text}");
}

/// One latent has no plane to be drawn in.
#[test]
fn a_single_latent_has_no_picture_of_pairs() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let data = data(here);
    let arguments = ["--data-dir", &data, "--epochs", "1", "--latent", "1"];
    succeed("latent_space", &arguments, here);
    let out = here.join("runs/latent_space");
    assert_pictures(&out, &["traversals.png", "activity.png"]);
    assert!(!out.join("latents.png").exists());
}
