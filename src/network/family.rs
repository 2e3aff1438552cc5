//! The built-in families of p(x | z): one type for configuration, head and support.

use super::{
    BernoulliHead, Conditional, Head, Network, NormalHead, Scale,
    gaussian_decoder::{FLOORS, log_variance_of},
    head::check_outputs,
};
use crate::{
    distribution::{
        Beta, Categorical, ContinuousBernoulli, DiscretizedLogistic, Distribution, Laplace,
        NegativeBinomial, Poisson, StudentT, Support, ZeroInflatedNegativeBinomial,
    },
    error::{Error, Result},
    kernel::{self, Function},
    layer::{Mlp, MlpConfig},
    noise::Noise,
};
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

/// A network for p(x | z) with a family that is chosen at run time.
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

/// A built-in family of distributions of data, with independent features.
///
/// A network's outputs are parts of equal width in the order of the table, each with one number per
/// feature. For [`Categorical`](Self::Categorical) and
/// [`DiscretizedLogistic`](Self::DiscretizedLogistic) the numbers of one feature are next to each
/// other instead. Log-scales are softly limited from below: floor + softplus(output − floor).
///
/// | family | data | outputs |
/// | --- | --- | --- |
/// | `Bernoulli` | 0 and 1 | logits |
/// | `Normal` | real | mean, and a log-variance if the scale is learned |
/// | `ContinuousBernoulli` | from 0 to 1 | logits |
/// | `Laplace`, `StudentT` | real | location, log-scale |
/// | `Beta` | between 0 and 1 | a and b, by softplus |
/// | `Poisson` | counts | log-rate |
/// | `NegativeBinomial` | counts | log-mean, log-inverse-dispersion |
/// | `ZeroInflatedNegativeBinomial` | counts | the same, and the gate's logit |
/// | `Categorical` | classes from 0 | a logit for each class |
/// | `DiscretizedLogistic` | levels from 0 to 1 | logits, locations, log-scales of the components |
///
/// # Example
///
/// ```
/// use burn_bayes::prelude::*;
///
/// let config = VaeConfig::new(20, 2).with_likelihood(Family::NegativeBinomial);
/// let model = config.init(&Device::default(), &mut Noise::seeded(0));
/// assert_eq!(model.sample(5, &mut Noise::seeded(1)).dims(), [5, 20]); // counts
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Family {
    /// Binary data.
    #[default]
    Bernoulli,
    /// Real data.
    #[serde(alias = "Gaussian")]
    Normal(Scale),
    /// Numbers from 0 to 1, such as grey levels: see [`ContinuousBernoulli`].
    ContinuousBernoulli,
    /// Real data with outliers: see [`Laplace`].
    Laplace {
        /// The floor of the log-scale.
        min_log_scale: f64,
    },
    /// Real data with outliers far away: see [`StudentT`].
    StudentT {
        /// ν, the degrees of freedom.
        df: f64,
        /// The floor of the log-scale.
        min_log_scale: f64,
    },
    /// Numbers between 0 and 1: see [`Beta`].
    Beta,
    /// Counts whose variance equals their mean: see [`Poisson`].
    Poisson,
    /// Counts whose variance is above their mean: see [`NegativeBinomial`].
    NegativeBinomial,
    /// The same with more zeros: see [`ZeroInflatedNegativeBinomial`].
    ZeroInflatedNegativeBinomial,
    /// Labels: see [`Categorical`].
    Categorical {
        /// The number of classes, at least 2.
        classes: u32,
    },
    /// Grey levels: see [`DiscretizedLogistic`].
    DiscretizedLogistic {
        /// The number of logistic distributions in the mixture, at least 1.
        components: u32,
        /// The number of levels, at least 2; 256 for images of 8 bits.
        levels: u32,
        /// The floor of the log-scale.
        min_log_scale: f64,
    },
}

/// Added to the parameters of a beta distribution to keep them away from 0.
const MIN_BETA: f64 = 1e-3;

impl Family {
    /// Checks a family that came from a file or a command line.
    ///
    /// # Errors
    ///
    /// [`Error::Setting`] for degrees of freedom that are not a positive number, for a floor or the
    /// logarithm of a variance that is not from −80 to 80, and for too few classes, components or
    /// levels.
    pub fn validate(&self) -> Result<()> {
        let positive = |name: &str, value: f64| match value > 0.0 && value.is_finite() {
            true => Ok(()),
            false => Err(wrong(name, value, "give a positive number")),
        };
        let floor = |name: &str, value: f64| match FLOORS.contains(&value) {
            true => Ok(()),
            false => Err(wrong(
                name,
                value,
                "give a number from -80 to 80, such as -10",
            )),
        };
        let at_least = |name: &str, value: u32, least: u32| match value >= least {
            true => Ok(()),
            false => Err(wrong(name, value, &format!("give at least {least}"))),
        };
        match *self {
            Self::Normal(Scale::Fixed { std }) => match FLOORS.contains(&log_variance_of(std)) {
                true => Ok(()),
                false => Err(wrong("std", std, "give a number from 1e-17 to 1e17")),
            },
            Self::Normal(Scale::Learned { min_log_variance }) => {
                floor("min_log_variance", min_log_variance)
            }
            Self::Laplace { min_log_scale } => floor("min_log_scale", min_log_scale),
            Self::StudentT { df, min_log_scale } => {
                positive("df", df)?;
                floor("min_log_scale", min_log_scale)
            }
            Self::Categorical { classes } => at_least("classes", classes, 2),
            Self::DiscretizedLogistic {
                components,
                levels,
                min_log_scale,
            } => {
                at_least("components", components, 1)?;
                at_least("levels", levels, 2)?;
                floor("min_log_scale", min_log_scale)
            }
            Self::Bernoulli
            | Self::ContinuousBernoulli
            | Self::Beta
            | Self::Poisson
            | Self::NegativeBinomial
            | Self::ZeroInflatedNegativeBinomial => Ok(()),
        }
    }
}

