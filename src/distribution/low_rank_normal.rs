//! The normal distribution with a covariance of a diagonal plus a matrix of low rank.

use super::{Distribution, Normal, Reparameterized, SumFeatures};
use crate::noise::Noise;
use burn::tensor::Tensor;
use std::{any::Any, f64::consts::TAU};

/// The normal distribution N(loc, D + UUᵀ) of each row, with D diagonal and U of r columns.
///
/// A draw is z = loc + √D ε₁ + U ε₂ with standard normal ε₁ of length d and ε₂ of length r. Let A =
/// D^(−½) U, C = I + AᵀA (r by r), and w = C⁻¹Aᵀa. The density at z = loc + √D a is
///
/// ```math
/// \log N(z) = -\frac{1}{2} \Big(d \log 2\pi + \sum_i \log D_{ii} + \log \det C
/// + \Vert a - A w \Vert^2 + \Vert w \Vert^2\Big).
/// ```
///
/// A draw takes of the order of d·r operations for each sample and row, and so does the density of
/// another value, where [`FullNormal`](super::FullNormal) takes d².
///
/// # Example
///
/// ```
/// use burn_bayes::{distribution::LowRankNormal, prelude::*};
///
/// let device = Device::default();
/// let loc = Tensor::<3>::zeros([1, 10, 30], &device);
/// let factor = Tensor::<4>::ones([1, 10, 30, 2], &device);
/// let q = LowRankNormal::new(loc.clone(), loc, factor);
/// let (z, log_q) = q.rsample_with_log_prob(5, &mut Noise::seeded(0));
/// assert_eq!((z.dims(), log_q.dims()), ([5, 10, 30], [5, 10]));
/// ```
#[derive(Clone, Debug)]
pub struct LowRankNormal {
    loc: Tensor<3>,
    /// log D.
    log_variance: Tensor<3>,
    /// U.
    factor: Tensor<4>,
}

impl LowRankNormal {
    /// From means, log D, and U.
    ///
    /// # Shapes
    ///
    /// `[1 or samples, batch, d]` twice, and `[1 or samples, batch, d, r]`.
    ///
    /// # Panics
    ///
    /// If shapes do not fit, or r is 0.
    pub fn new(loc: Tensor<3>, log_variance: Tensor<3>, factor: Tensor<4>) -> Self {
        let [samples, batch, d] = loc.dims();
        assert_eq!(log_variance.dims(), loc.dims(), "a variance for each mean");
        let [.., rank] = factor.dims();
        let needed = [samples, batch, d, rank];
        assert_eq!(factor.dims(), needed, "a row of the factor for each mean");
        assert!(rank > 0, "of rank 0 it is a `Normal`");
        Self {
            loc,
            log_variance,
            factor,
        }
    }

    /// √D.
    fn scale(&self) -> Tensor<3> {
        self.log_variance.clone().mul_scalar(0.5).exp()
    }

    /// A = D^(−½) U.
    fn whitened(&self) -> Tensor<4> {
        let inverse = self.log_variance.clone().mul_scalar(-0.5).exp();
        self.factor.clone() * inverse.unsqueeze_dim::<4>(3)
    }

    /// The log-density of loc + √D a. `w` is (I + AᵀA)⁻¹Aᵀa and `rest` a − Aw: then
    /// ‖rest‖² + ‖w‖² is the squared distance.
    fn log_prob_of(&self, inner: Elimination, w: Tensor<3>, rest: Tensor<3>) -> Tensor<2> {
        let squares = rest.square() + self.log_variance.clone().add_scalar(TAU.ln());
        let twice = squares.sum_features() + w.square().sum_features() + inner.log_determinant();
        twice.mul_scalar(-0.5)
    }
}

impl Distribution for LowRankNormal {
    fn log_prob(&self, x: Tensor<3>) -> Tensor<2> {
        let (a, whitened) = ((x - self.loc.clone()) / self.scale(), self.whitened());
        let inner = Elimination::of(&whitened);
        let w = inner.solve(times(whitened.clone().swap_dims(2, 3), a.clone()));
        let rest = a - times(whitened, w.clone());
        self.log_prob_of(inner, w, rest)
    }

    fn sample(&self, num_samples: usize, noise: &mut Noise) -> Tensor<3> {
        self.rsample_with_log_prob(num_samples, noise).0
    }

    fn mean(&self) -> Tensor<3> {
        self.loc.clone()
    }

    /// The diagonal of D + UUᵀ.
    fn variance(&self) -> Tensor<3> {
        let common = self.factor.clone().square().sum_dim(3);
        self.log_variance.clone().exp() + common.squeeze_dim::<3>(3)
    }
}

