//! Adam as one fused operation.

use crate::{
    error::{Error, Result},
    kernel::{self, AdamStep},
};
use burn::{
    config::Config,
    optim::{AdamState, AdaptiveMomentumState, LearningRate, ModuleOptimizer, Optimizer},
    tensor::{DType, Device, Tensor},
};

/// Configuration of [`Adam`].
///
/// # Example
///
/// ```
/// use burn::optim::GradientsParams;
/// use burn_bayes::prelude::*;
///
/// let device = Device::default().autodiff();
/// let mut noise = Noise::seeded(0);
/// let mut model = VaeConfig::new(4, 2).init(&device, &mut noise);
/// let mut adam = AdamConfig::new().init();
/// for step in 0..3 {
///     let x = Tensor::<2>::ones([10, 4], &device);
///     let log_weights = model.log_weights(x, 5, &mut noise.fork(step));
///     let loss = -bound::iwae(log_weights.total()).mean();
///     let gradients = GradientsParams::from_grads(loss.backward(), &model);
///     model = adam.step(1e-3, model, gradients);
/// }
/// ```
#[derive(Config, Debug, PartialEq)]
pub struct AdamConfig {
    /// The decay of the first moment, in [0, 1).
    #[config(default = 0.9)]
    pub beta_1: f64,
    /// The decay of the second moment, in [0, 1).
    #[config(default = 0.999)]
    pub beta_2: f64,
    /// ε, added to the square root of the corrected second moment.
    #[config(default = 1e-8)]
    pub epsilon: f64,
    /// Decoupled weight decay λ (Loshchilov and Hutter 2019): θ ← θ − lr · λ · θ before each step.
    #[config(default = 0.0)]
    pub weight_decay: f64,
}

impl AdamConfig {
    /// Checks a configuration that came from a file or a command line.
    ///
    /// # Errors
    ///
    /// [`Error::Setting`] for a decay outside of [0, 1), an ε that is no positive normal number, a
    /// weight decay that is negative, and for numbers that are not finite. The first three count as
    /// they are in `f32`.
    pub fn validate(&self) -> Result<()> {
        self.validate_as("epsilon")
    }

    /// The same for settings that have another name for ε.
    pub(crate) fn validate_as(&self, epsilon: &str) -> Result<()> {
        // As parameters of `f32` have them: ε may be 0 there, or become 0 in a product, and β 1.
        let [beta_1, beta_2, e] = [self.beta_1, self.beta_2, self.epsilon].map(|x| x as f32);
        let decay = self.weight_decay;
        for (name, number, fits, cure) in [
            (
                "beta_1",
                self.beta_1,
                (0.0..1.0).contains(&beta_1),
                "give a number of [0, 1)",
            ),
            (
                "beta_2",
                self.beta_2,
                (0.0..1.0).contains(&beta_2),
                "give a number of [0, 1)",
            ),
            (
                epsilon,
                self.epsilon,
                e >= f32::MIN_POSITIVE && e.is_finite(),
                "give a number above 1e-37, such as 1e-8",
            ),
            (
                "weight_decay",
                decay,
                decay >= 0.0 && decay.is_finite(),
                "give 0 or more",
            ),
        ] {
            if !fits {
                return Err(Error::setting(name, format!("is {number}"), cure));
            }
        }
        Ok(())
    }

    /// The optimizer of one group of parameters.
    ///
    /// # Panics
    ///
    /// If [`validate`](Self::validate) finds an error, with its message.
    pub fn build(&self) -> Adam {
        if let Err(error) = self.validate() {
            panic!("{error}");
        }
        Adam {
            config: self.clone(),
        }
    }

    /// The optimizer of a whole module.
    ///
    /// # Panics
    ///
    /// Where [`build`](Self::build) panics.
    pub fn init(&self) -> ModuleOptimizer {
        self.build().into()
    }
}

/// Adam (Kingma and Ba 2015), in one pass over each parameter where the device allows.
///
/// m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g², θ ← θ − lr · m̂/(√v̂ + ε). The corrected moments are
/// m̂ = m/(1 − β₁ᵗ) and v̂ = v/(1 − β₂ᵗ).
///
/// It has the same rule and the same state as `burn::optim::Adam`, so records of the two are
/// interchangeable. It needs fewer passes over memory.
#[derive(Clone, Debug)]
pub struct Adam {
    config: AdamConfig,
}

impl Optimizer for Adam {
    type State<const D: usize> = AdamState<D>;

    fn step<const D: usize>(
        &self,
        learning_rate: LearningRate,
        parameter: Tensor<D>,
        gradient: Tensor<D>,
        state: Option<AdamState<D>>,
    ) -> (Tensor<D>, Option<AdamState<D>>) {
        let (time, moments) = match state {
            Some(AdamState { momentum }) => {
                (momentum.time + 1, [momentum.moment_1, momentum.moment_2])
            }
            None => (1, [gradient.zeros_like(), gradient.zeros_like()]),
        };
        // In `f32` moments decay by a rounded β, so the correction must use the same rounded β.
        let double = parameter.dtype() == DType::F64;
        let AdamConfig {
            beta_1,
            beta_2,
            epsilon,
            weight_decay,
        } = self.config;
        let parameter = match weight_decay {
            0.0 => parameter,
            decay => parameter.mul_scalar(1.0 - learning_rate * decay),
        };
        let [beta_1, beta_2, epsilon] = [beta_1, beta_2, epsilon].map(|number| match double {
            true => number,
            false => f64::from(number as f32),
        });
        let power = i32::try_from(time).unwrap_or(i32::MAX); // long before, corrections are 1
        let correction = |beta: f64| 1.0 - beta.powi(power);
        let root = correction(beta_2).sqrt();
        let step = AdamStep {
            beta_1,
            beta_2,
            size: learning_rate * root / correction(beta_1),
            epsilon: epsilon * root,
        };
        let (parameter, [moment_1, moment_2]) = kernel::adam(parameter, gradient, moments, step);
        let momentum = AdaptiveMomentumState::new(time, moment_1, moment_2);
        (parameter, Some(AdamState::new(momentum)))
    }

    fn to_device<const D: usize>(mut state: AdamState<D>, device: &Device) -> AdamState<D> {
        state.momentum = state.momentum.to_device(device);
        state
    }
}
