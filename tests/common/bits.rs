//! Models compared to the bit.

use burn::module::{Module, ModuleVisitor, Param};
use burn_bayes::prelude::Tensor;

/// Every parameter, as bits.
pub fn bits<M: Module>(model: &M) -> Vec<u32> {
    struct Collect(Vec<u32>);
    impl ModuleVisitor for Collect {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            let values = param.val().without_autodiff().try_into_vec_as::<f32>();
            self.0.extend(values.unwrap().into_iter().map(f32::to_bits));
        }
    }
    let mut collect = Collect(Vec::new());
    model.visit(&mut collect);
    collect.0
}
