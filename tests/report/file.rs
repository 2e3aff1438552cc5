//! A report's file: what survives in it, and how a report goes on from it.

use super::*;
use crate::unfinished::{key_and_passes, marked, write_checked};
use std::fs;

#[test]
fn a_report_survives_its_file_and_numbers_that_are_none() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("report.json");
    let data = binary_rows(5, 5);
    let mut original = report(&model(Uncertainty::EncoderAndDecoder), &data, &quiet(30)).unwrap();
    original.log_likelihood.values[0] = f64::NEG_INFINITY;
    original.parts.log_likelihood = f64::NEG_INFINITY;
    original.posterior_mean.as_mut().unwrap().standard_error = f64::NAN;
    original.log_likelihood.pareto_k[1] = f64::INFINITY;
    original.parts.encoder_weight_kl = Some(f64::NAN);
    original.parts.decoder_weight_kl = None;
    original.weights[0].quantiles[4] = f64::INFINITY;
    original.weights[0].prunable = f64::NAN;
    original.weights[0].mean_std = f64::INFINITY;
    original.save(&path).unwrap();
    let loaded = Report::load(&path).unwrap();
    let (a, b) = (&loaded.log_likelihood, &original.log_likelihood);
    assert_eq!(
        (a.values[0], a.pareto_k[1]),
        (f64::NEG_INFINITY, f64::INFINITY)
    );
    for (a, b) in a.values[1..].iter().zip(&b.values[1..]) {
        assert!((a - b).abs() < 1e-14 * b.abs());
    }
    assert_eq!(loaded.to_string(), original.to_string());
    assert!(loaded.parts.encoder_weight_kl.unwrap().is_nan());
    assert_eq!(loaded.parts.decoder_weight_kl, None);
    let layer = &loaded.weights[0];
    assert_eq!(
        (layer.quantiles[4], layer.mean_std),
        (f64::INFINITY, f64::INFINITY)
    );
    assert!(layer.prunable.is_nan());
    assert!(compare(&loaded, &original).is_ok());
    assert!(original.warnings()[0].contains("not finite"));

    let json: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    assert_eq!(json["summary"]["num_datapoints"], 5);
    fs::write(&path, "{}").unwrap();
    assert!(
        Report::load(&path)
            .unwrap_err()
            .to_string()
            .contains("report.json")
    );
}

/// A report that was stopped half-way goes on and ends as if it had not been; another model is
/// noticed.
#[test]
fn a_report_goes_on_where_it_was_stopped() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("part.json");
    let data = binary_rows(10, 5);
    let mut settings = quiet(30).with_resume(&path);
    settings.sampling.rows_per_chunk = 2;
    let whole = report(&model(Uncertainty::Encoder), &data, &settings).unwrap();

    // Cut what was saved back to 4 rows of the first pass, which are marked so that a visit would
    // show.
    let four = dir.path().join("four.json");
    let head = settings.clone().with_resume(&four);
    report(&model(Uncertainty::Encoder), &data.rows(0..4), &head).unwrap();
    let ([key, full], [_, four]) = (key_and_passes(&path), key_and_passes(&four));
    assert_ne!(full, four);
    let end = four.find(r#","weights at their mean":"#).unwrap();
    let four = format!("{}}}", marked(&four[..end]));
    write_checked(&path, &key, &four);

    let resumed = report(&model(Uncertainty::Encoder), &data, &settings).unwrap();
    assert_eq!(
        resumed.log_likelihood.values[0], -1.25,
        "done rows are not visited again"
    );
    for (a, b) in (resumed.log_likelihood.values.iter())
        .zip(&whole.log_likelihood.values)
        .skip(1)
    {
        assert!((a - b).abs() < 1e-12);
    }
    assert_eq!(resumed.layers[0].variances.len(), 3);
    for (a, b) in resumed.layers[0]
        .variances
        .iter()
        .zip(&whole.layers[0].variances)
    {
        assert!((a - b).abs() < 1e-12);
    }

    let other = report(&model(Uncertainty::None), &data, &settings).unwrap_err();
    assert!(other.to_string().contains("another model"), "{other}");
    let with_train = |seed, name| {
        let settings = settings.clone().with_resume(dir.path().join(name));
        let train = binary_rows(8, seed);
        report_with_train(&model(Uncertainty::Encoder), &data, &train, &settings)
    };
    with_train(6, "train.json").unwrap();
    let other = with_train(7, "train.json").unwrap_err();
    assert!(other.to_string().contains("settings or data"), "{other}");
    let other = settings.clone().with_seed(5);
    let other = report(&model(Uncertainty::Encoder), &data, &other).unwrap_err();
    assert!(other.to_string().contains("settings or data"), "{other}");
}

