//! Gradients as numbers.

use burn::{
    module::{ModuleVisitor, Param},
    optim::GradientsParams,
};
use burn_bayes::prelude::*;

/// All gradients of a model, one after the other.
#[allow(dead_code)] // Not every program of tests calls both.
pub fn flat<M: Module>(model: &M, gradients: &GradientsParams) -> Vec<f64> {
    let all = by_parameter(model, gradients).into_iter();
    let all = all.map(|gradient| gradient.expect("every parameter has one"));
    all.flatten().collect()
}

/// The gradient of each parameter, if it has one.
pub fn by_parameter<M: Module>(model: &M, gradients: &GradientsParams) -> Vec<Option<Vec<f64>>> {
    struct Collect<'a>(&'a GradientsParams, Vec<Option<Vec<f64>>>);
    impl ModuleVisitor for Collect<'_> {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            let gradient = self.0.get::<D>(param.id);
            self.1
                .push(gradient.map(|found| found.try_into_vec_as::<f64>().unwrap()));
        }
    }
    let mut collect = Collect(gradients, Vec::new());
    model.visit(&mut collect);
    collect.1
}
