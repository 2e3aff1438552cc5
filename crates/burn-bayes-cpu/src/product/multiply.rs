//! Products divided among threads.

use super::{
    cut::cut,
    engine::{Engine, Task},
    engines::fastest,
    product::Product,
};
use crate::{memory::Block, precision::Precision, threads::share};

/// Computes independent products at once, so that threads wait for each other only once.
///
/// The operations for each number of a result, and their order, do not depend on the number of
/// threads.
///
/// # Panics
///
/// If operands, result, start, epilogue or sums of a product do not fit each other, or a right
/// operand is squared.
pub fn multiply<'a>(products: impl IntoIterator<Item = Product<'a>>, precision: Precision) {
    let with_engine = |product: Product<'a>| {
        let engine = fastest(product.lengths(), precision);
        (product, engine)
    };
    multiply_by(products.into_iter().map(with_engine).collect(), precision);
}

/// The same with the given engines.
pub(super) fn multiply_by(products: Vec<(Product, &'static dyn Engine)>, precision: Precision) {
    let prepare = |(product, engine): &(Product, &dyn Engine)| match engine.wants_prepared() {
        true => [product.left, product.right].map(|operand| operand.prepare(precision)),
        false => [None, None],
    };
    let prepared: Vec<[Option<Block>; 2]> = products.iter().map(prepare).collect();
    // If a result cannot be halved, the first part is larger in one product, and the last part in
    // the next. So no thread always has the larger part.
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
    // The first parts of all products come first, in the order that other operations have: see
    // `share`.
    tasks.sort_by_key(|(position, ..)| *position);
    share(tasks.into_iter(), |(_, engine, task)| engine.multiply(task));
}

/// The product with its prepared operands, if there are any. Sums of columns are those of unrounded
/// numbers.
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
