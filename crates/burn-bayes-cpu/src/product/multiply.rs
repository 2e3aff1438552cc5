//! Products shared out over threads.

use super::{
    cut::cut,
    engine::{Engine, Task},
    engines::fastest,
    product::Product,
};
use crate::{memory::Block, precision::Precision, threads::share};

/// Computes products that do not need each other: threads wait for each other only once.
///
/// Each number of a result is computed by the same operations in the same order however many
/// threads there are.
///
/// # Panics
///
/// If operands, result, start, epilogue or sums of a product do not fit each other, or the squares
/// of a right operand are asked for.
pub fn multiply<'a>(products: impl IntoIterator<Item = Product<'a>>, precision: Precision) {
    let with_engine = |product: Product<'a>| {
        let engine = fastest(product.lengths(), precision);
        (product, engine)
    };
    multiply_by(products.into_iter().map(with_engine).collect(), precision);
}

/// The same by the given engines.
pub(super) fn multiply_by(products: Vec<(Product, &'static dyn Engine)>, precision: Precision) {
    let prepare = |(product, engine): &(Product, &dyn Engine)| match engine.wants_prepared() {
        true => [product.left, product.right].map(|operand| operand.prepare(precision)),
        false => [None, None],
    };
    let prepared: Vec<[Option<Block>; 2]> = products.iter().map(prepare).collect();
    // Where there is no middle, the larger part is the first one of one product, the last one of
    // the next.
    let mut up = true;
    let mut tasks: Vec<(usize, &dyn Engine, Task)> = Vec::new();
    for ((product, engine), prepared) in products.into_iter().zip(&prepared) {
        let product = with_operands(product, prepared);
        let parts = cut(product, engine, precision, up);
        let sizes = [parts.first(), parts.last()].map(|part| part.map(|part| part.target.size()));
        up ^= sizes[0] != sizes[1];
        let parts = parts.into_iter().enumerate();
        tasks.extend(parts.map(|(position, part)| (position, engine, part)));
    }
    // The first parts of all products come first, as in other operations: see `share`.
    tasks.sort_by_key(|(position, ..)| *position);
    share(tasks.into_iter(), |(_, engine, task)| engine.multiply(task));
}

/// The product of prepared operands, where there are such; columns are summed up unrounded.
fn with_operands<'a>(
    mut product: Product<'a>,
    [left, right]: &'a [Option<Block>; 2],
) -> Product<'a> {
    if let Some(values) = left {
        product.left.values = values;
        product.left.squared = false;
    }
    if let Some(values) = right {
        if let Some(sums) = product.sums.take() {
            sums.fill(0.0);
            product.right.sum_columns(sums);
        }
        product.right.values = values;
    }
    product
}
