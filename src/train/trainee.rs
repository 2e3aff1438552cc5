//! The model as burn's engine sees it.

use super::{
    Objective, Step,
    loader::Batch,
    stream,
    summary::Summary,
    watch::{Watch, gradient_summary},
};
use crate::{data::Binarization, device::is_gpu, model::LatentVariableModel, noise::Noise};
use burn::{
    module::{Devices, Module, ModuleMapper, ModuleVisitor},
    optim::GradientsParams,
    tensor::{Device, Tensor},
    train::{InferenceStep, TrainOutput, TrainStep},
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
    pub steps_per_epoch: u64,
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
    type Output = Summary;

    /// If anything is not finite, the gradients are empty, so that the parameters stay. On a GPU it would
    /// cost a wait to know that at once: there the thread that computes metrics finds it, and the
    /// last step of an epoch waits, so that no checkpoint follows.
    fn step(&self, batch: Batch) -> TrainOutput<Summary> {
        let Setup {
            root,
            watch,
            objective,
            dataset_size,
            steps_per_epoch,
            ..
        } = &self.setup;
        watch.begin(batch.step);
        watch.poll();
        let (x, mut noise) = self.inputs(
            &batch,
            &root.fork(stream::BINARIZATION).fork(batch.step),
            root.fork(stream::MODEL).fork(batch.step),
        );
        let step = Step::new(*dataset_size).with_number(batch.step);
        let (parts, gradients) = objective.gradients(&self.model, x, step, &mut noise);
        let gradient = gradient_summary(&self.model, &gradients);
        let summary = Summary::new(&parts, gradient, batch.step);
        watch.defer(summary.clone());
        let wait = !is_gpu(&batch.x.device()) || (batch.step + 1).is_multiple_of(*steps_per_epoch);
        let grads = match !wait || watch.check_deferred() {
            true => gradients,
            false => GradientsParams::new(),
        };
        TrainOutput {
            grads,
            item: summary,
        }
    }
}

impl<M: LatentVariableModel + Module> InferenceStep for Trainee<M> {
    type Input = Batch;
    type Output = Summary;

    fn step(&self, batch: Batch) -> Summary {
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
        let summary = Summary::new(&parts, None, watch.step()).of_validation();
        watch.poll();
        if !is_gpu(&batch.x.device()) {
            watch.check(&summary);
        }
        summary
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
