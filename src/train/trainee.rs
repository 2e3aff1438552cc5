//! The model as burn's engine sees it.

use super::{
    Clipping, Objective, Step, chunks,
    loader::Batch,
    stream,
    summary::Summary,
    watch::{Watch, gradient_summary},
};
use crate::{data::Rows, device::is_gpu, model::LatentVariableModel, noise::Noise};
use burn::{
    module::{Devices, Module, ModuleMapper, ModuleVisitor},
    optim::GradientsParams,
    tensor::Device,
    train::{InferenceStep, TrainOutput, TrainStep},
};
use std::{fmt, marker::PhantomData};

/// A model, and everything else that its training step needs.
pub(super) struct Trainee<M, D> {
    pub model: M,
    pub setup: Setup,
    /// The type of a batch.
    pub batch: PhantomData<fn() -> D>,
}

/// Everything that a training step needs in addition to the model.
#[derive(Clone)]
pub(super) struct Setup {
    pub objective: Objective,
    pub rows_per_chunk: Option<usize>,
    pub clipping: Clipping,
    /// The noise of the training's seed.
    pub root: Noise,
    /// N, the number of training data.
    pub dataset_size: usize,
    pub steps_per_epoch: u64,
    pub watch: Watch,
}

impl<M: Clone, D> Clone for Trainee<M, D> {
    fn clone(&self) -> Self {
        Self {
            model: self.model.clone(),
            setup: self.setup.clone(),
            batch: PhantomData,
        }
    }
}

impl<D: Rows, M: LatentVariableModel<D> + Module> TrainStep for Trainee<M, D> {
    type Input = Batch<D>;
    type Output = Summary;

    /// If a number is not finite, the gradients are empty, so that parameters do not change. On a
    /// GPU an immediate check would have to wait for the device. There the thread that computes
    /// metrics checks later. The last step of an epoch waits for that check, so that no checkpoint
    /// follows a bad step.
    fn step(&self, batch: Batch<D>) -> TrainOutput<Summary> {
        let Setup {
            root,
            watch,
            objective,
            rows_per_chunk,
            clipping,
            dataset_size,
            steps_per_epoch,
        } = &self.setup;
        watch.begin(batch.step, *steps_per_epoch);
        watch.poll();
        let on_gpu = is_gpu(&batch.x.device());
        let number = batch.step;
        let noise = root.fork(stream::MODEL).fork(number);
        let step = Step::new(*dataset_size).with_number(number);
        let (parts, gradients) =
            chunks::gradients(objective, &self.model, batch, *rows_per_chunk, step, noise);
        let gradient = gradient_summary(&self.model, &gradients);
        let summary = Summary::new(&parts, gradient, number);
        watch.defer(summary.clone());
        let wait = !on_gpu || (number + 1).is_multiple_of(*steps_per_epoch);
        let grads = match !wait || watch.check_deferred() {
            true => clipping.apply(&self.model, gradients),
            false => GradientsParams::new(),
        };
        TrainOutput {
            grads,
            item: summary,
        }
    }
}

impl<D: Rows, M: LatentVariableModel<D> + Module> InferenceStep for Trainee<M, D> {
    type Input = Batch<D>;
    type Output = Summary;

    fn step(&self, batch: Batch<D>) -> Summary {
        let Setup {
            root,
            watch,
            objective,
            rows_per_chunk,
            dataset_size,
            ..
        } = &self.setup;
        let on_gpu = is_gpu(&batch.x.device());
        let noise = root.fork(stream::VALID_MODEL);
        let (model, size) = (&self.model, *dataset_size);
        let parts = chunks::evaluate(objective, model, batch, *rows_per_chunk, size, noise);
        let summary = Summary::new(&parts, None, watch.step()).of_validation();
        watch.poll();
        if !on_gpu {
            watch.check(&summary);
        }
        summary
    }
}

/// Not derived, because the derive would prefix every parameter's path. Checkpoints must hold the
/// model's own paths, so that they load into the model.
impl<M: Module, D: Rows> Module for Trainee<M, D> {
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
            batch: PhantomData,
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

impl<M, D> Trainee<M, D> {
    fn map_model(self, map: impl FnOnce(M) -> M) -> Self {
        Self {
            model: map(self.model),
            setup: self.setup,
            batch: PhantomData,
        }
    }
}

impl<M: fmt::Debug, D> fmt::Debug for Trainee<M, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.model.fmt(f)
    }
}

impl<M: fmt::Display, D> fmt::Display for Trainee<M, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.model.fmt(f)
    }
}