fn wrong(name: &str, value: impl std::fmt::Display, cure: &str) -> Error {
    Error::setting(format!("likelihood.{name}"), format!("is {value}"), cure)
}

/// An output, softly limited from below by a floor.
fn above(floor: f64, output: Tensor<3>) -> Tensor<3> {
    kernel::apply(Function::Softplus, output.sub_scalar(floor)).add_scalar(floor)
}

/// Splits outputs into parts of equal width.
fn parts<const N: usize>(outputs: &Tensor<3>) -> [Tensor<3>; N] {
    let [.., width] = outputs.dims();
    assert!(
        width.is_multiple_of(N),
        "the likelihood takes {N} outputs for each feature, the network gives {width} in all"
    );
    std::array::from_fn(|i| outputs.clone().narrow(2, i * (width / N), width / N))
}

impl Head for Family {
    type Output = Box<dyn Distribution>;

    fn num_outputs(&self, num_features: usize) -> usize {
        let for_each = match *self {
            Self::Bernoulli | Self::ContinuousBernoulli | Self::Poisson => 1,
            Self::Normal(scale) => return NormalHead { scale }.num_outputs(num_features),
            Self::Laplace { .. } | Self::StudentT { .. } | Self::Beta | Self::NegativeBinomial => 2,
            Self::ZeroInflatedNegativeBinomial => 3,
            Self::Categorical { classes } => classes as usize,
            Self::DiscretizedLogistic { components, .. } => 3 * components as usize,
        };
        for_each * num_features
    }

    fn distribution(&self, outputs: Tensor<3>) -> Box<dyn Distribution> {
        match *self {
            Self::Bernoulli => Box::new(BernoulliHead.distribution(outputs)),
            Self::Normal(scale) => Box::new(NormalHead { scale }.distribution(outputs)),
            Self::ContinuousBernoulli => Box::new(ContinuousBernoulli::new(outputs)),
            Self::Laplace { min_log_scale } => {
                let [loc, log_scale] = parts(&outputs);
                Box::new(Laplace::new(loc, above(min_log_scale, log_scale)))
            }
            Self::StudentT { df, min_log_scale } => {
                let [loc, log_scale] = parts(&outputs);
                Box::new(StudentT::new(df, loc, above(min_log_scale, log_scale)))
            }
            Self::Beta => {
                let [a, b] = parts(&outputs).map(|output| above(0.0, output).add_scalar(MIN_BETA));
                Box::new(Beta::new(a, b))
            }
            Self::Poisson => Box::new(Poisson::new(outputs)),
            Self::NegativeBinomial => {
                let [log_mean, log_inverse_dispersion] = parts(&outputs);
                Box::new(NegativeBinomial::new(log_mean, log_inverse_dispersion))
            }
            Self::ZeroInflatedNegativeBinomial => {
                let [log_mean, log_inverse_dispersion, gate] = parts(&outputs);
                let counts = NegativeBinomial::new(log_mean, log_inverse_dispersion);
                Box::new(ZeroInflatedNegativeBinomial::new(counts, gate))
            }
            Self::Categorical { classes } => Box::new(Categorical::new(outputs, classes as usize)),
            Self::DiscretizedLogistic {
                components,
                levels,
                min_log_scale,
            } => {
                let (components, levels) = (components as usize, levels as usize);
                let logistic = DiscretizedLogistic::new(outputs, components, levels);
                Box::new(logistic.with_min_log_scale(min_log_scale))
            }
        }
    }

    fn support(&self) -> Support {
        match *self {
            Self::Bernoulli => BernoulliHead.support(),
            Self::Normal(scale) => NormalHead { scale }.support(),
            Self::Laplace { .. } | Self::StudentT { .. } => Support::Real,
            Self::ContinuousBernoulli => Support::UnitInterval,
            Self::Beta => Support::OpenUnitInterval,
            Self::Poisson | Self::NegativeBinomial | Self::ZeroInflatedNegativeBinomial => {
                Support::Counts
            }
            Self::Categorical { classes } => Support::Classes { classes },
            Self::DiscretizedLogistic { levels, .. } => Support::Levels { levels },
        }
    }

    /// Bernoulli data take their own path, which need not write logits to memory.
    fn log_prob<N: Network>(
        &self,
        network: &N,
        input: Tensor<3>,
        x: Tensor<3>,
        num_samples: usize,
        noise: &mut Noise,
    ) -> Tensor<2> {
        if let Self::Bernoulli = self {
            return BernoulliHead.log_prob(network, input, x, num_samples, noise);
        }
        let outputs = network.forward(input, num_samples, noise);
        let ([.., found], [.., features]) = (outputs.dims(), x.dims());
        check_outputs(found, self.num_outputs(features), features);
        self.distribution(outputs).log_prob(x)
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

    /// Sets the output bias to the logit of the data's mean if the family is Bernoulli. See
    /// [`BernoulliDecoder::with_data_mean`](super::BernoulliDecoder::with_data_mean). Other
    /// families are unchanged.
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
            _ => self,
        }
    }
}
