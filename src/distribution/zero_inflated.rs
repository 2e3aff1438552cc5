//! The zero-inflated negative binomial distribution with independent features.

use super::{
    Distribution, NegativeBinomial, SumFeatures,
    draws::{broadcast, for_samples, uniform},
};
use crate::{
    noise::Noise,
    special::{ln_add_exp, softplus},
};
use burn::tensor::{Tensor, activation::sigmoid};

/// The zero-inflated negative binomial distribution with independent features.
///
/// A count is 0 with probability sigmoid(π), and otherwise [negative binomial](NegativeBinomial). π
/// is the gate's logit.
///
/// # Example
///
/// ```
/// use burn_bayes::{
///     distribution::{NegativeBinomial, ZeroInflatedNegativeBinomial},
///     prelude::*,
/// };
///
/// let zeros = Tensor::<3>::zeros([1, 2, 3], &Device::default());
/// let counts = NegativeBinomial::new(zeros.clone(), zeros.clone());
/// let p = ZeroInflatedNegativeBinomial::new(counts, zeros.clone());
/// let log_prob = p.log_prob(zeros); // ½ + ½ · ½ for each feature
/// assert!((log_prob.max().into_scalar::<f32>() - 3.0 * 0.75f32.ln()).abs() < 1e-5);
/// ```
#[derive(Clone, Debug)]
pub struct ZeroInflatedNegativeBinomial {
    counts: NegativeBinomial,
    gate_logits: Tensor<3>,
}

impl ZeroInflatedNegativeBinomial {
    /// From the counts and the gate's logits, `[1 or samples, batch, features]`.
    pub fn new(counts: NegativeBinomial, gate_logits: Tensor<3>) -> Self {
        let [log_mean, gate_logits] = broadcast(counts.log_mean, gate_logits);
        let counts = NegativeBinomial::new(log_mean, counts.log_inverse_dispersion);
        Self {
            counts,
            gate_logits,
        }
    }

    /// log P(x), feature by feature. With the counts' probability P, it is log(e^π + P(0)) −
    /// softplus(π) at x = 0, and log P(x) − softplus(π) for x > 0.
    fn log_prob_elementwise(&self, x: Tensor<3>) -> Tensor<3> {
        let counts = self.counts.log_prob_elementwise(x.clone());
        let gate = self.gate_logits.clone();
        let dims = (counts.clone() + gate.clone()).dims();
        let [counts, gate] = [counts, gate].map(|part| part.expand(dims));
        let zero = x.without_autodiff().equal_elem(0.0).expand(dims);
        let at_zero = ln_add_exp(gate.clone(), counts.clone());
        counts.mask_where(zero, at_zero) - softplus(gate)
    }
}

impl Distribution for ZeroInflatedNegativeBinomial {
    fn log_prob(&self, x: Tensor<3>) -> Tensor<2> {
        self.log_prob_elementwise(x).sum_features()
    }

    fn log_prob_of_features(&self, x: Tensor<3>) -> Option<Tensor<3>> {
        Some(self.log_prob_elementwise(x))
    }

    fn sample(&self, num_samples: usize, noise: &mut Noise) -> Tensor<3> {
        let gate = for_samples(sigmoid(self.gate_logits.clone()), num_samples);
        let closed = uniform(&gate, noise).lower(gate);
        self.counts
            .sample(num_samples, noise)
            .mask_fill(closed, 0.0)
    }

    fn mean(&self) -> Tensor<3> {
        self.counts.mean() * sigmoid(self.gate_logits.clone().neg())
    }

    fn variance(&self) -> Tensor<3> {
        let [closed, open] = [1.0, -1.0].map(|sign| sigmoid(self.gate_logits.clone() * sign));
        let mean = self.counts.mean();
        open * (self.counts.variance() + closed * mean.clone() * mean)
    }
}
