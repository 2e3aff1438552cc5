//! Functions of each entry.

use super::{MIN_NUMBERS_PER_TASK, contiguous, owned};
use crate::kernel::{Function, vector};
use burn::backend::flex::FlexTensor;
use rayon::prelude::*;

pub(super) fn apply(function: Function, input: FlexTensor) -> FlexTensor {
    let mut output = owned(input);
    for_each(output.storage_mut(), |values| {
        vector::apply(function, values);
    });
    output
}

pub(super) fn apply_backward(
    function: Function,
    known: FlexTensor,
    gradient: FlexTensor,
) -> FlexTensor {
    let (known, mut gradient) = (contiguous(known), owned(gradient));
    for_each2(
        gradient.storage_mut(),
        known.storage(),
        |gradient, known| {
            vector::apply_backward(function, known, gradient);
        },
    );
    gradient
}

/// Works on parts of a slice, on all threads.
fn for_each(values: &mut [f32], work: impl Fn(&mut [f32]) + Sync) {
    values
        .par_chunks_mut(MIN_NUMBERS_PER_TASK)
        .for_each(|values| work(values));
}

/// Works on parts of a slice and the same parts of another, on all threads.
pub(super) fn for_each2(
    values: &mut [f32],
    other: &[f32],
    work: impl Fn(&mut [f32], &[f32]) + Sync,
) {
    let others = other.par_chunks(MIN_NUMBERS_PER_TASK);
    values
        .par_chunks_mut(MIN_NUMBERS_PER_TASK)
        .zip(others)
        .for_each(|(values, other)| work(values, other));
}
