//! Families of columns.

use super::*;
use burn_bayes::{
    distribution::{FullNormal, Joint},
    model::{load_weights, save_weights},
    progress::Progress,
    train::Run,
};

/// Three real columns, two binary ones, one of five classes, a count.
fn columns() -> Columns {
    Columns::new([
        (Family::Normal(Scale::default()), 3),
        (Family::Bernoulli, 2),
        (Family::Categorical { classes: 5 }, 1),
        (Family::Poisson, 1),
    ])
}

const ROW: [f32; 7] = [0.5, -1.0, 2.0, 1.0, 0.0, 4.0, 3.0];

/// Outputs for one sample of one row.
fn outputs(device: &Device) -> Tensor<3> {
    let numbers: Vec<f32> = (0..14).map(|i| (i as f32 * 1.7).sin()).collect();
    Tensor::from_data(TensorData::new(numbers, [1, 1, 14]), device)
}

/// Each group has its outputs, in order.
#[test]
fn a_table_is_its_columns_side_by_side() {
    let device = Device::default();
    let (columns, outputs) = (columns(), outputs(&device));
    assert_eq!(columns.num_outputs(7), 14);
    let p = columns.distribution(outputs.clone());
    let x = rows(&[ROW], &device).unsqueeze_dim::<3>(0);
    let (mut first, mut feature) = (0, 0);
    let (mut sum, mut each, mut means, mut variances) = (0.0, vec![], vec![], vec![]);
    for (family, count) in columns.groups() {
        let width = family.num_outputs(*count);
        let part = family.distribution(outputs.clone().narrow(2, first, width));
        let x = x.clone().narrow(2, feature, *count);
        sum += values(part.log_prob(x.clone()))[0];
        each.extend(values(part.log_prob_of_features(x).unwrap()));
        means.extend(values(part.mean()));
        variances.extend(values(part.variance()));
        (first, feature) = (first + width, feature + count);
    }
    assert_close("log p", &values(p.log_prob(x.clone())), &[sum], 1e-6);
    let features = values(p.log_prob_of_features(x).unwrap());
    assert_close("each feature", &features, &each, 1e-6);
    assert_close("their sum", &[features.iter().sum()], &[sum], 1e-6);
    assert_close("means", &values(p.mean()), &means, 1e-6);
    assert_close("variances", &values(p.variance()), &variances, 1e-6);
}

/// Samples are data of the columns and have their means; columns are independent.
#[test]
fn samples_of_a_table_are_such_rows() {
    let device = Device::default();
    let p = columns().distribution(outputs(&device));
    let (count, support) = (20_000, columns().support());
    let drawn = values(p.sample(count, &mut Noise::seeded(1)));
    let (means, variances) = (values(p.mean()), values(p.variance()));
    let column = |i: usize| drawn.iter().skip(i).step_by(7).copied();
    let scaled = |i: usize| {
        let (mean, scale) = (means[i], variances[i].sqrt());
        column(i).map(move |x| (x - mean) / scale)
    };
    for i in 0..7 {
        let kind = support.of_feature(i);
        assert!(column(i).all(|x| kind.contains(x as f32)), "column {i}");
        // Five standard errors, also below.
        let mean = scaled(i).sum::<f64>() / count as f64;
        assert!(
            mean.abs() < 5.0 / (count as f64).sqrt(),
            "column {i}: {mean}"
        );
        for j in 0..i {
            let products = scaled(i).zip(scaled(j)).map(|(a, b)| a * b);
            let correlation = products.sum::<f64>() / count as f64;
            let none = correlation.abs() < 5.0 / (count as f64).sqrt();
            assert!(none, "columns {i} and {j}: {correlation}");
        }
    }
}

/// One that depends on others has no density of its own.
#[test]
fn a_part_whose_features_depend_on_one_another_has_none() {
    let zeros = Tensor::<3>::zeros([1, 1, 2], &Device::default());
    let full = FullNormal::new(zeros.clone(), zeros.clone(), zeros.clone().narrow(2, 0, 1));
    let whole = Box::new(Normal::standard_like(&zeros));
    let p = Joint::new([(Box::new(full) as Box<dyn Distribution>, 2), (whole, 2)]);
    let x = Tensor::zeros([1, 1, 4], &Device::default());
    assert!(p.log_prob_of_features(x.clone()).is_none());
    // Four standard normal numbers at 0.
    let expected = -2.0 * std::f64::consts::TAU.ln();
    assert_close("log p", &values(p.log_prob(x)), &[expected], 1e-6);
}

