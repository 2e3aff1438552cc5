//! Steps of the optimizer.

use super::{contiguous, owned};
use burn::backend::{TensorMetadata, flex::FlexTensor};
use burn_bayes_cpu::{
    threads::{part, share},
    vector::{self, AdamStep},
};

/// What an entry costs: four numbers are read and three written.
const COST: usize = 4;

pub(super) fn step(
    parameter: FlexTensor,
    gradient: FlexTensor,
    moment_1: FlexTensor,
    moment_2: FlexTensor,
    step: AdamStep,
) -> (FlexTensor, FlexTensor, FlexTensor) {
    assert_eq!(parameter.shape(), gradient.shape());
    let parameter = contiguous(parameter);
    // The caller usually keeps the old model until it has the new one, but no longer needs the
    // gradient.
    let [mut new, mut moment_1, mut moment_2] = [gradient, moment_1, moment_2].map(owned);
    let old = parameter.storage::<f32>();
    let len = part(old.len(), COST);
    let tasks = (new.storage_mut::<f32>().chunks_mut(len))
        .zip(old.chunks(len))
        .zip(moment_1.storage_mut::<f32>().chunks_mut(len))
        .zip(moment_2.storage_mut::<f32>().chunks_mut(len));
    share(tasks, |(((new, old), moment_1), moment_2)| {
        vector::adam(new, old, moment_1, moment_2, &step);
    });
    (new, moment_1, moment_2)
}
