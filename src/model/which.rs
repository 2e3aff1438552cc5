//! Which samples log-weights are computed for, and the inputs of networks for them.

use burn::tensor::Tensor;

/// The samples whose log-weights are computed.
#[derive(Clone, Copy)]
pub(super) enum Which<'a> {
    /// This number of samples of each row.
    All(usize),
    /// One sample of each of these rows.
    Rows(&'a [usize]),
}

/// Features followed by covariates, on the last axis.
pub(super) fn beside(features: Tensor<3>, covariates: Option<&Tensor<3>>) -> Tensor<3> {
    let Some(covariates) = covariates else {
        return features;
    };
    let [samples, batch, _] = features.dims();
    let [.., width] = covariates.dims();
    let covariates = covariates.clone().expand([samples, batch, width]);
    Tensor::cat(vec![features, covariates], 2)
}
