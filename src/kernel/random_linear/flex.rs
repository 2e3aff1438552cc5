//! The body on the CPU.

use super::{
    Drawn, Kept, Layer, Parameters, RandomLinearBackward, RandomLinearOperations, moments::Moments,
    output_gradient::OutputGradient,
};
use crate::kernel::{
    flex::{IntoTensor, contiguous, if_wanted, matrix, rows},
    gaussian_draw::flex::draw as gaussian_draw,
    linear::Wanted,
};
use burn::backend::{Flex, TensorMetadata, flex::FlexTensor};
use burn_bayes_cpu::{
    Precision,
    memory::Block,
    product::{Epilogue, Product, Start, multiply},
    random::COST,
    threads::{part, share},
    vector::{self, Parameter},
};

impl RandomLinearOperations for Flex {
    fn bayesian_linear(
        input: FlexTensor,
        parameters: Parameters<Flex>,
        layer: Layer,
    ) -> Drawn<Flex> {
        let (input, moments) = (contiguous(input), Moments::of(parameters));
        let [samples, batch, _] = input.shape().dims::<3>();
        let shape = [samples, batch, moments.d_output()];
        let (mut loc, mut variance) = (Block::new(shape), Block::new(shape));
        moments.of_rows(rows(&input), &mut loc, &mut variance, layer.precision);
        let own = (samples == layer.num_samples).then_some((&layer, batch));
        add_biases(&moments, &mut loc, &mut variance, own);
        let (loc, known) = (loc.into_tensor(shape), variance.into_tensor(shape));
        let output = match own {
            Some(_) => loc,
            None => {
                let (
                    spread,
                    Layer {
                        num_samples,
                        draw,
                        function,
                        ..
                    },
                ) = (known.clone(), &layer);
                gaussian_draw(
                    loc,
                    Parameter::Variance,
                    spread,
                    *num_samples,
                    draw,
                    *function,
                )
            }
        };
        Drawn {
            output,
            weight_variance: moments.variance,
            known,
        }
    }
}

impl RandomLinearBackward for Flex {
    fn bayesian_linear_backward(
        kept: Kept<Flex>,
        gradient: FlexTensor,
        wanted: Wanted,
        precision: Precision,
    ) -> [FlexTensor; 5] {
        let [input, weight_loc, weight_variance] =
            [kept.input, kept.weight_loc, kept.weight_variance].map(contiguous);
        let input_shape = if_wanted(wanted.input, input.shape().dims::<3>());
        let weight_shape = if_wanted(wanted.parameters, weight_loc.shape().dims::<2>());
        let gradient = OutputGradient {
            known: kept.known,
            draw: kept.draw,
            after: kept.after,
            gradient,
        };
        let [to_loc, to_variance] = gradient.into_moments();

        let mut to_input = Block::new(input_shape);
        let mut to_weight_loc = Block::new(weight_shape);
        let mut to_log_variance = Block::new(weight_shape);
        let bias_shape = [weight_shape[1]];
        let [mut to_bias_loc, mut to_bias_variance] = [(); 2].map(|()| Block::new(bias_shape));
        let (variance, inputs) = (matrix(&weight_variance), input.storage());
        let products = [
            wanted.parameters.then(|| Product {
                epilogue: Epilogue::Scale(1.0, weight_variance.storage()),
                sums: Some(&mut to_bias_variance),
                ..Product::new(
                    rows(&input).squared().transposed(),
                    rows(&to_variance),
                    &mut to_log_variance,
                )
            }),
            wanted.parameters.then(|| Product {
                sums: Some(&mut to_bias_loc),
                ..Product::new(rows(&input).transposed(), rows(&to_loc), &mut to_weight_loc)
            }),
            wanted.input.then(|| Product {
                epilogue: Epilogue::Scale(2.0, inputs),
                ..Product::new(rows(&to_variance), variance.transposed(), &mut to_input)
            }),
        ];
        multiply(products.into_iter().flatten(), precision);
        if wanted.input {
            let weight = matrix(&weight_loc).transposed();
            let product = Product {
                start: Start::Result,
                ..Product::new(rows(&to_loc), weight, &mut to_input)
            };
            multiply([product], precision);
        }
        [
            to_input.into_tensor(input_shape),
            to_weight_loc.into_tensor(weight_shape),
            to_log_variance.into_tensor(weight_shape),
            to_bias_loc.into_tensor(bias_shape),
            to_bias_variance.into_tensor(bias_shape),
        ]
    }
}

/// Adds the biases to means and variances. If a layer is given, it also draws in the same pass.
///
/// Each row of such a layer has its own moments; there are `batch` rows for each sample. The draw
/// is written over the means. If the layer is differentiable, the draw's derivatives are written
/// over the variances.
fn add_biases(
    moments: &Moments,
    loc: &mut [f32],
    variance: &mut [f32],
    own: Option<(&Layer, usize)>,
) {
    let guarded = moments.guarded_bias_variance();
    let bias_loc = moments.bias_loc.storage::<f32>();
    let features = bias_loc.len();
    if loc.is_empty() {
        return;
    }
    let cost = if own.is_some() { COST } else { 1 };
    let rows = part(loc.len() / features, cost * features);
    let parts = (loc.chunks_mut(rows * features)).zip(variance.chunks_mut(rows * features));
    share(parts.enumerate(), |(task, (loc, variance))| {
        let rows = task * rows..task * rows + loc.len() / features;
        let mut noise = own.map(|(layer, batch)| layer.draw.normal_rows(batch, features, rows));
        let moments = loc.chunks_mut(features).zip(variance.chunks_mut(features));
        for (loc, variance) in moments {
            let (Some((layer, _)), Some(noise)) = (own, &mut noise) else {
                vector::add_to(loc, bias_loc);
                vector::add_to(variance, &guarded);
                continue;
            };
            let epsilon = noise.next_row();
            if layer.differentiable {
                vector::draw_and_derive(loc, bias_loc, variance, &guarded, epsilon);
            } else {
                vector::draw_only(loc, bias_loc, variance, &guarded, epsilon);
            }
            if let Some(function) = layer.function {
                vector::apply(function, loc);
            }
        }
    });
}
