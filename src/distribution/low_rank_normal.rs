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

    /// The log-density of loc + √D a. ‖a − Aw‖² + ‖w‖² is the squared distance of (a, 0) from the
    /// columns of `[A; I]`. `vectors` are (a, 0), or differ from it by what these span.
    fn log_prob_of(&self, whitened: &Tensor<4>, vectors: Tensor<3>) -> Tensor<2> {
        let columns = Columns::of(whitened);
        let logs = self
            .log_variance
            .clone()
            .add_scalar(TAU.ln())
            .sum_features();
        let twice = columns.squared_distance(vectors) + logs + columns.log_determinant();
        twice.mul_scalar(-0.5)
    }
}

impl Distribution for LowRankNormal {
    fn log_prob(&self, x: Tensor<3>) -> Tensor<2> {
        let (a, whitened) = ((x - self.loc.clone()) / self.scale(), self.whitened());
        let ([samples, batch, _], [.., rank]) = (a.dims(), whitened.dims());
        let zeros = Tensor::zeros([samples, batch, rank], (&a.device(), a.dtype()));
        self.log_prob_of(&whitened, Tensor::cat(vec![a, zeros], 2))
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
        // (a, 0) is (ε₁, −ε₂) and the columns times ε₂. Without the latter large numbers do not
        // cancel.
        let vectors = Tensor::cat(vec![own, common.neg()], 2);
        (z, self.log_prob_of(&whitened, vectors))
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
        let columns = Columns::of(&self.whitened());
        Some((twice.sum_features() - columns.log_determinant()).mul_scalar(0.5))
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

/// Orthogonal columns that span those of A above those of the identity, `[A; I]`. C is the Gram
/// matrix of the latter, so det C is the product of the former's squared lengths.
struct Columns {
    /// `[samples, batch, d + r]` each.
    orthogonal: Vec<Tensor<3>>,
    /// Squared lengths, `[samples, batch, 1]` each. A column's own one of the identity is in it, so
    /// none is below 1.
    squares: Vec<Tensor<3>>,
}

impl Columns {
    /// By the modified method of Gram and Schmidt. C itself is not computed: of nearly parallel
    /// columns, which are large beside the diagonal, it would lose what decides its determinant.
    fn of(a: &Tensor<4>) -> Self {
        let [samples, batch, _, rank] = a.dims();
        let identity = Tensor::<2>::eye(rank, &a.device()).cast(a.dtype());
        let identity = identity.unsqueeze::<4>();
        let identity = identity.expand([samples, batch, rank, rank]);
        let mut rest = Tensor::cat(vec![a.clone(), identity], 2);
        let (mut orthogonal, mut squares) = (Vec::with_capacity(rank), Vec::with_capacity(rank));
        for left in (0..rank).rev() {
            let column = rest.clone().narrow(3, 0, 1);
            let square = column.clone().square().sum_dim(2);
            if left > 0 {
                let others = rest.narrow(3, 1, left);
                let shares = (column.clone() * others.clone()).sum_dim(2) / square.clone();
                rest = others - column.clone() * shares;
            }
            orthogonal.push(column.squeeze_dim(3));
            squares.push(square.squeeze_dim(3));
        }
        Self {
            orthogonal,
            squares,
        }
    }

    /// log det C, `[samples, batch]`.
    fn log_determinant(&self) -> Tensor<2> {
        Tensor::cat(self.squares.clone(), 2).log().sum_features()
    }

    /// The squared distance of vectors `[samples, batch, d + r]` from what the columns span.
    fn squared_distance(&self, vectors: Tensor<3>) -> Tensor<2> {
        let columns = self.orthogonal.iter().zip(&self.squares);
        let rest = columns.fold(vectors, |rest, (column, square)| {
            let share = (rest.clone() * column.clone()).sum_dim(2) / square.clone();
            rest - column.clone() * share
        });
        rest.square().sum_features()
    }
}
