//! The normal distribution with full covariance.

use super::{Distribution, Normal, Reparameterized, SumFeatures};
use crate::noise::Noise;
use burn::tensor::{Int, Tensor, TensorData};
use std::{any::Any, f64::consts::TAU};

/// The normal distribution N(loc, LᵀL) of each row, with full covariance.
///
/// L is upper triangular with a positive diagonal. A draw is z = Lᵀε + loc with standard normal ε,
/// so log N(z) = −½ (εᵀε + d log 2π) − Σ log Lᵢᵢ. A draw takes of the order of d² operations for
/// each sample and row, and so does the density of another value.
///
/// # Example
///
/// ```
/// use burn_bayes::{distribution::FullNormal, prelude::*};
///
/// let device = Device::default();
/// let loc = Tensor::<3>::zeros([1, 10, 3], &device);
/// let q = FullNormal::new(loc.clone(), loc, Tensor::ones([1, 10, 3], &device));
/// let (z, log_q) = q.rsample_with_log_prob(5, &mut Noise::seeded(0));
/// assert_eq!((z.dims(), log_q.dims()), ([5, 10, 3], [5, 10]));
/// ```
#[derive(Clone, Debug)]
pub struct FullNormal {
    loc: Tensor<3>,
    /// log Lᵢᵢ.
    log_diagonal: Tensor<3>,
    /// Lᵀ, lower triangular, `[samples, batch, d, d]`.
    factor: Tensor<4>,
}

impl FullNormal {
    /// From means, log Lᵢᵢ, and Lᵀ below its diagonal, row by row.
    ///
    /// # Shapes
    ///
    /// `[1 or samples, batch, d]` twice, and `[1 or samples, batch, d·(d−1)/2]`.
    ///
    /// # Panics
    ///
    /// If shapes do not fit.
    pub fn new(loc: Tensor<3>, log_diagonal: Tensor<3>, below: Tensor<3>) -> Self {
        let [samples, batch, d] = loc.dims();
        assert_eq!(
            log_diagonal.dims(),
            loc.dims(),
            "a diagonal entry for each mean"
        );
        let found = below.dims();
        let needed = [samples, batch, d * (d - 1) / 2];
        assert_eq!(found, needed, "entries below the diagonal of {d} by {d}");
        // For each entry of the matrix, row by row, its place in the list of diagonal, entries
        // below it, and one 0.
        let place = |entry: usize| match (entry / d, entry % d) {
            (row, column) if row == column => row,
            (row, column) if row > column => d + row * (row - 1) / 2 + column,
            _ => d + d * (d - 1) / 2,
        };
        let places: Vec<i64> = (0..d * d).map(|entry| place(entry) as i64).collect();
        let places = TensorData::from(places.as_slice());
        let places = Tensor::<1, Int>::from_data(places, &loc.device());
        let zero = loc.clone().narrow(2, 0, 1).zeros_like();
        let entries = Tensor::cat(vec![log_diagonal.clone().exp(), below, zero], 2);
        Self {
            factor: entries.select(2, places).reshape([samples, batch, d, d]),
            loc,
            log_diagonal,
        }
    }

    /// Lᵀ · vector, `[samples, batch, d]`.
    fn times(&self, vector: Tensor<3>) -> Tensor<3> {
        let [samples, batch, _] = vector.dims();
        // All samples of a row share one matrix: one product per row. Not where an axis of length 1
        // would be moved: burn 0.22.1 fuses what follows wrongly on a GPU.
        if self.factor.dims()[0] == 1 && samples > 1 && batch > 1 {
            let factor: Tensor<3> = self.factor.clone().squeeze_dim(0);
            return factor.matmul(vector.permute([1, 2, 0])).permute([2, 0, 1]);
        }
        let product = self.factor.clone().matmul(vector.unsqueeze_dim::<4>(3));
        product.squeeze_dim(3)
    }

    /// Solves Lᵀ v = value by forward substitution.
    fn solve(&self, value: Tensor<3>) -> Tensor<3> {
        let [.., d] = self.loc.dims();
        let inverse_diagonal = self.log_diagonal.clone().neg().exp();
        let mut rest = value;
        let mut entries = Vec::with_capacity(d);
        for i in 0..d {
            let entry = rest.clone().narrow(2, 0, 1) * inverse_diagonal.clone().narrow(2, i, 1);
            if i + 1 < d {
                let below = self
                    .factor
                    .clone()
                    .narrow(2, i + 1, d - i - 1)
                    .narrow(3, i, 1);
                let below: Tensor<3> = below.squeeze_dim(3);
                rest = rest.narrow(2, 1, d - i - 1) - below * entry.clone();
            }
            entries.push(entry);
        }
        Tensor::cat(entries, 2)
    }

    /// The log-density of Lᵀε + loc.
    fn log_prob_of(&self, epsilon: Tensor<3>) -> Tensor<2> {
        let half = epsilon.square().add_scalar(TAU.ln()).mul_scalar(0.5);
        (half + self.log_diagonal.clone()).sum_features().neg()
    }
}

impl Distribution for FullNormal {
    fn log_prob(&self, x: Tensor<3>) -> Tensor<2> {
        self.log_prob_of(self.solve(x - self.loc.clone()))
    }

    fn sample(&self, num_samples: usize, noise: &mut Noise) -> Tensor<3> {
        self.rsample_with_log_prob(num_samples, noise).0
    }

    fn mean(&self) -> Tensor<3> {
        self.loc.clone()
    }

    /// The diagonal of LᵀL.
    fn variance(&self) -> Tensor<3> {
        self.factor.clone().square().sum_dim(3).squeeze_dim(3)
    }
}

impl Reparameterized for FullNormal {
    fn rsample_with_log_prob(
        &self,
        num_samples: usize,
        noise: &mut Noise,
    ) -> (Tensor<3>, Tensor<2>) {
        let [samples, batch, d] = self.loc.dims();
        assert!(
            samples == 1 || samples == num_samples,
            "the parameters are those of {samples} samples, {num_samples} were asked for"
        );
        let epsilon = noise.normal([num_samples, batch, d], &self.loc.device());
        let epsilon = epsilon.cast(self.loc.dtype());
        let z = self.loc.clone() + self.times(epsilon.clone());
        (z, self.log_prob_of(epsilon))
    }

    fn detached(&self) -> Box<dyn Reparameterized> {
        Box::new(Self {
            loc: self.loc.clone().detach(),
            log_diagonal: self.log_diagonal.clone().detach(),
            factor: self.factor.clone().detach(),
        })
    }

    /// The divergence to a normal distribution with independent features, N(m, s²): ½ Σ [((LᵀL)ᵢᵢ +
    /// (locᵢ − mᵢ)²)/sᵢ² − 1 + log sᵢ²] − Σ log Lᵢᵢ.
    fn kl_divergence(&self, prior: &dyn Distribution) -> Option<Tensor<2>> {
        let prior = (prior as &dyn Any).downcast_ref::<Normal<3>>()?;
        let inverse = prior.scale().recip();
        let distance = (self.loc.clone() - prior.loc()) * inverse.clone();
        let spread = self.variance() * inverse.square();
        let twice = spread + distance.square() + prior.log_variance();
        let kl = twice.sub_scalar(1.0).mul_scalar(0.5) - self.log_diagonal.clone();
        Some(kl.sum_features())
    }
}
