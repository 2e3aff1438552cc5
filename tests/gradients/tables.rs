//! Tables: densities of features, and missing cells.

use super::*;
use burn_bayes::network::NormalHead;

/// A family, and a value of its data.
fn families() -> Vec<(Family, f64)> {
    let min_log_scale = -7.0;
    vec![
        (Family::Bernoulli, 1.0),
        (Family::Normal(Scale::default()), 0.3),
        (Family::ContinuousBernoulli, 0.8),
        (Family::Laplace { min_log_scale }, -0.4),
        (
            Family::StudentT {
                df: 3.0,
                min_log_scale,
            },
            1.2,
        ),
        (Family::Beta, 0.7),
        (Family::Poisson, 2.0),
        (Family::NegativeBinomial, 3.0),
        (Family::ZeroInflatedNegativeBinomial, 0.0),
        (Family::Categorical { classes: 3 }, 2.0),
        (
            Family::DiscretizedLogistic {
                components: 2,
                levels: 5,
                min_log_scale,
            },
            0.5,
        ),
    ]
}

/// One column of each family, all outputs.
#[test]
fn columns() {
    if !has_f64() {
        return;
    }
    device();
    let families = families();
    let row: Vec<f64> = families.iter().map(|(_, x)| *x).collect();
    let features = row.len();
    let columns = Columns::new(families.into_iter().map(|(family, _)| (family, 1)));
    let outputs = columns.num_outputs(features);
    let data = TensorData::new(row.repeat(2), [1, 2, features]);
    let x = Tensor::<3>::from_data(data, &device());
    let at: Tensor<3> = tensor([2, 2, outputs], 31);
    let p = columns.distribution(at.clone());
    let each = p.log_prob_of_features(x.clone()).expect("all have one");
    let sum: Tensor<2> = each.sum_dim(2).squeeze_dim(2);
    assert!(value((sum - p.log_prob(x.clone())).abs().max()) < 1e-12);
    check_tensor("log_prob of columns", at.clone(), |outputs| {
        weigh(columns.distribution(outputs).log_prob(x.clone()))
    });
    check_tensor("log_prob_of_features of columns", at, |outputs| {
        let p = columns.distribution(outputs);
        weigh(p.log_prob_of_features(x.clone()).expect("all have one"))
    });
}

/// Every parameter of a model of rows with missing cells, one row having none.
#[test]
fn missing_cells() {
    if !has_f64() {
        return;
    }
    device();
    let columns = Columns::new([
        (Family::Normal(Scale::default()), 1),
        (Family::Beta, 1),
        (Family::Categorical { classes: 3 }, 1),
    ]);
    let model = IncompleteVae::new(columns, 2, vec![3], &device(), &mut noise(32));
    let nan = f64::NAN;
    let rows = [[0.5, 0.3, 2.0], [nan, 0.8, nan], [-1.0, nan, 1.0], [nan; 3]];
    let data = TensorData::new(rows.concat(), [4, 3]);
    let x = Tensor::<2>::from_data(data, &device());
    check_module("a table with missing cells", &model, |model| {
        let log_weights = model.log_weights(x.clone(), 3, &mut noise(33));
        weigh(bound::iwae(log_weights.total()))
    });
}

/// A scale that features and rows share.
#[test]
fn a_shared_scale() {
    if !has_f64() {
        return;
    }
    device();
    let mlp = MlpConfig::new(2, vec![3], 4);
    let decoder = GaussianDecoder::with_shared_scale(&mlp, 0.3, &device(), &mut noise(34));
    let (z, x): (Tensor<3>, Tensor<3>) = (tensor([2, 3, 2], 35), tensor([1, 3, 4], 36));
    check_module("a shared scale", &decoder, |decoder| {
        let p = decoder.forward(z.clone(), 2, &mut noise(37));
        weigh(p.log_prob(x.clone()))
    });
    // At first it is the fixed one of the same networks.
    let fixed = NormalHead::new(Scale::Fixed { std: 0.3 });
    let fixed = Conditional::from_parts(decoder.network.network.clone(), fixed);
    let [shared, fixed] = [
        decoder.log_prob(x.clone(), z.clone(), 2, &mut noise(37)),
        fixed.log_prob(x, z, 2, &mut noise(37)),
    ];
    assert!(value((shared - fixed).abs().max()) < 1e-10);
}
