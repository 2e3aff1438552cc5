//! The product of independent distributions.

use super::Distribution;
use crate::noise::Noise;
use burn::tensor::Tensor;

/// Independent distributions of neighbouring groups of features: log p(x) = Σ log p_g(x_g).
///
/// x_g are the features of the g-th part. Samples, means and variances of the parts are
/// concatenated.
///
/// # Example
///
/// Two real features and a binary one.
///
/// ```
/// use burn_bayes::{distribution::Joint, prelude::*};
///
/// let device = Device::default();
/// let real = Normal::standard_like(&Tensor::<3>::zeros([1, 4, 2], &device));
/// let binary = Bernoulli::new(Tensor::<3>::zeros([1, 4, 1], &device));
/// let p = Joint::new([(Box::new(real) as Box<dyn Distribution>, 2), (Box::new(binary), 1)]);
/// let x = p.sample(5, &mut Noise::seeded(0));
/// assert_eq!((x.dims(), p.log_prob(x).dims()), ([5, 4, 3], [5, 4]));
/// ```
#[derive(Debug)]
pub struct Joint {
    parts: Vec<(Box<dyn Distribution>, usize)>,
}

impl Joint {
    /// From parts, each with its number of features.
    ///
    /// # Panics
    ///
    /// If there are no parts, or a part has another number of features than stated.
    pub fn new(parts: impl IntoIterator<Item = (Box<dyn Distribution>, usize)>) -> Self {
        let parts: Vec<_> = parts.into_iter().collect();
        assert!(
            !parts.is_empty(),
            "a joint distribution has one part at least"
        );
        for (part, width) in &parts {
            let [.., found] = part.mean().dims();
            assert!(
                found == *width,
                "a part has {found} features, and is given for {width}"
            );
        }
        Self { parts }
    }

    /// The same without a check of the numbers of features. The check needs the parts' means, which
    /// may be expensive.
    pub(crate) fn of(parts: impl IntoIterator<Item = (Box<dyn Distribution>, usize)>) -> Self {
        Self {
            parts: parts.into_iter().collect(),
        }
    }

    /// The number of features.
    pub fn num_features(&self) -> usize {
        self.parts.iter().map(|(_, width)| width).sum()
    }

    /// Each part with its slice of x.
    ///
    /// # Panics
    ///
    /// If x has another number of features.
    fn cut(&self, x: Tensor<3>) -> impl Iterator<Item = (&dyn Distribution, Tensor<3>)> {
        let ([.., found], features) = (x.dims(), self.num_features());
        assert!(
            found == features,
            "the parts are of {features} features, x has {found}"
        );
        let mut first = 0;
        self.parts.iter().map(move |(part, width)| {
            let of_part = x.clone().narrow(2, first, *width);
            first += width;
            (part.as_ref(), of_part)
        })
    }
}

/// Concatenates tensors on the last axis, each repeated to the largest number of samples.
fn side_by_side(parts: Vec<Tensor<3>>) -> Tensor<3> {
    let samples = parts.iter().map(|part| part.dims()[0]).max().unwrap_or(1);
    let expanded = parts.into_iter().map(|part| {
        let [_, batch, features] = part.dims();
        part.expand([samples, batch, features])
    });
    Tensor::cat(expanded.collect(), 2)
}

impl Distribution for Joint {
    fn log_prob(&self, x: Tensor<3>) -> Tensor<2> {
        let log_probs = self.cut(x).map(|(part, x)| part.log_prob(x));
        let sum = log_probs.reduce(|sum, log_prob| sum + log_prob);
        sum.expect("there is one part at least")
    }

    /// `None` if a part has none.
    fn log_prob_of_features(&self, x: Tensor<3>) -> Option<Tensor<3>> {
        let parts = self.cut(x).map(|(part, x)| part.log_prob_of_features(x));
        parts.collect::<Option<Vec<_>>>().map(side_by_side)
    }

    fn class_probabilities(&self, feature: usize) -> Option<Tensor<3>> {
        let mut first = 0;
        for (part, width) in &self.parts {
            if feature < first + width {
                return part.class_probabilities(feature - first);
            }
            first += width;
        }
        panic!("there is no feature {feature} of {first}")
    }

    /// Parts draw one after the other from the same noise.
    fn sample(&self, num_samples: usize, noise: &mut Noise) -> Tensor<3> {
        let parts = self.parts.iter();
        side_by_side(parts.map(|(p, _)| p.sample(num_samples, noise)).collect())
    }

    fn mean(&self) -> Tensor<3> {
        side_by_side(self.parts.iter().map(|(part, _)| part.mean()).collect())
    }

    fn variance(&self) -> Tensor<3> {
        side_by_side(self.parts.iter().map(|(part, _)| part.variance()).collect())
    }
}