impl Reparameterized for LowRankNormal {
    fn rsample_with_log_prob(
        &self,
        num_samples: usize,
        noise: &mut Noise,
    ) -> (Tensor<3>, Tensor<2>) {
        let [samples, batch, d, rank] = self.factor.dims();
        assert!(
            samples == 1 || samples == num_samples,
            "the parameters are those of {samples} samples, {num_samples} were asked for"
        );
        let epsilon = noise.normal([num_samples, batch, d + rank], &self.loc.device());
        let epsilon = epsilon.cast(self.loc.dtype());
        let whitened = self.whitened();
        let own = epsilon.clone().narrow(2, 0, d);
        let common = epsilon.narrow(2, d, rank);
        let a = own.clone() + times(whitened.clone(), common.clone());
        let z = self.loc.clone() + self.scale() * a;
        // With v = (I + AᵀA)⁻¹(ε₂ − Aᵀε₁), w = ε₂ − v and a − Aw = ε₁ + Av. In this form large
        // numbers do not cancel.
        let inner = Elimination::of(&whitened);
        let along = times(whitened.clone().swap_dims(2, 3), own.clone());
        let v = inner.solve(common.clone() - along);
        let rest = own + times(whitened, v.clone());
        (z, self.log_prob_of(inner, common - v, rest))
    }

    fn detached(&self) -> Box<dyn Reparameterized> {
        Box::new(Self {
            loc: self.loc.clone().detach(),
            log_variance: self.log_variance.clone().detach(),
            factor: self.factor.clone().detach(),
        })
    }

    /// The divergence to a normal distribution with independent features, N(m, s²): ½ Σ [(D +
    /// UUᵀ)ᵢᵢ/sᵢ² + (locᵢ − mᵢ)²/sᵢ² − 1 + log sᵢ² − log Dᵢᵢ] − ½ log det C.
    fn kl_divergence(&self, prior: &dyn Distribution) -> Option<Tensor<2>> {
        let prior = (prior as &dyn Any).downcast_ref::<Normal<3>>()?;
        let inverse = prior.scale().recip();
        let distance = (self.loc.clone() - prior.loc()) * inverse.clone();
        let spread = self.variance() * inverse.square();
        let logs = prior.log_variance() - self.log_variance.clone();
        let twice = (spread + distance.square() + logs).sub_scalar(1.0);
        let inner = Elimination::of(&self.whitened());
        Some((twice.sum_features() - inner.log_determinant()).mul_scalar(0.5))
    }
}

/// The product of a matrix and a vector for each sample and row. The matrix may be the same for all
/// samples.
fn times(matrix: Tensor<4>, vector: Tensor<3>) -> Tensor<3> {
    if matrix.dims()[0] == 1 {
        // All samples of a row share one matrix: one product per row.
        let matrix: Tensor<3> = matrix.squeeze_dim(0);
        return matrix.matmul(vector.permute([1, 2, 0])).permute([2, 0, 1]);
    }
    matrix.matmul(vector.unsqueeze_dim::<4>(3)).squeeze_dim(3)
}

/// C = I + AᵀA = L P Lᵀ, with P diagonal and L lower triangular with a diagonal of ones. It is
/// computed by elimination, since those operations have gradients everywhere.
struct Elimination {
    /// P, `[samples, batch, 1]` each.
    pivots: Vec<Tensor<3>>,
    /// The columns of L below its diagonal; the last has none.
    below: Vec<Tensor<3>>,
}

impl Elimination {
    fn of(a: &Tensor<4>) -> Self {
        let [.., rank] = a.dims();
        let identity = Tensor::<2>::eye(rank, &a.device()).cast(a.dtype());
        let gram = a.clone().swap_dims(2, 3).matmul(a.clone());
        let mut rest = gram + identity.unsqueeze::<4>();
        let (mut pivots, mut columns) = (Vec::with_capacity(rank), Vec::new());
        for left in (0..rank).rev() {
            let first = rest.clone().narrow(2, 0, 1);
            let pivot: Tensor<3> = first.clone().narrow(3, 0, 1).squeeze_dim(3);
            // In exact arithmetic a pivot is at least 1. Where A is large, rounding may make it
            // smaller.
            let pivot = pivot.clamp_min(0.5);
            if left > 0 {
                let row = first.narrow(3, 1, left);
                let column = rest.clone().narrow(2, 1, left).narrow(3, 0, 1);
                let column = column.squeeze_dim::<3>(3) / pivot.clone();
                rest = rest.narrow(2, 1, left).narrow(3, 1, left)
                    - column.clone().unsqueeze_dim::<4>(3) * row;
                columns.push(column);
            }
            pivots.push(pivot);
        }
        Self {
            pivots,
            below: columns,
        }
    }

    /// log det C, `[samples, batch]`.
    fn log_determinant(&self) -> Tensor<2> {
        Tensor::cat(self.pivots.clone(), 2).log().sum_features()
    }

    /// C⁻¹ · vector.
    fn solve(&self, vector: Tensor<3>) -> Tensor<3> {
        let rank = self.pivots.len();
        let mut rest = vector;
        let mut entries = Vec::with_capacity(rank);
        for (i, pivot) in self.pivots.iter().enumerate() {
            let entry = rest.clone().narrow(2, 0, 1);
            if let Some(column) = self.below.get(i) {
                let others = rest.narrow(2, 1, rank - i - 1);
                rest = others - column.clone() * entry.clone();
            }
            entries.push(entry / pivot.clone());
        }
        let last = entries.pop().expect("a rank is at least 1");
        let upward = entries.into_iter().zip(&self.below).rev();
        upward.fold(last, |found, (entry, column)| {
            let entry = entry - (column.clone() * found.clone()).sum_dim(2);
            Tensor::cat(vec![entry, found], 2)
        })
    }
}
