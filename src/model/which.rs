//! Which samples are weighed, and what networks see of them.

use burn::tensor::Tensor;

/// Samples of which log-weights are asked for.
#[derive(Clone, Copy)]
pub(super) enum Which<'a> {
    /// So many of each row.
    All(usize),
    /// One each of these rows.
    Rows(&'a [usize]),
}

/// Covariates side by side with features.
pub(super) fn beside(features: Tensor<3>, covariates: Option<&Tensor<3>>) -> Tensor<3> {
    let Some(covariates) = covariates else {
        return features;
    };
    let [samples, batch, _] = features.dims();
    let [.., width] = covariates.dims();
    let covariates = covariates.clone().expand([samples, batch, width]);
    Tensor::cat(vec![features, covariates], 2)
}
