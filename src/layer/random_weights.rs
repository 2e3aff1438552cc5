//! The trait of everything that may hold random weights.

use super::{BayesianLinear, Dense, Mlp, WeightSample, Weights};
use crate::noise::Noise;
use burn::tensor::Tensor;

/// A network, or a part of one, that may hold random weights. The default methods are for fixed
/// weights.
///
/// [`random_weights!`](crate::random_weights) implements it for a struct from its fields.
///
/// # Example
///
/// ```
/// use burn::nn::Linear;
/// use burn_bayes::prelude::*;
///
/// #[derive(Module, Debug)]
/// struct Tail {
///     first: Linear,
///     last: Dense,
/// }
///
/// random_weights!(Tail { last }); // `first` has fixed weights
/// # let device = Device::default();
/// # let mut noise = Noise::seeded(0);
/// # let first = burn::nn::LinearConfig::new(3, 2).init(&device);
/// # let last = Dense::new([2, 1], Weights::random(), Initializer::GlorotUniform, &device, &mut noise);
/// # let tail = Tail { first, last };
/// # assert_eq!(tail.weight_kl().unwrap().dims(), [1]);
/// # assert!(tail.posterior_mean().weight_kl().is_none());
/// # assert_eq!(tail.random_layers()[0].0, "last");
/// ```
pub trait RandomWeights: Clone {
    /// KL(q ‖ p) of all random weights, in nats, shape `[1]`; `None` if there are none.
    fn weight_kl(&self) -> Option<Tensor<1>> {
        None
    }

    /// The same with random weights replaced by their means.
    fn posterior_mean(&self) -> Self {
        self.clone()
    }

    /// The same with random weights replaced by given ones, in the order of
    /// [`random_layers`](Self::random_layers). Gradients flow through them.
    ///
    /// # Panics
    ///
    /// If there are fewer weights than random layers.
    fn with_weights(&self, _weights: &mut dyn Iterator<Item = WeightSample>) -> Self {
        self.clone()
    }

    /// The same with random weights replaced by one draw of them, without gradients to their means
    /// and variances.
    ///
    /// The default uses [`with_weights`](Self::with_weights): implement that method.
    ///
    /// # Panics
    ///
    /// If random weights remain because `with_weights` is not implemented.
    fn sample_weights(&self, noise: &mut Noise) -> Self {
        let layers = self.random_layers().into_iter();
        let draws = layers.map(|(_, layer)| layer.sample_weights(noise).detach());
        let draws: Vec<_> = draws.collect();
        let drawn = self.with_weights(&mut draws.into_iter());
        let left = drawn.random_layers().len();
        assert!(
            left == 0,
            "{left} layers stay random: implement `with_weights`"
        );
        drawn
    }

    /// The layers of random weights, each with its path; empty if there are none.
    fn random_layers(&self) -> Vec<(String, &BayesianLinear)> {
        Vec::new()
    }

    /// The same with fixed weights made random, with the fixed values as means. [`Weights::Fixed`]
    /// changes nothing. The default method changes nothing either:
    /// [`random_weights!`](crate::random_weights) implements it.
    fn with_random_weights(&self, _weights: Weights) -> Self {
        self.clone()
    }

    /// The same with the prior of each random weight centred on its present mean
    /// ([`BayesianLinear::with_centred_prior`]).
    fn with_centred_priors(&self) -> Self {
        self.clone()
    }
}

/// The sum of weight KLs, `None` if there is none.
#[doc(hidden)]
pub fn sum_of_weight_kls(kls: impl IntoIterator<Item = Option<Tensor<1>>>) -> Option<Tensor<1>> {
    kls.into_iter().flatten().reduce(|sum, kl| sum + kl)
}

/// The layers of a part, with the part's name in front of their paths.
#[doc(hidden)]
pub fn named_layers<'a>(
    part: &'a str,
    layers: Vec<(String, &'a BayesianLinear)>,
) -> impl Iterator<Item = (String, &'a BayesianLinear)> {
    layers
        .into_iter()
        .map(move |(place, layer)| match place.as_str() {
            "" => (part.into(), layer),
            place => (format!("{part}.{place}"), layer),
        })
}

