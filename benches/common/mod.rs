//! Matrix products without anything around them: what no training step can be faster than.

use burn_bayes::prelude::*;
use std::ops::{Deref, DerefMut};

/// Numbers that begin with a cache line, as those of a training step do: products are faster on
/// them.
pub struct Aligned {
    numbers: Vec<f32>,
    start: usize,
    len: usize,
}

impl Aligned {
    fn new(values: &[f32]) -> Self {
        const LINE: usize = 64;
        let mut numbers = vec![0.0; values.len() + LINE / size_of::<f32>()];
        let start = numbers.as_ptr().align_offset(LINE);
        numbers[start..][..values.len()].copy_from_slice(values);
        Self {
            numbers,
            start,
            len: values.len(),
        }
    }
}

impl Deref for Aligned {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        &self.numbers[self.start..][..self.len]
    }
}

impl DerefMut for Aligned {
    fn deref_mut(&mut self) -> &mut [f32] {
        &mut self.numbers[self.start..][..self.len]
    }
}

/// How the operands lie in memory: row by row, or as the transpose of what does.
#[derive(Clone, Copy)]
pub enum Layout {
    /// As in a forward pass.
    Nn,
    /// The right one transposed, as in the gradient of an input.
    Nt,
    /// The left one transposed, as in the gradient of a weight.
    Tn,
}

/// A product with memory for its operands and its result.
pub struct Product {
    /// Rows, inner, columns.
    pub shape: [usize; 3],
    pub layout: Layout,
    pub left: Aligned,
    pub right: Aligned,
    pub result: Aligned,
}

impl Product {
    pub fn random(shape: [usize; 3], layout: Layout) -> Self {
        let [rows, inner, columns] = shape;
        let mut noise = Noise::seeded(0);
        let mut numbers = |rows: usize, columns: usize| {
            let numbers = noise.normal_matrix([rows, columns], &Device::default());
            let numbers: Vec<f32> = numbers.into_data().try_to_vec().expect("numbers are f32");
            Aligned::new(&numbers)
        };
        Self {
            shape,
            layout,
            left: numbers(rows, inner),
            right: numbers(inner, columns),
            result: Aligned::new(&vec![0.0; rows * columns]),
        }
    }

    /// Multiplications and additions.
    pub fn operations(&self) -> u64 {
        2 * self.shape.iter().product::<usize>() as u64
    }

    /// As in the library.
    pub fn multiply(&mut self) {
        let transposed = [
            matches!(self.layout, Layout::Tn),
            matches!(self.layout, Layout::Nt),
        ];
        let operands = [&*self.left, &*self.right];
        burn_bayes::multiply_slices(operands, &mut self.result, self.shape, transposed);
    }
}
