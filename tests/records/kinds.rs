//! Models of every kind with their configurations.

use super::*;
use burn_bayes::{
    data::Rows,
    model::{load_weights, save_weights},
};
use std::fs;

fn columns() -> Columns {
    Columns::new([
        (Family::Normal(Scale::default()), 2),
        (Family::Categorical { classes: 3 }, 1),
        (Family::Poisson, 1),
    ])
}

fn table() -> IncompleteVaeConfig {
    IncompleteVaeConfig::new(columns(), 2)
        .with_hidden(vec![6, 5])
        .with_activation(Activation::Relu)
        .with_uncertainty(Uncertainty::EncoderAndDecoder)
}

fn ladder() -> LadderConfig {
    let layers = vec![
        Latents::new(3).with_hidden(vec![7]),
        Latents::new(2).with_hidden(vec![5]),
    ];
    LadderConfig::new(12, layers)
        .with_batch_norm(true)
        .with_separate_merge(true)
        .with_uncertainty(Uncertainty::Encoder)
}

fn conditional() -> VaeConfig {
    config(Uncertainty::Decoder).with_above(vec![Latents::new(2).with_hidden(vec![4])])
}

/// A folder with a model of each kind: `Vae`, `ConditionalVae`, `IncompleteVae`, `Ladder`.
fn all(folder: &Path) {
    let (device, noise) = (device(), &mut Noise::seeded(1));
    let plain = config(Uncertainty::None);
    plain
        .init(&device, noise)
        .save(&plain, folder.join("Vae"))
        .unwrap();
    let model = conditional().init_conditional(2, &device, noise);
    model
        .save(&conditional(), folder.join("ConditionalVae"))
        .unwrap();
    let model = table().init(&device, noise);
    model.save(&table(), folder.join("IncompleteVae")).unwrap();
    let model = ladder().init(&device, noise);
    model.save(&ladder(), folder.join("Ladder")).unwrap();
}

/// Parameters and log-weights of a batch are equal to the bit.
fn assert_same<D: Rows, M: LatentVariableModel<D> + Module>(one: &M, other: &M, x: D) {
    assert!(bits(one) == bits(other), "other parameters");
    let weigh = |model: &M| {
        let log_weights = model.log_weights(x.clone(), 4, &mut Noise::seeded(5));
        log_weights
            .total()
            .into_data()
            .iter::<f32>()
            .collect::<Vec<_>>()
    };
    assert_eq!(weigh(one), weigh(other));
    assert!(weigh(one).iter().all(|number| number.is_finite()));
}

#[test]
fn models_with_covariates_round_trip() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("new/model");
    let model = conditional().init_conditional(2, &device(), &mut Noise::seeded(1));
    model.save(&conditional(), &dir).unwrap();
    let (read, same) = ConditionalVae::load(&dir, &device()).unwrap();
    assert_eq!(read.to_string(), conditional().to_string());
    assert_eq!(same.num_covariates(), 2);
    let (c, x) = (
        Tensor::ones([3, 2], &device()),
        Tensor::ones([3, 12], &device()),
    );
    assert_same(&model, &same, (c, x));
    // Saving again replaces; nothing is left beside the two files.
    let other = conditional().init_conditional(2, &device(), &mut Noise::seeded(2));
    other.save(&conditional(), &dir).unwrap();
    assert_eq!(fs::read_dir(&dir).unwrap().count(), 2);
    let (_, same) = ConditionalVae::load(&dir, &device()).unwrap();
    assert_eq!(bits(&same), bits(&other));
}

#[test]
fn models_of_missing_cells_round_trip() {
    let folder = tempfile::tempdir().unwrap();
    let model = table().init(&device(), &mut Noise::seeded(1));
    model.save(&table(), folder.path()).unwrap();
    let (read, same) = IncompleteVae::load(folder.path(), &device()).unwrap();
    assert_eq!(read.to_string(), table().to_string());
    let x = [[0.5, f32::NAN, 2.0, 4.0], [f32::NAN; 4]];
    assert_same(&model, &same, Tensor::from_floats(x, &device()));
}

