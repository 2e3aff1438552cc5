//! The body on the CPU.

use super::{FunctionBackward, FunctionOperations};
use crate::kernel::flex::{TRANSCENDENTAL, contiguous, owned};
use burn::backend::{Flex, flex::FlexTensor};
use burn_bayes_cpu::{
    rows::{for_each, for_each2},
    vector::{self, Function},
};

impl FunctionOperations for Flex {
    fn apply(function: Function, input: FlexTensor) -> FlexTensor {
        let mut output = owned(input);
        for_each(output.storage_mut(), TRANSCENDENTAL, |values| {
            vector::apply(function, values);
        });
        output
    }
}

impl FunctionBackward for Flex {
    fn apply_backward(function: Function, known: FlexTensor, gradient: FlexTensor) -> FlexTensor {
        let (known, mut gradient) = (contiguous(known), owned(gradient));
        let cost = if function.keeps_output() {
            1
        } else {
            TRANSCENDENTAL
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
}
