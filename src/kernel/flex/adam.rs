//! Steps of the optimizer.

use super::{Block, contiguous, owned};
use crate::kernel::{
    AdamStep,
    threads::{part, share},
    vector,
};
use burn::backend::{TensorMetadata, flex::FlexTensor};

/// What an entry costs: four numbers are read and three written.
const COST: usize = 4;

pub(super) fn step(
    parameter: FlexTensor,
    gradient: FlexTensor,
    moment_1: FlexTensor,
    moment_2: FlexTensor,
    step: AdamStep,
) -> (FlexTensor, FlexTensor, FlexTensor) {
    let (parameter, gradient) = (contiguous(parameter), contiguous(gradient));
    let [mut moment_1, mut moment_2] = [moment_1, moment_2].map(owned);
    // The caller usually keeps the old model until it has the new one.
    let old = parameter.storage::<f32>();
    let mut new = Block::new([old.len()]);
    let len = part(old.len(), COST);
    let tasks = new
        .chunks_mut(len)
        .zip(old.chunks(len))
        .zip(gradient.storage::<f32>().chunks(len))
        .zip(moment_1.storage_mut::<f32>().chunks_mut(len))
        .zip(moment_2.storage_mut::<f32>().chunks_mut(len));
    share(tasks, |((((new, old), gradient), moment_1), moment_2)| {
        vector::adam(new, old, gradient, moment_1, moment_2, &step);
    });
    let new = new
        .into_tensor([parameter.shape().num_elements()])
        .with_layout(parameter.layout().clone());
    (new, moment_1, moment_2)
}
