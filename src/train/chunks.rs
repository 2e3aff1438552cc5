//! The gradient of a batch, a chunk of its rows at a time.

use super::{Objective, Step, loader::Batch};
use crate::{data::Rows, model::LatentVariableModel, noise::Noise, objective::ObjectiveParts};
use burn::{
    module::{Module, ModuleVisitor, Param},
    optim::GradientsParams,
    tensor::{Int, Tensor},
};

/// The objective's parts on a batch, and the gradient of its loss, of so many rows at once at most.
///
/// Chunks have the noise that their rows have in the whole batch. The gradient is the mean of
/// theirs, weighted by their rows, so that of the whole up to rounding.
pub(super) fn gradients<D: Rows, M: LatentVariableModel<D> + Module>(
    objective: &Objective,
    model: &M,
    batch: Batch<D>,
    rows_per_chunk: Option<usize>,
    step: Step,
    noise: Noise,
) -> (ObjectiveParts, GradientsParams) {
    let num_rows = batch.ids.len();
    let size = rows_per_chunk.unwrap_or(num_rows);
    if size >= num_rows {
        let mut noise = noise.with_datapoints(&batch.ids);
        return objective.gradients(model, batch.x, step, &mut noise);
    }
    let device = batch.x.device();
    let mut sum = GradientsParams::new();
    let mut chunks = Vec::new();
    for first in (0..num_rows).step_by(size) {
        let rows = first..num_rows.min(first + size);
        let mut noise = noise.clone().with_datapoints(&batch.ids[rows.clone()]);
        let places = Tensor::<1, Int>::arange(rows.start as i64..rows.end as i64, &device);
        let x = batch.x.clone().select_rows(places);
        let (parts, gradients) = objective.gradients(model, x, step, &mut noise);
        model.visit(&mut Add {
            sum: &mut sum,
            gradients,
            weight: rows.len() as f64 / num_rows as f64,
        });
        chunks.push(parts);
    }
    let parts = ObjectiveParts::join(chunks).expect("a batch has rows");
    (parts, sum)
}

/// Adds weighted gradients to a sum.
struct Add<'a> {
    sum: &'a mut GradientsParams,
    gradients: GradientsParams,
    weight: f64,
}

impl ModuleVisitor for Add<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let Some(gradient) = self.gradients.remove::<D>(param.id) else {
            return;
        };
        let gradient = gradient.mul_scalar(self.weight);
        let sum = match self.sum.remove::<D>(param.id) {
            Some(sum) => sum + gradient,
            None => gradient,
        };
        self.sum.register::<D>(param.id, sum);
    }
}
