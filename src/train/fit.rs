//! Training a model.

use super::{
    ChargedWeights, EpochSummary, Run, TrainingConfig,
    loader::{Loader, Order},
    metric::{Mean, Quantity},
    recorder::{Curve, Recorder},
    run::unreadable,
    stream,
    trainee::{Setup, Trainee},
    watch::Watch,
};
use crate::{
    data::Datapoints,
    error::{Error, Result},
    model::LatentVariableModel,
    noise::Noise,
};
use burn::{
    module::Module,
    train::{Learner, SupervisedTraining},
};
use std::{fmt::Display, sync::Arc};

/// A trained model and how it came about.
#[derive(Clone, Debug)]
pub struct Trained<M> {
    /// The model, ready for evaluation: without autodiff. Continue training with `model.train()`.
    pub model: M,
    /// The epochs, in order; also in `curve.csv`.
    pub curve: Vec<EpochSummary>,
    /// Whether somebody stopped the run at the dashboard. The model is then as it was at that step.
    pub interrupted: bool,
}

impl TrainingConfig {
    /// Trains a model on the device of its parameters.
    ///
    /// `run` is a folder, or a [`Run`]; see the [module](super) for what is written there. Nothing is
    /// written if the settings or the data are wrong.
    ///
    /// # Errors
    ///
    /// - [`Error::Setting`] and [`Error::Data`] for settings, data and folders that cannot be used.
    /// - [`Error::NonFinite`] if a part of the objective, of any datapoint, or a gradient became NaN or
    ///   infinite. No checkpoint followed; the last one is good. (On a GPU some more steps may have run,
    ///   since nobody waits for a step's numbers.)
    /// - [`Error::Record`] if the checkpoint to resume from does not fit the model.
    /// - [`Error::Io`] and [`Error::Training`] if files cannot be written or the device fails.
    ///
    /// # Panics
    ///
    /// If the model cannot take data of this width, or not this objective (see
    /// [`Objective::evaluate`](super::Objective::evaluate)).
    pub fn fit<M>(
        &self,
        model: M,
        train: &Datapoints,
        valid: Option<&Datapoints>,
        run: impl Into<Run>,
    ) -> Result<Trained<M>>
    where
        M: LatentVariableModel + Module + Display + 'static,
    {
        let run = run.into();
        self.validate()?;
        self.check_data(train, valid, model.support())?;
        let Some(device) = model.devices().first().cloned() else {
            return Err(Error::setting(
                "model",
                "has no parameters",
                "give a model that can be trained",
            ));
        };
        let steps_per_epoch = train.len().div_ceil(self.batch_size);
        let start = run.start(self, steps_per_epoch)?;

        let watch = Watch::default();
        let root = Noise::seeded(self.seed).fork(stream::ROOT);
        let charges = self.objective.weight_kl(&model).is_some();
        if !charges && self.objective.charged_weights != ChargedWeights::None {
            return Err(Error::setting(
                "charged_weights",
                format!(
                    "is {:?}, but the model has no such random weights",
                    self.objective.charged_weights
                ),
                "charge nothing, or give the model random weights",
            ));
        }
        let mut trainee = Trainee {
            model: model.train(),
            setup: Setup {
                objective: self.objective.clone(),
                binarization: self.binarization,
                root: root.clone(),
                dataset_size: train.len(),
                steps_per_epoch: steps_per_epoch as u64,
                watch: watch.clone(),
            },
        };
        let scheduler = self.schedule.for_steps(steps_per_epoch);
        let learner = match start.epoch {
            0 => Learner::new(trainee, self.adam().init(), scheduler),
            epoch => {
                let checkpoint = run.load(epoch)?;
                trainee = trainee
                    .try_load_record(checkpoint.model)
                    .map_err(unreadable(run.dir()))?;
                let mut learner = Learner::new(trainee, self.adam().init(), scheduler);
                learner.load_optim(checkpoint.optimizer);
                learner.load_scheduler(checkpoint.scheduler);
                learner
            }
        };
        run.prepare(self, &start)?;

        let loader = |data, order| Loader::new(data, self.batch_size, order, &device, start.epoch);
        let train_loader = loader(train, Order::Shuffled(root));
        let valid_loader = match valid {
            Some(valid) => loader(valid, Order::Stored),
            None => loader(train, Order::Stored).with_rows(0..0),
        };
        let curve = Curve::new(start.curve);
        let num_valid = valid.map_or(0, Datapoints::len);
        let recorder = Recorder::new(
            curve.clone(),
            run.curve_file(),
            self.schedule,
            steps_per_epoch,
            watch.clone(),
        )
        .with_datapoints(train.len(), num_valid);

        let mut training =
            SupervisedTraining::new(run.dir(), Arc::new(train_loader), Arc::new(valid_loader))
                .num_epochs(self.epochs)
                .with_application_logger(None) // the caller's logging stays as it is
                .with_interrupter(watch.engine.clone())
                .with_metric_logger(recorder)
                .renderer(run.progress.renderer(&watch, self.batch_size, start.epoch));
        for quantity in Quantity::ALL {
            if quantity == Quantity::WeightKl && !charges {
                continue;
            }
            training = training.metric_train_numeric(Mean::of(quantity, &watch));
            if valid.is_some() {
                training = training.metric_valid_numeric(Mean::of(quantity, &watch));
            }
        }
        if run.checkpoints {
            training = training.with_default_checkpointers();
        }
        if start.epoch > 0 {
            training = training.checkpoint(start.epoch);
        }
        let result = training.launch(learner);

        let failed = watch
            .error()
            .map(|error| self.with_cure(error, &run, steps_per_epoch));
        let failed = failed.or(result.error.map(|error| Error::Training(error.to_string())));
        match failed {
            Some(error) => Err(error),
            None => Ok(Trained {
                model: result.model.model,
                curve: curve.epochs(),
                interrupted: result.interrupted.is_some(),
            }),
        }
    }

    /// Says what to do about a number that is not finite.
    fn with_cure(&self, error: Error, run: &Run, steps_per_epoch: usize) -> Error {
        let Error::NonFinite {
            part, value, step, ..
        } = error
        else {
            return error;
        };
        let checkpoint = match run.last_checkpoint() {
            Ok(Some((epoch, path))) => format!(
                "; the weights after epoch {epoch} are in `{}`",
                path.display()
            ),
            _ => String::new(),
        };
        let learning_rate = self.schedule.learning_rate(step as usize / steps_per_epoch);
        let cure = format!(
            "try a learning rate below {learning_rate}, and check the initial weights{checkpoint}"
        );
        Error::NonFinite {
            part,
            value,
            step,
            cure,
        }
    }
}
