//! The body on the CPU.

use super::{AdamOperations, Moved};
use crate::kernel::flex::{contiguous, owned};
use burn::backend::{Flex, TensorMetadata, flex::FlexTensor};
use burn_bayes_cpu::{
    threads::{part, share},
    vector::{self, AdamStep},
};

/// The cost of an entry: four numbers are read and three written.
const COST: usize = 4;

impl AdamOperations for Flex {
    fn adam(state: Moved<Self>, gradient: FlexTensor, step: AdamStep) -> Moved<Self> {
        assert_eq!(state.parameter.shape(), gradient.shape());
        let parameter = contiguous(state.parameter);
        // The result goes into the gradient's memory: the caller no longer needs the gradient, but
        // usually still has the old parameter.
        let [mut new, mut moment_1, mut moment_2] =
            [gradient, state.moment_1, state.moment_2].map(owned);
        let old = parameter.storage::<f32>();
        let len = part(old.len(), COST);
        let tasks = (new.storage_mut::<f32>().chunks_mut(len))
            .zip(old.chunks(len))
            .zip(moment_1.storage_mut::<f32>().chunks_mut(len))
            .zip(moment_2.storage_mut::<f32>().chunks_mut(len));
        share(tasks, |(((new, old), moment_1), moment_2)| {
            vector::adam(new, old, moment_1, moment_2, &step);
        });
        Moved {
            parameter: new,
            moment_1,
            moment_2,
        }
    }
}
