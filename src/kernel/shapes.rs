//! Shapes of `[samples, batch, features]` tensors, which a fusing backend asks for.

use burn::tensor::Shape;

/// Without features.
pub(super) fn rows(shape: &Shape) -> Shape {
    let [samples, batch, _] = shape.dims();
    Shape::new([samples, batch])
}

/// With another number of samples.
pub(super) fn with_samples(shape: &Shape, samples: usize) -> Shape {
    let [_, batch, features] = shape.dims();
    Shape::new([samples, batch, features])
}

/// With as many samples as any of them has.
pub(super) fn all_samples(shapes: [&Shape; 3]) -> Shape {
    let samples = shapes.map(|shape| shape[0]);
    with_samples(shapes[0], samples.into_iter().fold(1, usize::max))
}
