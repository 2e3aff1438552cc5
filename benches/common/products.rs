//! Matrix products without anything around them: what no training step can be faster than.

use burn_bayes_cpu::{
    Precision,
    memory::Block,
    product::{Matrix, multiply},
    random,
};

/// How the operands lie in memory: row by row, or as the transpose of what does.
#[derive(Clone, Copy, PartialEq)]
pub enum Layout {
    /// As in a forward pass.
    Nn,
    /// The right one transposed, as in the gradient of an input.
    Nt,
    /// The left one transposed, as in the gradient of a weight.
    Tn,
}

/// A product with memory for its operands and its result, aligned as in a training step.
pub struct Product {
    /// Rows, inner, columns.
    pub shape: [usize; 3],
    pub layout: Layout,
    pub left: Block,
    pub right: Block,
    pub result: Block,
}

impl Product {
    pub fn random(shape: [usize; 3], layout: Layout) -> Self {
        let [rows, inner, columns] = shape;
        let numbers = |number, rows: usize, columns: usize| {
            let mut block = Block::new([rows, columns]);
            block.copy_from_slice(&random::normal([0, number], rows, columns, |row| {
                [row as u32, 0, 0]
            }));
            block
        };
        Self {
            shape,
            layout,
            left: numbers(1, rows, inner),
            right: numbers(2, inner, columns),
            result: Block::zeros([rows, columns]),
        }
    }

    /// Multiplications and additions.
    pub fn operations(&self) -> u64 {
        2 * self.shape.iter().product::<usize>() as u64
    }

    /// As in the library.
    pub fn multiply(&mut self) {
        let [rows, inner, columns] = self.shape;
        let left = match self.layout {
            Layout::Tn => Matrix::new(&self.left, [inner, rows]).transposed(),
            _ => Matrix::new(&self.left, [rows, inner]),
        };
        let right = match self.layout {
            Layout::Nt => Matrix::new(&self.right, [columns, inner]).transposed(),
            _ => Matrix::new(&self.right, [inner, columns]),
        };
        let product = burn_bayes_cpu::product::Product::new(left, right, &mut self.result);
        multiply([product], Precision::Full);
    }
}