#[test]
fn cells_of_another_support_are_refused_by_row_and_column() {
    let support = columns().support();
    let all: Vec<f32> = ROW.repeat(3);
    Datapoints::new("table", all.clone(), 7)
        .unwrap()
        .check(support.clone())
        .unwrap();
    for (feature, wrong, expected) in [
        (3, 0.5, "zeros and ones"),
        (5, 5.0, "classes from 0 to 4"),
        (6, -1.0, "counts"),
    ] {
        let mut values = all.clone();
        values[7 + feature] = wrong;
        let data = Datapoints::new("table", values, 7).unwrap();
        let error = data.check(support.clone()).unwrap_err().to_string();
        let place = format!("row 1, feature {feature} is {wrong}");
        assert!(
            error.contains(&place) && error.contains(expected),
            "{error}"
        );
    }
    let narrow = Datapoints::new("table", all[..6].to_vec(), 6).unwrap();
    let error = narrow.check(support).unwrap_err().to_string();
    assert!(error.contains("rows have 6 features"), "{error}");
}

#[test]
fn columns_are_checked_and_kept() {
    for (groups, named) in [
        (vec![], "no family"),
        (vec![(Family::Bernoulli, 0)], "no columns"),
        (vec![(Family::Categorical { classes: 1 }, 1)], "classes"),
    ] {
        let text = serde_json::json!({ "groups": groups }).to_string();
        let columns: Columns = serde_json::from_str(&text).unwrap();
        let error = columns.validate().unwrap_err().to_string();
        assert!(error.contains(named), "{error}");
    }
    let text = serde_json::to_string(&columns()).unwrap();
    assert_eq!(serde_json::from_str::<Columns>(&text).unwrap(), columns());
    let support = serde_json::to_string(&columns().support()).unwrap();
    let support: Support = serde_json::from_str(&support).unwrap();
    assert_eq!(support, columns().support());
}

/// A record has the columns, and goes into no model of others.
#[test]
fn weights_are_saved_and_loaded() {
    let make = |columns, seed| {
        let mut noise = Noise::seeded(seed);
        IncompleteVae::new(columns, 2, vec![4], &Device::default(), &mut noise)
    };
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("table.bpk");
    let saved = make(columns(), 1);
    save_weights(&saved, &path).unwrap();
    let loaded = load_weights(make(columns(), 2), &path).unwrap();
    let x = rows(&[ROW], &Device::default());
    let [a, b] = [saved, loaded].map(|model| {
        let log_weights = model.log_weights(x.clone(), 3, &mut Noise::seeded(3));
        values(log_weights.total())
    });
    assert_eq!(a, b);
    let mut groups = columns().groups().to_vec();
    groups[3].0 = Family::Bernoulli; // of as many outputs
    let error = load_weights(make(Columns::new(groups), 2), &path)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("Poisson") && error.contains("Bernoulli"),
        "{error}"
    );
}

/// A model of whole rows, as any other.
#[test]
fn a_table_is_trained_on() {
    let (device, mut noise) = (Device::default(), Noise::seeded(0));
    let encoder = GaussianEncoder::new(&MlpConfig::new(7, vec![8], 2), &device, &mut noise);
    let mlp = MlpConfig::new(2, vec![8], 7);
    let decoder = ColumnsDecoder::new(&mlp, columns(), &device, &mut noise);
    let model = Vae::from_parts(encoder, StandardNormal::new(2), decoder);
    let data = Datapoints::new("table", ROW.repeat(40), 7).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let run = Run::new(dir.path().join("run")).with_progress(Progress::Silent);
    let training = TrainingConfig::new(Objective::iwae(3))
        .with_epochs(20)
        .with_batch_size(8);
    let trained = training.fit(model, &data, None, run).unwrap();
    let bounds: Vec<f64> = trained.curve.iter().map(|line| line.train.bound).collect();
    assert!(bounds[19] > bounds[0] + 1.0, "{bounds:?}");
    let drawn = values(trained.model.sample(50, &mut noise));
    let support = columns().support();
    for (i, x) in drawn.into_iter().enumerate() {
        assert!(support.of_feature(i % 7).contains(x as f32), "{x}");
    }
}