/// Statistics of batches are no parameters, and are kept all the same.
#[test]
fn ladders_round_trip() {
    let folder = tempfile::tempdir().unwrap();
    let x = Tensor::<2>::from_floats([[0.0; 12], [1.0; 12]], &device());
    let training = ladder().init(&device().autodiff(), &mut Noise::seeded(1));
    let fresh = training.valid();
    let _ = training.log_weights(Tensor::from_inner(x.clone()), 2, &mut Noise::seeded(3));
    let model = training.valid();
    let first = |model: &Ladder| {
        let log_weights = model.log_weights(x.clone(), 1, &mut Noise::seeded(5));
        log_weights.total().into_data().iter::<f32>().next()
    };
    assert_ne!(first(&model), first(&fresh), "the batch left nothing");
    // Whether it is training or not.
    for model in [&model, &training] {
        model.save(&ladder(), folder.path()).unwrap();
        let (read, same) = Ladder::load(folder.path(), &device()).unwrap();
        assert_eq!(read.to_string(), ladder().to_string());
        assert_same(&training.valid(), &same, x.clone());
        let path = folder.path().join("weights.bpk");
        let same = load_weights(ladder().init(&device(), &mut Noise::seeded(2)), &path).unwrap();
        assert_same(&training.valid(), &same, x.clone());
    }
    // On a device with autodiff it goes on as one that was never saved.
    let (_, again) = Ladder::load(folder.path(), &device().autodiff()).unwrap();
    assert_eq!(again.to_string(), training.to_string());
    // Units that are switched off are in no configuration.
    let off = model.without_units(&[vec![0], vec![]]).unwrap();
    let error = off.save(&ladder(), folder.path()).unwrap_err().to_string();
    assert!(error.contains("off"), "{error}");
}

/// What the last training forward has found belongs to the model, also without `valid` before.
#[test]
fn running_averages_are_saved_and_replaced_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("fresh.bpk");
    let x = Tensor::<2>::from_floats([[0.0; 12], [1.0; 12]], &device());
    let make = || ladder().init(&device().autodiff(), &mut Noise::seeded(1));
    let trained = || {
        let model = make();
        let _ = model.log_weights(Tensor::from_inner(x.clone()), 2, &mut Noise::seeded(3));
        model
    };
    let training = trained();
    training.save(&ladder(), folder.path()).unwrap();
    let (_, same) = Ladder::load(folder.path(), &device()).unwrap();
    assert_same(&training.valid(), &same, x.clone());
    assert!(
        bits(&same) != bits(&make().valid()),
        "the batch left nothing"
    );

    save_weights(&make(), &path).unwrap();
    let replaced = load_weights(trained(), &path).unwrap();
    assert_same(&make().valid(), &replaced.valid(), x);
}

#[test]
fn half_records_of_other_kinds_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let [one, two, three] = ["one", "two", "three"].map(|name| folder.path().join(name));
    let (device, noise) = (device(), &mut Noise::seeded(1));
    let conditional_vae = conditional().init_conditional(2, &device, noise);
    conditional_vae.save_half(&conditional(), &one).unwrap();
    let incomplete = table().init(&device, noise);
    incomplete.save_half(&table(), &two).unwrap();
    let laddered = ladder().init(&device, noise);
    laddered.save_half(&ladder(), &three).unwrap();
    let near = |one: Vec<u32>, other: Vec<u32>| {
        assert_eq!(one.len(), other.len());
        for (one, other) in one.into_iter().zip(other) {
            let (one, other) = (f32::from_bits(one), f32::from_bits(other));
            // Of 11 bits, or of the smallest step near 0.
            let step = (one.abs() / 2048.0).max(2f32.powi(-25));
            assert!((one - other).abs() <= step, "{one} became {other}");
        }
    };
    let (_, read) = ConditionalVae::load(&one, &device).unwrap();
    near(bits(&conditional_vae), bits(&read));
    let (_, read) = IncompleteVae::load(&two, &device).unwrap();
    near(bits(&incomplete), bits(&read));
    let (_, read) = Ladder::load(&three, &device).unwrap();
    near(bits(&laddered), bits(&read));
}

#[test]
fn models_of_another_kind_are_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    all(folder.path());
    fn message<T>(loaded: burn_bayes::Result<T>) -> Option<String> {
        loaded.err().map(|error| error.to_string())
    }
    for kind in ["Vae", "ConditionalVae", "IncompleteVae", "Ladder"] {
        let dir = &folder.path().join(kind);
        let device = &device();
        for (other, error) in [
            ("Vae", message(Vae::load(dir, device))),
            ("ConditionalVae", message(ConditionalVae::load(dir, device))),
            ("IncompleteVae", message(IncompleteVae::load(dir, device))),
            ("Ladder", message(Ladder::load(dir, device))),
        ] {
            if kind == other {
                assert_eq!(error, None);
                continue;
            }
            let error = error.unwrap_or_else(|| panic!("a {kind} was loaded as a {other}"));
            let words = [
                "weights.bpk",
                &format!("holds a `{kind}`, no `{other}`"),
                &format!("load it by `{kind}::load`"),
            ];
            assert!(words.iter().all(|word| error.contains(word)), "{error}");
        }
    }
}

