//! Checks before a training begins.

use super::config::TrainingConfig;
use crate::{
    data::{Rows, Source, check_widths},
    error::{Error, Result},
    gradient::Estimator,
    layer::BayesianLinear,
    model::LatentVariableModel,
    noise::Noise,
    objective::{Bound, ChargedWeights, Objective, Step},
};
use burn::{
    module::{Module, ModuleVisitor, Param},
    optim::GradientsParams,
    tensor::{Device, Tensor},
};
use std::panic;

/// Refuses to resume where burn cannot read an optimizer's state. It does so on the default device,
/// whatever device the model is on.
pub(super) fn check_default_device(device: &Device) -> Result<()> {
    // burn has no other way to ask: without a driver it panics.
    let usable = || {
        let default = Device::default();
        default == device.clone().without_autodiff()
            || Tensor::<1>::zeros([1], &default).try_into_data().is_ok()
    };
    match panic::catch_unwind(panic::AssertUnwindSafe(usable)) {
        Ok(true) => Ok(()),
        _ => Err(Error::Device {
            name: "`Device::default()`".into(),
            problem: "cannot be used, and burn reads an optimizer's state there".into(),
            cure: "set the environment variable BURN_DEVICE to the device of the training".into(),
        }),
    }
}

impl TrainingConfig {
    /// Refuses to run a batch in parts if its rows depend on one another.
    pub(super) fn check_batch<D: Rows, M: LatentVariableModel<D>>(&self, model: &M) -> Result<()> {
        let in_parts = (self.rows_per_chunk).is_some_and(|rows| rows < self.batch_size);
        match in_parts && model.uses_batch_statistics() {
            true => Err(Error::setting(
                "rows_per_chunk",
                "runs a batch in parts, but the model normalizes over the whole of it",
                "use whole batches, or no batch normalization",
            )),
            false => Ok(()),
        }
    }

    /// Runs the model forward on one row of each data set, and backward on that of the training
    /// data. So if it panics, it does so before any file is changed.
    pub(super) fn rehearse<S, M>(&self, model: &M, train: &S, valid: Option<&S>) -> Result<()>
    where
        S: Source,
        M: LatentVariableModel<S::Rows> + Module,
    {
        let noise = Noise::seeded(self.seed).with_datapoints(&[0]);
        let device = model.devices().swap_remove(0).without_autodiff();
        // A copy, since the row would enter running averages over batches.
        let model = &model.valid().train();
        let (first, size) = (train.select(&[0], &device, &noise)?, train.len());
        if self.objective.bound == Bound::VaeAnalytic {
            let weights = model.log_weights(first.clone(), 1, &mut noise.clone());
            if let Some(problem) = weights.without_closed_form() {
                return Err(Error::setting(
                    "bound",
                    problem,
                    "use the bound Vae, or Iwae",
                ));
            }
        }
        if let Some(valid) = valid {
            let (model, x) = (model.valid(), valid.select(&[0], &device, &noise)?);
            check_widths((valid.name(), &x), (train.name(), &first))?;
            let _ = (self.objective).evaluate(&model, x, Step::new(size), &mut noise.clone());
        }
        if self.objective.estimator != Estimator::Standard {
            let path = Tensor::ones([1, 1], &device);
            let along = model.log_weights_along_path(first.clone(), 1, &mut noise.clone(), path);
            let _ = along.ok_or_else(|| {
                Error::setting(
                    "estimator",
                    "needs a model with `LatentVariableModel::log_weights_along_path`",
                    "use `Estimator::Standard`, or implement it",
                )
            })?;
        }
        let last = Step::new(size).with_number(u64::MAX);
        let _ = (self.objective).gradients(model, first, last, &mut noise.clone());
        Ok(())
    }
}

/// Refuses a model without trainable parameters: there is nothing to differentiate.
pub(super) fn check_trainable<M: Module>(model: &M) -> Result<()> {
    struct Any(bool);
    impl ModuleVisitor for Any {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            self.0 |= param.is_require_grad();
        }
    }
    let mut any = Any(false);
    model.visit(&mut any);
    match any.0 {
        true => Ok(()),
        false => Err(Error::setting(
            "model",
            "has no parameter that is trained: all are frozen",
            "unfreeze what is to be trained",
        )),
    }
}

/// Refuses to charge all random weights if the model leaves some out of their KL. Those would be
/// trained as if they cost nothing, without a word.
pub(super) fn check_charged<R, M>(objective: &Objective, model: &M) -> Result<()>
where
    R: Rows,
    M: LatentVariableModel<R> + Module,
{
    struct LeftOut {
        gradients: GradientsParams,
        path: Vec<String>,
        /// Whether the last of the path is a field of such a layer.
        of_layer: bool,
        layers: Vec<String>,
    }
    impl ModuleVisitor for LeftOut {
        fn enter_module(&mut self, name: &str, container: &str) {
            self.path.push(name.into());
            self.of_layer = container == BayesianLinear::CONTAINER;
        }

        fn exit_module(&mut self, _: &str, _: &str) {
            self.path.pop();
        }

        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            if let Some((name, layer)) = self.path.split_last()
                && (self.of_layer && name == BayesianLinear::LOG_VARIANCE)
                && param.is_require_grad()
                && self.gradients.get::<D>(param.id).is_none()
            {
                self.layers.push(layer.join("."));
            }
        }
    }
    let (ChargedWeights::All, Some(kl)) = (objective.charged_weights, model.weight_kl()) else {
        return Ok(());
    };
    // Of frozen weights alone a KL has no gradient.
    let leaf = kl.zeros_like().detach().require_grad();
    let mut left_out = LeftOut {
        gradients: GradientsParams::from_grads((kl + leaf).backward(), model),
        path: Vec::new(),
        of_layer: false,
        layers: Vec::new(),
    };
    model.visit(&mut left_out);
    match left_out.layers.first() {
        None => Ok(()),
        Some(layer) => Err(Error::setting(
            "charged_weights",
            format!("is All, but the model leaves `{layer}` out of its `weight_kl`"),
            "name every field with random weights in `random_weights!`, and implement \
             `encoder_weight_kl` and `decoder_weight_kl`",
        )),
    }
}
