//! Units of stochastic layers.

use crate::{
    distribution::Distribution,
    network::{Conditional, Head, Network},
    noise::Noise,
};
use burn::{
    module::Module,
    tensor::{Device, Tensor, TensorData},
};

/// A mask `[width]`: 0 for these units and 1 for all others; `None` if there is no unit of such a
/// number.
pub(super) fn all_but(units: &[usize], width: usize, device: &Device) -> Option<Tensor<1>> {
    let mut keep = vec![1.0f32; width];
    for &unit in units {
        *keep.get_mut(unit)? = 0.0;
    }
    Some(Tensor::from_data(TensorData::from(keep.as_slice()), device))
}

/// The number of features of the distribution for inputs of this width.
///
/// # Panics
///
/// If the network has no parameters, or takes inputs of another width.
pub(super) fn num_features<H: Head, N: Network>(of: &Conditional<H, N>, width: usize) -> usize {
    let devices = Module::devices(&of.network);
    let device = devices
        .first()
        .expect("a network of a stochastic layer has parameters");
    // Without autodiff this is not training: the row does not enter running averages.
    let input = Tensor::zeros([1, 1, width], &device.clone().without_autodiff());
    let network = Conditional::from_parts(Module::valid(&of.network), of.head.clone());
    let noise = &mut Noise::seeded(0);
    let [.., features] = network.forward(input, 1, noise).mean().dims();
    features
}
