//! Functions of each entry.

use super::{TRANSCENDENTAL, contiguous, owned};
use burn::backend::flex::FlexTensor;
use burn_bayes_cpu::{
    rows::{for_each, for_each2},
    vector::{self, Function},
};

pub(super) fn apply(function: Function, input: FlexTensor) -> FlexTensor {
    let mut output = owned(input);
    for_each(output.storage_mut(), TRANSCENDENTAL, |values| {
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
    let cost = match function {
        Function::Exp | Function::Tanh | Function::Sigmoid => 1,
        Function::Softplus | Function::Silu => TRANSCENDENTAL,
    };
    for_each2(
        gradient.storage_mut(),
        known.storage(),
        cost,
        |gradient, known| {
            vector::apply_backward(function, known, gradient);
        },
    );
    gradient
}
