//! Training a model.

use super::{
    Run, Trained, TrainingConfig,
    checkpoint::Checkpoints,
    checks::{check_charged, check_default_device, check_trainable},
    inputs::Inputs,
    keep::{KeepLastAndBest, is_kept},
    loader::{Loader, Order},
    metric::Mean,
    part::Part,
    quantity::Quantity,
    recorder::{Curve, Recorder},
    renderer::renderer,
    start::Folder,
    stop::{Stop, has_ended},
    stream,
    trainee::{Setup, Trainee},
    watch::{OF_VALIDATION, Watch},
};
use crate::{
    data::Source,
    error::{Error, Result},
    file::FolderLock,
    model::LatentVariableModel,
    noise::Noise,
};
use burn::{
    module::Module,
    train::{Learner, SupervisedTraining},
};
use std::{fmt::Display, marker::PhantomData, sync::Arc};

impl TrainingConfig {
    /// Trains a model on the device of its parameters.
    ///
    /// `run` is a folder, or a [`Run`]; see the [module](super) for what is written there. If the
    /// settings or the data are wrong, nothing is written.
    ///
    /// # Errors
    ///
    /// - [`Error::Setting`] and [`Error::Data`] for settings, data and folders that cannot be used.
    /// - [`Error::NonFinite`] if a part of the objective, of any datapoint, or a gradient became
    ///   NaN or infinite. No checkpoint was written afterwards, so the last one is good. On a GPU a
    ///   few more steps may have run, since training does not wait for a step's numbers.
    /// - [`Error::Record`] if the checkpoint to resume from does not fit the model.
    /// - [`Error::Io`] and [`Error::Training`] if files cannot be written or the device fails.
    ///
    /// # Panics
    ///
    /// If the model cannot take data of this width, or cannot be trained with this objective: see
    /// [`Objective::evaluate`](super::Objective::evaluate).
    pub fn fit<S, M>(
        &self,
        model: M,
        train: &S,
        valid: Option<&S>,
        run: impl Into<Run>,
    ) -> Result<Trained<M>>
    where
        S: Source,
        M: LatentVariableModel<S::Rows> + Module + Display + 'static,
    {
        let run = run.into();
        self.validate()?;
        for data in [Some(train), valid].into_iter().flatten() {
            data.check(model.support())?;
        }
        let Some(device) = model.devices().first().cloned() else {
            return Err(Error::setting(
                "model",
                "has no parameters",
                "give a model that can be trained",
            ));
        };
        if self.patience.is_some() && valid.is_none() {
            return Err(Error::setting(
                "patience",
                "is for validation data, and there are none",
                "give `fit` some, or leave it out",
            ));
        }
        self.objective.check_model(&model)?;
        let charge = self.objective.weight_kl_found(&model);
        self.check_batch(&model)?;
        self.objective
            .check_shares(&device.clone().without_autodiff())?;
        let model = model.train();
        check_trainable(&model)?;
        check_charged(&self.objective, &model)?;
        self.rehearse(&model, train, valid)?;

        // Nothing has been written so far.
        let structure = model.to_string();
        let inputs = Inputs::of(&model, train, valid)?;
        let steps_per_epoch = train.len().div_ceil(self.batch_size);
        let lock = Arc::new(FolderLock::of(run.dir())?);
        let watch = Watch::new(&lock);
        let folder = Folder {
            run: &run,
            config: self,
            inputs: &inputs,
            steps_per_epoch,
        };
        let start = folder.start()?;
        if start.epoch > 0 {
            check_default_device(&device)?;
        }

        let root = Noise::seeded(self.seed).fork(stream::ROOT);
        let trainee = Trainee {
            model,
            setup: Setup {
                objective: self.objective.clone(),
                rows_per_chunk: self.rows_per_chunk,
                clipping: self.clipping,
                root: root.clone(),
                dataset_size: train.len(),
                steps_per_epoch: steps_per_epoch as u64,
                watch: watch.clone(),
            },
            batch: PhantomData,
        };
        let scheduler = self.schedule.for_steps(steps_per_epoch);
        let earlier = folder.earlier(&start, &trainee)?;
        let learner = Learner::new(trainee, self.optimizer(), scheduler);
        let run_name = folder.prepare(&start)?;
        let checkpoints = folder.checkpoints().of_run(&run_name);

        let loader = |data, order| {
            let (size, first) = (self.batch_size, start.epoch);
            Loader::new(data, size, order, &root, &device, &watch, first)
        };
        let train_loader = loader(train, Order::Shuffled);
        let valid_loader = match valid {
            Some(valid) => loader(valid, Order::Stored),
            None => train_loader.with_device(&device).with_rows(0..0),
        };
        // A run that has already stopped early has no further epoch.
        let epochs = match has_ended(&start.curve, self.patience) {
            true => start.epoch,
            false => self.epochs,
        };
        let curve = Curve::new(start.curve);
        let num_valid = valid.map_or(0, Source::len);
        let recorder = Recorder::new(
            curve.clone(),
            folder.curve_file(),
            self.schedule.clone(),
            steps_per_epoch,
            watch.clone(),
        )
        .with_datapoints(train.len(), num_valid);

        let mut training =
            SupervisedTraining::new(run.dir(), Arc::new(train_loader), Arc::new(valid_loader))
                .num_epochs(epochs)
                .with_application_logger(None) // the caller's logging stays as it is
                .with_interrupter(watch.engine.clone())
                .with_metric_logger(recorder)
                .renderer(renderer(
                    &run.progress,
                    &watch,
                    self.batch_size,
                    start.epoch,
                ));
        // After the recorder: it must be the one that answers when burn looks for the best
        // checkpoint.
        for logger in &run.loggers {
            training = training.with_metric_logger(logger.of_run(&watch));
        }
        let weight_kl = charge.map(Quantity::weight_kl);
        for quantity in Quantity::ALL {
            let other = quantity.is_weight_kl() && Some(quantity) != weight_kl;
            if other {
                continue;
            }
            training = training.metric_train_numeric(Mean::of(quantity, &watch));
            if valid.is_some() {
                training = training.metric_valid_numeric(Mean::of(quantity, &watch));
            }
        }
        let strategy = KeepLastAndBest {
            writes: run.checkpoints,
            checkpoints: checkpoints.clone(),
            curve: curve.clone(),
            watch: watch.clone(),
        };
        let shared = (&curve, &watch);
        let mut training = training
            .early_stopping(Stop {
                patience: self.patience,
                after_epoch: run.after_epoch.clone(),
                curve: curve.clone(),
                watch: watch.clone(),
                copies: run.checkpoints.then(|| checkpoints.copies.clone()),
            })
            .with_checkpointing_strategy(strategy)
            .with_custom_checkpointers(
                checkpoints.writer(Part::Model, Some(structure), earlier.model, shared),
                checkpoints.writer(Part::Optimizer, None, earlier.optimizer, shared),
                checkpoints.writer(Part::Scheduler, None, earlier.scheduler, shared),
            );
        if start.epoch > 0 {
            training = training.checkpoint(start.epoch);
        }
        let result = training.launch(learner);
        let failed = watch
            .error()
            .map(|error| self.with_cure(error, &checkpoints, steps_per_epoch));
        let failed = failed.or(result.error.map(|error| Error::Training(error.to_string())));
        if failed.is_none()
            && run.checkpoints
            && watch.check_folder().is_ok()
            && let Ok(Some(last)) = checkpoints.last()
        {
            // Files that cannot be deleted now are deleted when the run is resumed.
            let curve = curve.epochs();
            let _ = checkpoints.keep(|epoch| is_kept(epoch, last, &curve));
        }
        match failed {
            Some(error) => Err(error),
            None => Ok(Trained {
                model: result.model.model,
                curve: curve.epochs(),
                interrupted: result.interrupted.is_some() || watch.is_interrupted(),
                checkpoints: run.checkpoints.then_some(checkpoints),
            }),
        }
    }

    /// Adds the cure to the error for a number that is not finite.
    fn with_cure(&self, error: Error, checkpoints: &Checkpoints, steps_per_epoch: usize) -> Error {
        let Error::NonFinite {
            part, value, step, ..
        } = error
        else {
            return error;
        };
        let checkpoint = match checkpoints.last() {
            Ok(Some(epoch)) => format!(
                "; the weights after epoch {epoch} are in `{}`",
                checkpoints.path(Part::Model, epoch).display()
            ),
            _ => String::new(),
        };
        let learning_rate = self.schedule.learning_rate(step as usize, steps_per_epoch);
        let cure = match step {
            // No step was taken, unless validation came after it.
            0 if !part.ends_with(OF_VALIDATION) => {
                "check the initial weights, the scale of the data, and densities of your own".into()
            }
            _ => format!(
                "try a learning rate below {learning_rate}, and check the initial weights{checkpoint}"
            ),
        };
        Error::NonFinite {
            part,
            value,
            step,
            cure,
        }
    }
}
