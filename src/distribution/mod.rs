//! Distributions: small values that hold tensors of parameters.
//!
//! The last axis is the event: densities, entropies and divergences are summed over it, one number
//! in nats per row. [`Normal<3>`] with parameters `[samples, batch, features]` is the distribution
//! of a latent variable or of a layer's activation. [`Normal<2>`] with `[d_input, d_output]` is the
//! posterior of a weight matrix. Leading axes of size 1 broadcast.
//!
//! A distribution of your own implements [`Distribution`] and, if its samples have gradients,
//! [`Reparameterized`]. Models, bounds and evaluation need nothing else.

mod bernoulli;
mod beta;
mod categorical;
mod continuous_bernoulli;
mod discretized_logistic;
mod draws;
mod features;
mod full_normal;
mod joint;
mod laplace;
mod low_rank_normal;
mod negative_binomial;
mod normal;
mod normal_draws;
mod normal_mixture;
mod poisson;
mod student_t;
mod support;
mod zero_inflated;

pub use bernoulli::Bernoulli;
pub use beta::Beta;
pub use categorical::Categorical;
pub use continuous_bernoulli::ContinuousBernoulli;
pub use discretized_logistic::DiscretizedLogistic;
pub use features::SumFeatures;
pub use full_normal::FullNormal;
pub use joint::Joint;
pub use laplace::Laplace;
pub use low_rank_normal::LowRankNormal;
pub use negative_binomial::NegativeBinomial;
pub use normal::Normal;
pub use normal_mixture::NormalMixture;
pub use poisson::Poisson;
pub use student_t::StudentT;
pub use support::Support;
pub use zero_inflated::ZeroInflatedNegativeBinomial;

use crate::noise::Noise;
use burn::tensor::Tensor;
use std::{any::Any, fmt::Debug};

/// A distribution over rows of features, such as data, latents or activations.
///
/// Parameters have the shape `[1 or samples, batch, features]`.
///
/// # Example
///
/// A Laplace distribution of scale 1, log p(x) = Σ −log 2 − |x − loc|.
///
/// ```
/// use burn_bayes::prelude::*;
///
/// #[derive(Debug)]
/// struct Laplace {
///     loc: Tensor<3>,
/// }
///
/// impl Distribution for Laplace {
///     fn log_prob(&self, x: Tensor<3>) -> Tensor<2> {
///         let log_prob = (x - self.loc.clone()).abs().neg().sub_scalar(2.0f64.ln());
///         log_prob.sum_dim(2).squeeze_dim(2)
///     }
///
///     fn sample(&self, num_samples: usize, noise: &mut Noise) -> Tensor<3> {
///         let [_, batch, features] = self.loc.dims();
///         // The inverse of the distribution function at u + ½: −sign(u) log(1 − 2|u|).
///         let u = noise.uniform([num_samples, batch, features], &self.loc.device()).sub_scalar(0.5);
///         let size = u.clone().abs().mul_scalar(-2.0).log1p().neg();
///         self.loc.clone() + u.sign() * size
///     }
///
///     fn mean(&self) -> Tensor<3> {
///         self.loc.clone()
///     }
///
///     fn variance(&self) -> Tensor<3> {
///         self.loc.full_like(2.0)
///     }
/// }
///
/// let p = Laplace { loc: Tensor::zeros([1, 2, 3], &Device::default()) };
/// let x = p.sample(5, &mut Noise::seeded(0));
/// assert_eq!(p.log_prob(x).dims(), [5, 2]);
/// ```
pub trait Distribution: Any + Debug + Send + Sync {
    /// The log-density or log-probability of each row, in nats.
    ///
    /// # Shapes
    ///
    /// `x` `[1 or samples, batch, features]` → `[samples, batch]`.
    fn log_prob(&self, x: Tensor<3>) -> Tensor<2>;

    /// The log-density or log-probability of each feature, in nats; their sum is that of the row.
    ///
    /// It is `None` if features depend on one another, or if it is not implemented, which is the
    /// default.
    ///
    /// Models of rows with missing cells need it, such as
    /// [`IncompleteVae`](crate::model::IncompleteVae).
    ///
    /// # Shapes
    ///
    /// `x` `[1 or samples, batch, features]` → `[samples, batch, features]`.
    fn log_prob_of_features(&self, _x: Tensor<3>) -> Option<Tensor<3>> {
        None
    }

    /// P(xⱼ = c) of each class c of a feature j, which add up to 1; `None` where the feature is not
    /// of classes, as here.
    ///
    /// # Shapes
    ///
    /// `[1 or samples, batch, classes]`.
    ///
    /// # Panics
    ///
    /// If there is no such feature.
    ///
    /// # Example
    ///
    /// ```
    /// use burn_bayes::prelude::*;
    ///
    /// let family = Family::Categorical { classes: 3 };
    /// let config = VaeConfig::new(5, 2).with_likelihood(family);
    /// let model = config.init(&Device::default(), &mut Noise::seeded(0));
    /// let mut noise = Noise::seeded(1);
    /// let p = model.decode(model.sample_latents(4, &mut noise), &mut noise);
    /// let of_last = p.class_probabilities(4).expect("the family has classes");
    /// assert_eq!(of_last.dims(), [1, 4, 3]);
    /// ```
    fn class_probabilities(&self, _feature: usize) -> Option<Tensor<3>> {
        None
    }

    /// `num_samples` independent samples of each row.
    ///
    /// # Shapes
    ///
    /// `[num_samples, batch, features]`.
    fn sample(&self, num_samples: usize, noise: &mut Noise) -> Tensor<3>;

    /// The mean of each feature, `[1 or samples, batch, features]`.
    fn mean(&self) -> Tensor<3>;

    /// The variance of each feature, `[1 or samples, batch, features]`.
    fn variance(&self) -> Tensor<3>;
}

/// A distribution whose samples have gradients with respect to its parameters: a proposal q(z | x).
pub trait Reparameterized: Distribution {
    /// `num_samples` samples of each row, and the log-density of each.
    ///
    /// # Shapes
    ///
    /// `[num_samples, batch, features]` and `[num_samples, batch]`.
    fn rsample_with_log_prob(
        &self,
        num_samples: usize,
        noise: &mut Noise,
    ) -> (Tensor<3>, Tensor<2>);

    /// The same distribution with constant parameters. Its densities have gradients with respect to
    /// x only, its samples have none.
    fn detached(&self) -> Box<dyn Reparameterized>;

    /// KL(self ‖ prior) of each row in closed form, in nats, `[1 or samples, batch]`; `None` if no
    /// closed form is known.
    fn kl_divergence(&self, _prior: &dyn Distribution) -> Option<Tensor<2>> {
        None
    }
}

impl Distribution for Box<dyn Distribution> {
    fn log_prob(&self, x: Tensor<3>) -> Tensor<2> {
        self.as_ref().log_prob(x)
    }

    fn log_prob_of_features(&self, x: Tensor<3>) -> Option<Tensor<3>> {
        self.as_ref().log_prob_of_features(x)
    }

    fn class_probabilities(&self, feature: usize) -> Option<Tensor<3>> {
        self.as_ref().class_probabilities(feature)
    }

    fn sample(&self, num_samples: usize, noise: &mut Noise) -> Tensor<3> {
        self.as_ref().sample(num_samples, noise)
    }

    fn mean(&self) -> Tensor<3> {
        self.as_ref().mean()
    }

    fn variance(&self) -> Tensor<3> {
        self.as_ref().variance()
    }
}