/// What was saved of one model is not taken for another's, however near it is.
#[test]
fn a_report_goes_on_only_with_the_same_model() {
    let dir = tempfile::tempdir().unwrap();
    let refused = |name: &str, first: &Vae, second: &Vae, data: &Datapoints| {
        let settings = quiet(30).with_resume(dir.path().join(name));
        report(first, data, &settings).unwrap();
        assert!(report(first, data, &settings).is_ok());
        let error = report(second, data, &settings).unwrap_err();
        assert!(error.to_string().contains("another model"), "{error}");
    };

    let (original, mut near) = (model(Uncertainty::None), model(Uncertainty::None));
    let Dense::Deterministic(layer) = &mut near.encoder.network.layers[0] else {
        unreachable!()
    };
    layer.weight = Param::from_tensor(layer.weight.val() * 1.000001);
    refused("near.json", &original, &near, &binary_rows(10, 5));

    // The decoder's scale is no parameter.
    let scaled = |std| {
        VaeConfig::new(3, 2)
            .with_likelihood(Family::Normal(Scale::Fixed { std }))
            .init(&device(), &mut Noise::seeded(1))
    };
    let data = exact_rows(&Exact::new(&device()), 10);
    refused("scale.json", &scaled(0.5), &scaled(0.6), &data);

    // Nor does the first row tell it where its cell is missing.
    let columns = |std| {
        let real = Family::Normal(Scale::Fixed { std });
        Columns::new([(real, 1), (Family::Bernoulli, 1)])
    };
    let table =
        |std| IncompleteVaeConfig::new(columns(std), 2).init(&device(), &mut Noise::seeded(1));
    let rows = vec![f32::NAN, 1.0, 0.3, 0.0, -0.2, 1.0];
    let data = Datapoints::with_missing("table", rows, 2).unwrap();
    let settings = quiet(30).with_resume(dir.path().join("table.json"));
    report(&table(0.5), &data, &settings).unwrap();
    assert!(report(&table(0.5), &data, &settings).is_ok());
    let error = report(&table(0.6), &data, &settings).unwrap_err();
    assert!(error.to_string().contains("another model"), "{error}");
}

/// An encoder that gives NaN has a report, and one that goes on from its file.
#[test]
fn a_report_of_nan_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let mut broken = model(Uncertainty::None);
    let Dense::Deterministic(layer) = &mut broken.encoder.network.layers[1] else {
        unreachable!()
    };
    layer.weight = Param::from_tensor(layer.weight.val() * f32::NAN);
    let settings = quiet(30).with_resume(dir.path().join("part.json"));
    for _ in 0..2 {
        let found = report(&broken, &binary_rows(10, 5), &settings).unwrap();
        assert_eq!(found.summary().num_non_finite, 10);
        assert!(found.layers[0].variances.iter().all(|v| v.is_nan()));
        assert!(found.log_likelihood.pareto_k.iter().all(|k| k.is_nan()));
    }
}

