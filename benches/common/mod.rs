//! Matrix products without anything around them: what no training step can be faster than.

use burn_bayes::prelude::*;

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
    pub left: Vec<f32>,
    pub right: Vec<f32>,
    pub result: Vec<f32>,
}

impl Product {
    pub fn random(shape: [usize; 3], layout: Layout) -> Self {
        let [rows, inner, columns] = shape;
        let mut noise = Noise::seeded(0);
        let mut numbers = |rows: usize, columns: usize| -> Vec<f32> {
            let numbers = noise.normal_matrix([rows, columns], &Device::default());
            numbers.into_data().try_to_vec().expect("numbers are f32")
        };
        Self {
            shape,
            layout,
            left: numbers(rows, inner),
            right: numbers(inner, columns),
            result: vec![0.0; rows * columns],
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
