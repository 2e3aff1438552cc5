//! The built-in families of p(x | z): configuration, head and support in one.

use super::{BernoulliHead, Conditional, Head, Network, NormalHead, Scale};
use crate::{
    distribution::{Distribution, Support},
    error::{Error, Result},
    layer::{Mlp, MlpConfig},
    noise::Noise,
};
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

/// A network for p(x | z), of a family that is chosen when the program runs.
///
/// # Example
///
/// ```
/// use burn_bayes::prelude::*;
///
/// let device = Device::default();
/// let mut noise = Noise::seeded(0);
/// let family = Family::Normal(Scale::Fixed { std: 0.5 });
/// let decoder = Decoder::new(&MlpConfig::new(2, vec![50], 3), family, &device, &mut noise);
/// let p = decoder.forward(noise.normal([5, 100, 2], &device), 5, &mut noise);
/// assert_eq!(p.sample(5, &mut noise).dims(), [5, 100, 3]);
/// ```
pub type Decoder<N = Mlp> = Conditional<Family, N>;

/// A built-in family of distributions of data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Family {
    /// Binary data.
    #[default]
    Bernoulli,
    /// Real data.
    #[serde(alias = "Gaussian")]
    Normal(Scale),
}

impl Family {
    /// Checks a family that came from a file or a command line.
    ///
    /// # Errors
    ///
    /// [`Error::Setting`] for a standard deviation that is not a positive number, and for a floor
    /// that is none.
    pub fn validate(&self) -> Result<()> {
        match *self {
            Self::Bernoulli => Ok(()),
            Self::Normal(Scale::Fixed { std }) if std > 0.0 && std.is_finite() => Ok(()),
            Self::Normal(Scale::Fixed { std }) => Err(Error::setting(
                "likelihood.std",
                format!("is {std}"),
                "give a positive number",
            )),
            Self::Normal(Scale::Learned { min_log_variance }) if min_log_variance.is_finite() => {
                Ok(())
            }
            Self::Normal(Scale::Learned { min_log_variance }) => Err(Error::setting(
                "likelihood.min_log_variance",
                format!("is {min_log_variance}"),
                "give a number such as -10",
            )),
        }
    }
}

impl Head for Family {
    type Output = Box<dyn Distribution>;

    fn num_outputs(&self, num_features: usize) -> usize {
        match *self {
            Self::Bernoulli => BernoulliHead.num_outputs(num_features),
            Self::Normal(scale) => NormalHead { scale }.num_outputs(num_features),
        }
    }

    fn distribution(&self, outputs: Tensor<3>) -> Box<dyn Distribution> {
        match *self {
            Self::Bernoulli => Box::new(BernoulliHead.distribution(outputs)),
            Self::Normal(scale) => Box::new(NormalHead { scale }.distribution(outputs)),
        }
    }

    fn support(&self) -> Support {
        match *self {
            Self::Bernoulli => BernoulliHead.support(),
            Self::Normal(scale) => NormalHead { scale }.support(),
        }
    }

    fn log_prob<N: Network>(
        &self,
        network: &N,
        input: Tensor<3>,
        x: Tensor<3>,
        num_samples: usize,
        noise: &mut Noise,
    ) -> Tensor<2> {
        match *self {
            Self::Bernoulli => BernoulliHead.log_prob(network, input, x, num_samples, noise),
            Self::Normal(scale) => {
                NormalHead { scale }.log_prob(network, input, x, num_samples, noise)
            }
        }
    }
}

impl Decoder {
    /// Makes the decoder. `mlp.d_output` is the number of data features; the network gets the
    /// outputs that the family needs for them.
    ///
    /// # Panics
    ///
    /// If [`Family::validate`] finds an error, with its message, and where [`MlpConfig::init`]
    /// panics.
    pub fn new(mlp: &MlpConfig, family: Family, device: &Device, noise: &mut Noise) -> Self {
        if let Err(error) = family.validate() {
            panic!("{error}");
        }
        Self::with_mlp(mlp, family, device, noise)
    }

    /// Starts the output bias at the logit of the data's mean, where the family is Bernoulli; see
    /// [`BernoulliDecoder::with_data_mean`](super::BernoulliDecoder::with_data_mean). Others stay
    /// as they are.
    ///
    /// # Shapes
    ///
    /// `mean` is `[d_output]`.
    ///
    /// # Panics
    ///
    /// If `mean` has another length.
    pub fn with_data_mean(self, mean: Tensor<1>) -> Self {
        match self.head {
            Family::Bernoulli => {
                let bias = BernoulliHead::logits_of(mean);
                Self::from_parts(self.network.with_output_bias(bias), self.head)
            }
            Family::Normal(_) => self,
        }
    }
}
