//! Units of stochastic layers.

use crate::{
    distribution::Distribution,
    network::{Conditional, Head, Network},
    noise::Noise,
};
use burn::tensor::{Device, Tensor, TensorData};

/// `[width]`, 0 for these units and 1 for all others.
pub(super) fn all_but(units: &[usize], width: usize, device: &Device) -> Tensor<1> {
    let mut keep = vec![1.0f32; width];
    units.iter().for_each(|&unit| keep[unit] = 0.0);
    Tensor::from_data(TensorData::from(keep.as_slice()), device)
}

/// How many features the distribution has for inputs of this width.
///
/// # Panics
///
/// If the network has no parameters, or takes inputs of another width.
pub(super) fn num_features<H: Head, N: Network>(of: &Conditional<H, N>, width: usize) -> usize {
    let devices = burn::module::Module::devices(&of.network);
    let device = devices
        .first()
        .expect("a network of a stochastic layer has parameters");
    let input = Tensor::zeros([1, 1, width], device);
    let [.., features] = of.forward(input, 1, &mut Noise::seeded(0)).mean().dims();
    features
}
