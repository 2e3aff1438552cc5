//! Shared parts of the operations on Flex: rows are divided among threads, and vector instructions
//! compute each row.
//!
//! A task is a number of whole rows, so results do not depend on the number of threads.

mod memory;

use burn::backend::{TensorMetadata, flex::FlexTensor};
use burn_bayes_cpu::{memory::Block, product::Matrix};
pub(super) use memory::IntoTensor;

/// The cost of an exponential or a logarithm, in units of reading and writing one number.
pub(super) const TRANSCENDENTAL: usize = 4;

/// The tensor with its numbers in row-major order and nothing else in its buffer. It is copied only
/// if needed.
pub(super) fn contiguous(tensor: FlexTensor) -> FlexTensor {
    let bytes = tensor.shape().num_elements() * size_of::<f32>();
    let whole = tensor.layout().start_offset() == 0 && tensor.bytes().len() == bytes;
    if whole && tensor.is_contiguous() {
        tensor
    } else {
        tensor.to_contiguous()
    }
}

/// The same without other owners, so that its memory may be reused for a result.
pub(super) fn owned(tensor: FlexTensor) -> FlexTensor {
    let tensor = contiguous(tensor);
    if tensor.is_unique() {
        return tensor;
    }
    let values = tensor.storage::<f32>();
    let mut copy = Block::new([values.len()]);
    copy.copy_from_slice(values);
    copy.into_tensor([values.len()])
        .with_layout(tensor.layout().clone())
}

/// The row of a tensor for row number `row`, counted over all samples. A tensor with one sample is
/// repeated.
pub(super) fn row_of(values: &[f32], row: usize, features: usize) -> &[f32] {
    let rows = values.len() / features;
    &values[row % rows * features..][..features]
}

/// The rows of a `[samples, batch, features]` tensor.
pub(super) fn rows(tensor: &FlexTensor) -> Matrix<'_> {
    let [samples, batch, features] = tensor.shape().dims::<3>();
    Matrix::new(tensor.storage(), [samples * batch, features])
}

pub(super) fn matrix(tensor: &FlexTensor) -> Matrix<'_> {
    Matrix::new(tensor.storage(), tensor.shape().dims::<2>())
}

/// The shape if it is wanted, otherwise a shape without entries.
pub(super) fn if_wanted<const D: usize>(wanted: bool, shape: [usize; D]) -> [usize; D] {
    if wanted { shape } else { [0; D] }
}
