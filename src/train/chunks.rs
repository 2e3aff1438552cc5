//! A batch, a chunk of its rows at a time.

use super::{Objective, Step, loader::Batch};
use crate::{data::Rows, model::LatentVariableModel, noise::Noise, objective::ObjectiveParts};
use burn::{
    module::{Module, ModuleVisitor, Param},
    optim::GradientsParams,
    tensor::{Int, Tensor},
};

/// The objective's parts on a batch, and the gradient of its loss, with a limited number of rows in
/// memory at once.
///
/// Rows of a chunk have the same noise as in the whole batch. The gradient is the mean over chunks,
/// weighted by their numbers of rows. If rows do not depend on each other, it equals that of the
/// whole batch up to rounding.
pub(super) fn gradients<D: Rows, M: LatentVariableModel<D> + Module>(
    objective: &Objective,
    model: &M,
    batch: Batch<D>,
    rows_per_chunk: Option<usize>,
    step: Step,
    noise: Noise,
) -> (ObjectiveParts, GradientsParams) {
    let num_rows = batch.ids.len();
    let mut sum = GradientsParams::new();
    let parts = for_chunks(batch, rows_per_chunk, noise, |x, mut noise, rows| {
        let (parts, gradients) = objective.gradients(model, x, step, &mut noise);
        match rows == num_rows {
            true => sum = gradients,
            false => model.visit(&mut Add {
                sum: &mut sum,
                gradients,
                weight: rows as f64 / num_rows as f64,
            }),
        }
        parts
    });
    (parts, sum)
}

/// The objective's parts on a batch, with a limited number of rows in memory at once.
pub(super) fn evaluate<D: Rows, M: LatentVariableModel<D>>(
    objective: &Objective,
    model: &M,
    batch: Batch<D>,
    rows_per_chunk: Option<usize>,
    dataset_size: usize,
    noise: Noise,
) -> ObjectiveParts {
    for_chunks(batch, rows_per_chunk, noise, |x, mut noise, _| {
        objective.evaluate(model, x, Step::new(dataset_size), &mut noise)
    })
}

/// The parts of all chunks. The function gets a chunk's rows, their noise and their number.
fn for_chunks<D: Rows>(
    batch: Batch<D>,
    rows_per_chunk: Option<usize>,
    noise: Noise,
    mut parts: impl FnMut(D, Noise, usize) -> ObjectiveParts,
) -> ObjectiveParts {
    let num_rows = batch.ids.len();
    let size = rows_per_chunk.unwrap_or(num_rows);
    if size >= num_rows {
        return parts(batch.x, noise.with_datapoints(&batch.ids), num_rows);
    }
    let device = batch.x.device();
    let firsts = (0..num_rows).step_by(size);
    let chunks = firsts.map(|first| {
        let rows = first..num_rows.min(first + size);
        let noise = noise.clone().with_datapoints(&batch.ids[rows.clone()]);
        let places = Tensor::<1, Int>::arange(rows.start as i64..rows.end as i64, &device);
        parts(batch.x.clone().select_rows(places), noise, rows.len())
    });
    ObjectiveParts::join(chunks.collect()).expect("a batch has rows")
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
