//! Gradients as numbers.

use burn::{
    module::{ModuleVisitor, Param},
    optim::GradientsParams,
};
use burn_bayes::prelude::*;

/// All gradients of a model, one after the other.
pub fn flat<M: Module>(model: &M, gradients: &GradientsParams) -> Vec<f64> {
    struct Collect<'a>(&'a GradientsParams, Vec<f64>);
    impl ModuleVisitor for Collect<'_> {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            let gradient = self.0.get::<D>(param.id).expect("every parameter has one");
            self.1.extend(gradient.try_into_vec_as::<f64>().unwrap());
        }
    }
    let mut collect = Collect(gradients, Vec::new());
    model.visit(&mut collect);
    collect.1
}