/// Numbers that were changed in an unfinished report are refused, and do not panic.
#[test]
fn a_report_does_not_go_on_from_what_was_changed() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("part.json");
    let (data, settings) = (binary_rows(10, 5), quiet(30).with_resume(&path));
    let random = model(Uncertainty::Encoder);
    report(&random, &data, &settings).unwrap();
    let whole = fs::read_to_string(&path).unwrap();
    let [key, passes] = key_and_passes(&path);
    write_checked(&path, &key, &passes);
    assert_eq!(fs::read_to_string(&path).unwrap(), whole);
    let refused = || report(&random, &data, &settings).unwrap_err().to_string();

    // A digit of the first estimate.
    let digit = passes.find('.').unwrap() + 1;
    let other = if passes[digit..].starts_with('7') {
        "8"
    } else {
        "7"
    };
    let mut changed = passes.clone();
    changed.replace_range(digit..=digit, other);
    fs::write(&path, whole.replace(&passes, &changed)).unwrap();
    let message = refused();
    assert!(message.contains("part.json: is damaged"), "{message}");

    // Of more rows than there are, and of lists that do not fit, though the hash is right.
    for list in [
        "values\":[",
        "curve\":[[",
        "kl\":[[",
        "log_ratio\":[",
        "pareto_k\":[",
    ] {
        let longer = passes.replacen(list, &format!("{list}-1.5,"), 1);
        assert_ne!(longer, passes, "{list}");
        write_checked(&path, &key, &longer);
        let message = refused();
        assert!(message.contains("part.json: is damaged"), "{message}");
    }
    let eleven = dir.path().join("eleven.json");
    let longer = settings.clone().with_resume(&eleven);
    report(&random, &binary_rows(11, 5), &longer).unwrap();
    let [_, eleven] = key_and_passes(&eleven);
    write_checked(&path, &key, &eleven);
    let message = refused();
    assert!(message.contains("part.json: is damaged"), "{message}");
    fs::write(&path, whole).unwrap();
    report(&random, &data, &settings).unwrap();
}

/// A report's lists have a number for each datapoint, or it is not read.
#[test]
fn a_report_of_unequal_lists_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("report.json");
    let (data, train) = (binary_rows(5, 5), binary_rows(4, 6));
    let random = model(Uncertainty::EncoderAndDecoder);
    let original = report_with_train(&random, &data, &train, &quiet(30)).unwrap();
    original.save(&path).unwrap();
    let json: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    for (list, named) in [
        ("/log_likelihood/values", "log_likelihood"),
        ("/log_likelihood/pareto_k", "log_likelihood"),
        ("/curve/0/values", "curve"),
        ("/layers/0/variances", "layers"),
        ("/posterior_mean/rows", "posterior_mean"),
        ("/train/largest_shares", "train"),
    ] {
        let mut shorter = json.clone();
        let numbers = shorter["report"].pointer_mut(list).unwrap();
        numbers.as_array_mut().unwrap().pop();
        fs::write(&path, shorter.to_string()).unwrap();
        let message = Report::load(&path).unwrap_err().to_string();
        assert!(
            message.contains("report.json: is damaged") && message.contains(named),
            "{message}"
        );
    }

    // Nor are reports of different lengths compared.
    let mut shorter = original.clone();
    shorter.log_likelihood.values.pop();
    let error = compare(&original, &shorter).unwrap_err().to_string();
    assert!(error.contains("5 datapoints"), "{error}");
}

/// Hours of work are not lost for want of a folder.
#[test]
fn the_folder_of_a_reports_file_is_made() {
    let dir = tempfile::tempdir().unwrap();
    let [path, part] = ["a/b/report.json", "c/d/part.json"].map(|name| dir.path().join(name));
    let (data, settings) = (binary_rows(5, 5), quiet(30).with_resume(&part));
    let found = report(&model(Uncertainty::None), &data, &settings).unwrap();
    found.save(&path).unwrap();
    assert_eq!(Report::load(&path).unwrap().to_string(), found.to_string());
    assert!(part.exists());

    // A file is in the place of a folder: told before the first row is visited.
    let told = Arc::new(Mutex::new(0));
    let copy = told.clone();
    let progress = Progress::call(move |_| *copy.lock().unwrap() += 1);
    let settings = settings
        .with_progress(progress)
        .with_resume(path.join("part.json"));
    let error = report(&model(Uncertainty::None), &data, &settings).unwrap_err();
    let message = error.to_string();
    assert!(
        matches!(error, Error::Io { .. }) && message.contains("report.json"),
        "{message}"
    );
    assert_eq!(*told.lock().unwrap(), 0);
}
