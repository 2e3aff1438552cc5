//! By burn's own operations.

use burn::tensor::Tensor;
use burn_bayes_cpu::vector::AdamStep;

pub(in crate::kernel) fn adam<const D: usize>(
    parameter: Tensor<D>,
    gradient: Tensor<D>,
    [moment_1, moment_2]: [Tensor<D>; 2],
    step: AdamStep,
) -> (Tensor<D>, [Tensor<D>; 2]) {
    let AdamStep {
        beta_1,
        beta_2,
        size,
        epsilon,
    } = step;
    let moment_1 = moment_1.mul_scalar(beta_1) + gradient.clone().mul_scalar(1.0 - beta_1);
    let moment_2 = moment_2.mul_scalar(beta_2) + gradient.square().mul_scalar(1.0 - beta_2);
    let direction = moment_1.clone() / moment_2.clone().sqrt().add_scalar(epsilon);
    (parameter - direction.mul_scalar(size), [moment_1, moment_2])
}