#[test]
fn configurations_of_other_models_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("model");
    let refused = |saved: burn_bayes::Result<()>, words: [&str; 2]| {
        let error = saved.unwrap_err().to_string();
        assert!(error.contains("`config` makes another model"), "{error}");
        assert!(words.iter().all(|word| error.contains(word)), "{error}");
        assert!(!dir.exists(), "{error}");
    };
    let noise = &mut Noise::seeded(1);
    let model = conditional().init_conditional(2, &device(), noise);
    let other = conditional().with_activation(Activation::Relu);
    refused(model.save(&other, &dir), ["Relu", "Tanh"]);
    let model = table().init(&device(), noise);
    let mut groups = columns().groups().to_vec();
    groups[2].0 = Family::Bernoulli; // of as many outputs
    let mut other = table();
    other.columns = Columns::new(groups);
    refused(model.save(&other, &dir), ["Poisson", "Bernoulli"]);
    let model = ladder().init(&device(), noise);
    let other = ladder().with_separate_merge(false);
    refused(model.save(&other, &dir), ["merge", "in `down"]);
}

/// What is read is checked: a note is no better than its file.
#[test]
fn settings_that_cannot_be_are_refused_when_they_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let (dir, path) = (folder.path(), folder.path().join("model.json"));
    let model = table().init(&device(), &mut Noise::seeded(1));
    model.save(&table(), dir).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    // Without the note, as in a checkpoint, the file is read.
    save_weights(&model, dir.join("weights.bpk")).unwrap();
    for (old, new, words) in [
        ("\"d_latent\": 2", "\"d_latent\": 0", "`d_latent` is 0"),
        ("\"classes\": 3", "\"classes\": 1", "classes"),
        ("\"format\": 2", "\"format\": 3", "format 3"),
        (
            "\"d_latent\": 2",
            "\"latents\": 2",
            "a field `latents`, which is not known",
        ),
        (
            "\"d_latent\": 2",
            "\"d_latent\": 9000000000000000000",
            "too small for the weights",
        ),
        ("\"columns\"", "\"kinds\"", "`kinds`, which is not known"),
        // A default in place of a misspelled value would be another model.
        (
            "\"activation\"",
            "\"activaton\"",
            "`activaton`, which is not known",
        ),
    ] {
        assert!(text.contains(old), "{text}");
        fs::write(&path, text.replace(old, new)).unwrap();
        let error = IncompleteVae::load(dir, &device()).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
    fs::write(&path, text).unwrap();
    let (_, same) = IncompleteVae::load(dir, &device()).unwrap();
    assert_eq!(bits(&same), bits(&model));
}

/// A configuration makes what parts made by hand are, number by number.
#[test]
fn a_model_of_missing_cells_is_its_parts() {
    let noise = &mut Noise::seeded(1);
    let encoder = GaussianEncoder::new(&MlpConfig::new(8, vec![6, 5], 2), &device(), noise);
    let down = MlpConfig::new(2, vec![5, 6], 4);
    let decoder = ColumnsDecoder::new(&down, columns(), &device(), noise);
    let parts = IncompleteVae::from_parts(encoder, StandardNormal::new(2), decoder);
    let config = IncompleteVaeConfig::new(columns(), 2).with_hidden(vec![6, 5]);
    let made = config.init(&device(), &mut Noise::seeded(1));
    assert_eq!(bits(&made), bits(&parts));
    assert_eq!(made.to_string(), parts.to_string());
    // So weights of such parts go into it, and it is saved whole from then on.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("made/earlier.bpk");
    save_weights(&parts, &path).unwrap();
    let loaded = load_weights(config.init(&device(), &mut Noise::seeded(2)), &path).unwrap();
    loaded.save(&config, folder.path()).unwrap();
    let (_, same) = IncompleteVae::load(folder.path(), &device()).unwrap();
    assert_eq!(bits(&same), bits(&parts));
}
