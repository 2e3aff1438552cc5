//! The process that makes the table, as a model.

use super::{COLUMNS, common::numbers};
use burn_bayes::{Result, prelude::*};

/// The families of the columns, with or without a scale that is known.
pub fn columns(scale: Scale) -> Columns {
    Columns::new([
        (Family::Normal(scale), 3),
        (Family::Bernoulli, 2),
        (Family::Categorical { classes: 4 }, 1),
        (Family::Poisson, 1),
    ])
}

/// From (u, v) to what the columns' families need.
#[derive(Module, Debug)]
pub struct Process;

impl RandomWeights for Process {}

impl Network for Process {
    fn forward(&self, hidden: Tensor<3>, _: usize, _: &mut Noise) -> Tensor<3> {
        let [u, v] = [0, 1].map(|i| hidden.clone().narrow(2, i, 1));
        let [sum, difference] = [u.clone() + v.clone(), u.clone() - v.clone()];
        let real_3 = v.clone().mul_scalar(2.0).sin() + u.clone().mul_scalar(0.5);
        let outputs = vec![
            u.clone(),
            u.clone().square().sub_scalar(1.0),
            real_3,
            u.mul_scalar(3.0),
            v.clone().mul_scalar(3.0),
            sum.clone().mul_scalar(2.0),
            difference.clone().mul_scalar(2.0),
            difference.mul_scalar(-2.0),
            sum.mul_scalar(-2.0),
            v.mul_scalar(0.7).add_scalar(1.0),
        ];
        Tensor::cat(outputs, 2)
    }
}

/// Whatever the row, q(z | x) is N(0, I).
#[derive(Module, Debug)]
pub struct Nothing;

impl RandomWeights for Nothing {}

impl Network for Nothing {
    fn forward(&self, x: Tensor<3>, _: usize, _: &mut Noise) -> Tensor<3> {
        let [_, batch, _] = x.dims();
        Tensor::zeros([1, batch, 4], &x.device())
    }
}

pub type Model<E, D> =
    IncompleteVae<Conditional<DiagonalNormal, E>, StandardNormal, Conditional<Columns, D>>;

/// The process as a model, which draws (u, v) from their prior.
pub fn process() -> Model<Nothing, Process> {
    IncompleteVae::from_parts(
        Conditional::from_parts(Nothing, DiagonalNormal),
        StandardNormal::new(2),
        Conditional::from_parts(Process, columns(Scale::Fixed { std: 0.3 })),
    )
}

/// Whole rows, and the same with missing cells.
pub struct Table {
    pub whole: Vec<f32>,
    pub data: Datapoints,
}

impl Table {
    pub fn simulated(name: &str, rows: usize, noise: &Noise) -> Result<Self> {
        let device = Device::default();
        let mut noise = noise.clone();
        let hidden = noise.normal([1, rows, 2], &device);
        let p = process().vae.decoder.forward(hidden, 1, &mut noise);
        let whole = p.sample(1, &mut noise);
        let missing = noise.uniform([1, rows, COLUMNS], &device).lower_elem(0.3);
        let cells = numbers(whole.clone().mask_fill(missing, f32::NAN));
        Ok(Self {
            whole: numbers(whole),
            data: Datapoints::with_missing(name, cells, COLUMNS)?,
        })
    }

    pub fn column(&self, column: usize) -> Vec<f32> {
        let cells = self.data.values().iter().skip(column).step_by(COLUMNS);
        cells.copied().collect()
    }
}