/// Implements [`RandomWeights`](crate::layer::RandomWeights) for a struct.
///
/// List the fields that may hold random weights; other fields are copied.
///
/// Draws of weights are made in the order of the fields.
#[macro_export]
macro_rules! random_weights {
    ($name:ident $(<$($parameter:ident: $bound:path),+>)? { $($field:ident),+ $(,)? }) => {
        impl $(<$($parameter: $bound),+>)? $crate::layer::RandomWeights for $name $(<$($parameter),+>)? {
            fn weight_kl(&self) -> Option<burn::tensor::Tensor<1>> {
                $crate::layer::sum_of_weight_kls([
                    $($crate::layer::RandomWeights::weight_kl(&self.$field)),+
                ])
            }

            fn posterior_mean(&self) -> Self {
                let mut mean = self.clone();
                $(mean.$field = $crate::layer::RandomWeights::posterior_mean(&self.$field);)+
                mean
            }

            fn with_weights(
                &self,
                weights: &mut dyn Iterator<Item = $crate::layer::WeightSample>,
            ) -> Self {
                let mut given = self.clone();
                $(given.$field = $crate::layer::RandomWeights::with_weights(&self.$field, weights);)+
                given
            }

            fn random_layers(&self) -> Vec<(String, &$crate::layer::BayesianLinear)> {
                let mut layers = Vec::new();
                $(layers.extend($crate::layer::named_layers(
                    stringify!($field),
                    $crate::layer::RandomWeights::random_layers(&self.$field),
                ));)+
                layers
            }

            fn with_random_weights(&self, weights: $crate::layer::Weights) -> Self {
                let mut random = self.clone();
                $(random.$field = $crate::layer::RandomWeights::with_random_weights(&self.$field, weights);)+
                random
            }

            fn with_centred_priors(&self) -> Self {
                let mut centred = self.clone();
                $(centred.$field = $crate::layer::RandomWeights::with_centred_priors(&self.$field);)+
                centred
            }
        }
    };
}

impl RandomWeights for Dense {
    fn weight_kl(&self) -> Option<Tensor<1>> {
        self.kl()
    }

    fn posterior_mean(&self) -> Self {
        self.posterior_mean()
    }

    fn with_weights(&self, weights: &mut dyn Iterator<Item = WeightSample>) -> Self {
        self.with_weights(weights)
    }

    fn random_layers(&self) -> Vec<(String, &BayesianLinear)> {
        match self {
            Self::Bayesian(linear) => vec![(String::new(), linear)],
            Self::Deterministic(_) => Vec::new(),
        }
    }

    fn with_random_weights(&self, weights: Weights) -> Self {
        self.randomized(weights)
    }

    fn with_centred_priors(&self) -> Self {
        match self {
            Self::Bayesian(linear) => Self::Bayesian(linear.clone().with_centred_prior()),
            Self::Deterministic(_) => self.clone(),
        }
    }
}

/// The path of an element begins with its index.
impl<T: RandomWeights> RandomWeights for Vec<T> {
    fn weight_kl(&self) -> Option<Tensor<1>> {
        sum_of_weight_kls(self.iter().map(T::weight_kl))
    }

    fn posterior_mean(&self) -> Self {
        self.iter().map(T::posterior_mean).collect()
    }

    fn with_weights(&self, weights: &mut dyn Iterator<Item = WeightSample>) -> Self {
        let parts = self.iter();
        parts.map(|part| part.with_weights(weights)).collect()
    }

    fn random_layers(&self) -> Vec<(String, &BayesianLinear)> {
        let parts = self.iter().enumerate();
        let layers = parts.flat_map(|(i, part)| {
            let place = move |(place, layer): (String, _)| match place.is_empty() {
                true => (i.to_string(), layer),
                false => (format!("{i}.{place}"), layer),
            };
            part.random_layers().into_iter().map(place)
        });
        layers.collect()
    }

    fn with_random_weights(&self, weights: Weights) -> Self {
        let parts = self.iter();
        parts
            .map(|part| part.with_random_weights(weights))
            .collect()
    }

    fn with_centred_priors(&self) -> Self {
        self.iter().map(T::with_centred_priors).collect()
    }
}

impl RandomWeights for Mlp {
    fn weight_kl(&self) -> Option<Tensor<1>> {
        self.kl()
    }

    fn posterior_mean(&self) -> Self {
        self.posterior_mean()
    }

    fn with_weights(&self, weights: &mut dyn Iterator<Item = WeightSample>) -> Self {
        let mut given = self.clone();
        given.layers = self.layers.with_weights(weights);
        given
    }

    fn random_layers(&self) -> Vec<(String, &BayesianLinear)> {
        self.layers.random_layers()
    }

    fn with_random_weights(&self, weights: Weights) -> Self {
        let mut random = self.clone();
        random.layers = self.layers.with_random_weights(weights);
        random
    }

    fn with_centred_priors(&self) -> Self {
        let mut centred = self.clone();
        centred.layers = self.layers.with_centred_priors();
        centred
    }
}
