//! By burn's own operations.

use burn::tensor::{Tensor, activation};

pub(in crate::kernel) fn bernoulli_log_prob(logits: Tensor<3>, x: Tensor<3>) -> Tensor<2> {
    let log_prob = x * logits.clone() + activation::log_sigmoid(-logits);
    log_prob.sum_dim(2).squeeze_dim(2)
}
