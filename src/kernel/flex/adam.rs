//! Steps of the optimizer.

use super::{MIN_NUMBERS_PER_TASK, contiguous, owned};
use crate::kernel::{AdamStep, vector};
use burn::backend::flex::FlexTensor;
use rayon::prelude::*;

pub(super) fn step(
    parameter: FlexTensor,
    gradient: FlexTensor,
    moment_1: FlexTensor,
    moment_2: FlexTensor,
    step: AdamStep,
) -> (FlexTensor, FlexTensor, FlexTensor) {
    let gradient = contiguous(gradient);
    let [mut parameter, mut moment_1, mut moment_2] = [parameter, moment_1, moment_2].map(owned);
    let parameters = parameter.storage_mut::<f32>();
    let moments_1 = moment_1.storage_mut::<f32>();
    let moments_2 = moment_2.storage_mut::<f32>();
    parameters
        .par_chunks_mut(MIN_NUMBERS_PER_TASK)
        .zip(gradient.storage::<f32>().par_chunks(MIN_NUMBERS_PER_TASK))
        .zip(moments_1.par_chunks_mut(MIN_NUMBERS_PER_TASK))
        .zip(moments_2.par_chunks_mut(MIN_NUMBERS_PER_TASK))
        .for_each(|(((parameter, gradient), moment_1), moment_2)| {
            vector::adam(parameter, gradient, moment_1, moment_2, &step);
        });
    (parameter, moment_1, moment_2)
}
