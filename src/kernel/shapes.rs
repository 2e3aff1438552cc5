//! Shapes of `[samples, batch, features]` tensors, which burn's fusion backend needs in advance.

use burn::tensor::Shape;

/// The shape without its features axis.
pub(super) fn rows(shape: &Shape) -> Shape {
    let [samples, batch, _] = shape.dims();
    Shape::new([samples, batch])
}

/// The shape with another number of samples.
pub(super) fn with_samples(shape: &Shape, samples: usize) -> Shape {
    let [_, batch, features] = shape.dims();
    Shape::new([samples, batch, features])
}

/// The shape with the largest number of samples of the three.
pub(super) fn all_samples(shapes: [&Shape; 3]) -> Shape {
    let samples = shapes.map(|shape| shape[0]);
    with_samples(shapes[0], samples.into_iter().fold(1, usize::max))
}
