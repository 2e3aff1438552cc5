//! Draws of the decoder's weights that samples and datapoints share.

#[path = "../common/bits.rs"]
mod bits;
mod exact;
mod models;
mod settings;
mod training;

use burn_bayes::{objective::WeightDraws, prelude::*};

fn shared(num_draws: usize, alpha: f64) -> WeightDraws {
    WeightDraws::Shared { num_draws, alpha }
}

fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f64> {
    tensor.without_autodiff().try_into_vec_as::<f64>().unwrap()
}

/// Their mean and its standard error.
fn mean_and_error(numbers: &[f64]) -> [f64; 2] {
    let n = numbers.len() as f64;
    let mean = numbers.iter().sum::<f64>() / n;
    let variance = numbers.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0);
    [mean, (variance / n).sqrt()]
}
