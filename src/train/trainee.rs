//! The model as burn's engine sees it.

use super::{
    Objective, ObjectiveParts,
    loader::Batch,
    stream,
    watch::{Watch, gradient_summary},
};
use crate::{data::Binarization, model::LatentVariableModel, noise::Noise};
use burn::{
    module::{Devices, Module, ModuleMapper, ModuleVisitor},
    optim::GradientsParams,
    tensor::{Device, ExecutionError, Tensor},
    train::{InferenceStep, ItemLazy, TrainOutput, TrainStep},
};
use std::fmt;

/// A model and what its training step needs besides.
#[derive(Clone)]
pub(super) struct Trainee<M> {
    pub model: M,
    pub setup: Setup,
}

/// What a training step needs besides the model.
#[derive(Clone)]
pub(super) struct Setup {
    pub objective: Objective,
    pub binarization: Binarization,
    /// The noise of the training's seed.
    pub root: Noise,
    /// N, the number of training data.
    pub dataset_size: usize,
    pub watch: Watch,
}

impl<M> Trainee<M> {
    /// What a pass over a batch starts from.
    fn inputs(&self, batch: &Batch, binarization: &Noise, model: Noise) -> (Tensor<2>, Noise) {
        let rule = &self.setup.binarization;
        let x = rule.apply(batch.x.clone(), &batch.ids, binarization);
        (x, model.with_datapoints(&batch.ids))
    }
}

impl<M: LatentVariableModel + Module> TrainStep for Trainee<M> {
    type Input = Batch;
    type Output = ObjectiveParts;

    /// If anything is not finite, the gradients are empty, so that the parameters stay.
    fn step(&self, batch: Batch) -> TrainOutput<ObjectiveParts> {
        let Setup {
            root,
            watch,
            objective,
            dataset_size,
            ..
        } = &self.setup;
        watch.begin(batch.step);
        let (x, mut noise) = self.inputs(
            &batch,
            &root.fork(stream::BINARIZATION).fork(batch.step),
            root.fork(stream::MODEL).fork(batch.step),
        );
        let (parts, gradients) = objective.gradients(&self.model, x, *dataset_size, &mut noise);
        let mut named = parts.named();
        named.extend(
            gradient_summary(&self.model, &gradients).map(|summary| ("the gradient", summary)),
        );
        let grads = match watch.check(named, "") {
            true => gradients,
            false => GradientsParams::new(),
        };
        TrainOutput { grads, item: parts }
    }
}

impl<M: LatentVariableModel + Module> InferenceStep for Trainee<M> {
    type Input = Batch;
    type Output = ObjectiveParts;

    fn step(&self, batch: Batch) -> ObjectiveParts {
        let Setup {
            root,
            watch,
            objective,
            dataset_size,
            ..
        } = &self.setup;
        let (x, mut noise) = self.inputs(
            &batch,
            &root.fork(stream::VALID_BINARIZATION),
            root.fork(stream::VALID_MODEL),
        );
        let parts = objective.evaluate(&self.model, x, *dataset_size, &mut noise);
        watch.check(parts.named(), " of the validation data");
        parts
    }
}

impl ItemLazy for ObjectiveParts {
    fn sync(self) -> Result<Self, ExecutionError> {
        self.bound.device().flush()?;
        // The thread that computes metrics must not keep the graph.
        Ok(Self {
            bound: self.bound.without_autodiff(),
            log_likelihood: self.log_likelihood.without_autodiff(),
            log_prior: self.log_prior.without_autodiff(),
            log_proposal: self.log_proposal.without_autodiff(),
            kl: self.kl.without_autodiff(),
            effective_sample_size: self.effective_sample_size.without_autodiff(),
            weight_kl: self.weight_kl.map(|kl| kl.without_autodiff()),
            dataset_size: self.dataset_size,
        })
    }
}

/// Written out, because the derive would prefix every parameter's path: checkpoints are to hold the
/// model's own paths, so that they load into the model.
impl<M: Module> Module for Trainee<M> {
    fn collect_devices(&self, devices: Devices) -> Devices {
        self.model.collect_devices(devices)
    }

    fn fork(self, device: &Device) -> Self {
        self.map_model(|model| model.fork(device))
    }

    fn to_device(self, device: &Device) -> Self {
        self.map_model(|model| model.to_device(device))
    }

    fn train(self) -> Self {
        self.map_model(M::train)
    }

    fn valid(&self) -> Self {
        Self {
            model: self.model.valid(),
            setup: self.setup.clone(),
        }
    }

    fn materialize(self) -> Self {
        self.map_model(M::materialize)
    }

    fn visit<Visitor: ModuleVisitor>(&self, visitor: &mut Visitor) {
        self.model.visit(visitor);
    }

    fn map<Mapper: ModuleMapper>(self, mapper: &mut Mapper) -> Self {
        self.map_model(|model| model.map(mapper))
    }
}

impl<M> Trainee<M> {
    fn map_model(self, map: impl FnOnce(M) -> M) -> Self {
        Self {
            model: map(self.model),
            setup: self.setup,
        }
    }
}

impl<M: fmt::Debug> fmt::Debug for Trainee<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.model.fmt(f)
    }
}

impl<M: fmt::Display> fmt::Display for Trainee<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.model.fmt(f)
    }
}
