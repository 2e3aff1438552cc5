//! Recycled memory as the memory of tensors: the one place of this crate with unsafe code.

use burn::{
    backend::flex::{FlexTensor, Layout},
    tensor::{Bytes, DType, Shape},
};
use burn_bayes_cpu::memory::Block;
use burn_std::{AccessError, AccessPolicy, AllocationController, AllocationProperty};
use std::{mem::MaybeUninit, slice};

/// Conversion of a block into a tensor.
pub(in crate::kernel) trait IntoTensor {
    /// A tensor of this shape. Its memory is recycled when the tensor is dropped.
    fn into_tensor<const D: usize>(self, shape: [usize; D]) -> FlexTensor;
}

impl IntoTensor for Block {
    fn into_tensor<const D: usize>(self, shape: [usize; D]) -> FlexTensor {
        let shape = Shape::new(shape);
        assert_eq!(shape.num_elements(), self.len());
        let bytes = size_of_val(&*self);
        // SAFETY: a block's numbers are initialized, and take that many bytes.
        #[allow(unsafe_code)]
        let bytes = unsafe { Bytes::from_controller(Box::new(Recycled(self)), bytes) };
        FlexTensor::new(bytes, Layout::contiguous(shape), DType::F32)
    }
}

/// A block, with burn's interface for memory.
struct Recycled(Block);

impl AllocationController for Recycled {
    /// The alignment for copies of this memory; burn supports no larger one.
    fn alloc_align(&self) -> usize {
        align_of::<u128>()
    }

    fn property(&self) -> AllocationProperty {
        AllocationProperty::Other
    }

    /// # Safety
    ///
    /// The caller writes initialized bytes only.
    #[allow(unsafe_code)]
    unsafe fn memory_mut(
        &mut self,
        _: AccessPolicy,
    ) -> Result<&mut [MaybeUninit<u8>], AccessError> {
        let numbers: &mut [f32] = &mut self.0;
        let bytes = size_of_val(numbers);
        // SAFETY: numbers of four bytes of any value each; the borrow is exclusive.
        Ok(unsafe { slice::from_raw_parts_mut(numbers.as_mut_ptr().cast(), bytes) })
    }

    fn memory(&self, _: AccessPolicy) -> Result<&[MaybeUninit<u8>], AccessError> {
        let numbers: &[f32] = &self.0;
        // SAFETY: numbers of four bytes of any value each.
        #[allow(unsafe_code)]
        Ok(unsafe { slice::from_raw_parts(numbers.as_ptr().cast(), size_of_val(numbers)) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_made_when_a_shared_tensor_is_written() {
        let mut first = Block::zeros([5000]).into_tensor([5000]);
        let second = first.clone();
        first.storage_mut::<f32>()[0] = 1.0;
        assert_eq!(second.storage::<f32>()[0], 0.0);
    }

    /// No other test uses this length or one near it.
    #[test]
    fn memory_comes_back_when_the_last_tensor_is_dropped() {
        const LEN: usize = 3_456_789;
        let block = Block::new([LEN]);
        let address = block.as_ptr();
        let first = block.into_tensor([LEN]);
        let second = first.clone();
        drop(first);
        let other = Block::new([LEN]);
        assert_ne!(other.as_ptr(), address, "still in use");
        drop(second);
        assert_eq!(Block::new([LEN]).as_ptr(), address);
    }
}
