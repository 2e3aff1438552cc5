//! Configurations in files of earlier versions.

use super::*;
use std::fs;

/// Those in `corpus/format-1` and `format-2` are older than `above`, the first than `products`,
/// too.
#[test]
fn configurations_of_earlier_versions_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vae.json");
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/records/corpus");
    for format in ["format-1", "format-2"] {
        let text = fs::read_to_string(corpus.join(format).join("model.json")).unwrap();
        let saved: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert!(saved["model"].get("above").is_none());
        assert_eq!(
            saved["model"].get("products").is_none(),
            format == "format-1"
        );
        fs::write(&path, saved["model"].to_string()).unwrap();
        let config = VaeConfig::load(&path).unwrap();
        let expected = VaeConfig::new(3, 1).with_hidden(vec![2]);
        assert_eq!(config.to_string(), expected.to_string());
    }
}

#[test]
fn fields_that_are_not_there_have_their_defaults() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.json");
    let write = |text: &str| fs::write(&path, text).unwrap();

    write(r#"{ "d_data": 6, "d_latent": 3, "above": [{ "d_latent": 2 }] }"#);
    let config = VaeConfig::load(&path).unwrap();
    let expected = VaeConfig::new(6, 3).with_above(vec![Latents::new(2)]);
    assert_eq!(config.to_string(), expected.to_string());

    write(r#"{ "d_data": 6, "layers": [{ "d_latent": 3, "hidden": [8] }], "batch_norm": true }"#);
    let config = LadderConfig::load(&path).unwrap();
    let layers = vec![Latents::new(3).with_hidden(vec![8])];
    let expected = LadderConfig::new(6, layers).with_batch_norm(true);
    assert_eq!(config.to_string(), expected.to_string());

    write(r#"{ "columns": { "groups": [["Bernoulli", 4]] }, "d_latent": 2 }"#);
    let config = IncompleteVaeConfig::load(&path).unwrap();
    let expected = IncompleteVaeConfig::new(Columns::new([(Family::Bernoulli, 4)]), 2);
    assert_eq!(config.to_string(), expected.to_string());

    // What burn writes is read as it was.
    let config = config
        .with_hidden(vec![3])
        .with_activation(Activation::Relu);
    config.save(&path).unwrap();
    let same = IncompleteVaeConfig::load(&path).unwrap();
    assert_eq!(same.to_string(), config.to_string());
}

#[test]
fn what_is_no_configuration_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.json");
    for (text, words) in [
        (r#"{ "d_data": 6 }"#, "missing field `d_latent`"),
        (r#"{ "d_data": 6, "d_latent": 3, "hiden": [2] }"#, "`hiden`"),
        (r#"{ "d_data": 6, "d_latent": 0 }"#, "`d_latent` is 0"),
        (r#"{ "d_data": 6, "d_latent": -1 }"#, "-1"),
        (
            r#"{ "d_data": 6, "d_latent": 3, "above": [{}] }"#,
            "missing field `d_latent`",
        ),
        (
            r#"{ "d_data": 6, "d_latent": 3, "above": [{ "d_latent": 2, "width": 5 }] }"#,
            "`width`",
        ),
        ("{", "EOF"),
        ("[]", "config.json"),
        ("3", "config.json"),
    ] {
        fs::write(&path, text).unwrap();
        let error = VaeConfig::load(&path).unwrap_err().to_string();
        assert!(error.contains(words), "{text}: {error}");
    }
    let error = VaeConfig::load(folder.path().join("none.json")).unwrap_err();
    assert!(error.to_string().contains("cannot read"), "{error}");
}
