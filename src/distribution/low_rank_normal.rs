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
/// another value, where [`FullNormal`](super::FullNormal) takes d². Once for each row, or for each
/// sample of parameters, densities take d·r² more.
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

    /// The columns of U, `[samples, batch, d]` each.
    fn columns(&self) -> impl Iterator<Item = Tensor<3>> {
        let [.., rank] = self.factor.dims();
        (0..rank).map(|column| self.factor.clone().narrow(3, column, 1).squeeze_dim(3))
    }

    /// The log-density of loc + √D a. ‖a − Aw‖² + ‖w‖² is the squared distance of (a, 0) from the
    /// columns of `[A; I]`. `vectors` are (a, 0), or differ from it by what these span.
    fn log_prob_of(&self, vectors: Tensor<3>) -> Tensor<2> {
        let columns = Orthogonal::of(self);
        let logs = self
            .log_variance
            .clone()
            .add_scalar(TAU.ln())
            .sum_features();
        let distance = columns.rest(vectors).square().sum_features();
        let twice = distance + logs + columns.log_determinant();
        twice.mul_scalar(-0.5)
    }
}

impl Distribution for LowRankNormal {
    fn log_prob(&self, x: Tensor<3>) -> Tensor<2> {
        let a = (x - self.loc.clone()) / self.scale();
        let ([samples, batch, _], [.., rank]) = (a.dims(), self.factor.dims());
        let zeros = Tensor::zeros([samples, batch, rank], (&a.device(), a.dtype()));
        self.log_prob_of(Tensor::cat(vec![a, zeros], 2))
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
        let own = epsilon.clone().narrow(2, 0, d);
        let common = epsilon.narrow(2, d, rank);
        let independent = self.loc.clone() + self.scale() * own.clone();
        let columns = self.columns().enumerate();
        let z = columns.fold(independent, |z, (i, column)| {
            z + column * common.clone().narrow(2, i, 1)
        });
        // (a, 0) is (ε₁, −ε₂) and the columns times ε₂. Without the latter large numbers do not
        // cancel.
        let vectors = Tensor::cat(vec![own, common.neg()], 2);
        (z, self.log_prob_of(vectors))
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
        let columns = Orthogonal::of(self);
        Some((twice.sum_features() - columns.log_determinant()).mul_scalar(0.5))
    }
}

/// Orthogonal columns that span those of A above those of the identity, `[A; I]`. C is the Gram
/// matrix of the latter, so det C is the product of the former's squared lengths.
struct Orthogonal {
    /// `[samples, batch, d + r]` each.
    columns: Vec<Tensor<3>>,
    /// Squared lengths, `[samples, batch, 1]` each. A column's own one of the identity is in it, so
    /// none is below 1.
    squares: Vec<Tensor<3>>,
}

impl Orthogonal {
    /// By the modified method of Gram and Schmidt. C itself is not computed: of nearly parallel
    /// columns, which are large beside the diagonal, it would lose what decides its determinant.
    fn of(law: &LowRankNormal) -> Self {
        let [samples, batch, _, rank] = law.factor.dims();
        let inverse_scale = law.log_variance.clone().mul_scalar(-0.5).exp();
        let identity = Tensor::<2>::eye(rank, &law.factor.device()).cast(law.factor.dtype());
        let mut orthogonal = Self {
            columns: Vec::with_capacity(rank),
            squares: Vec::with_capacity(rank),
        };
        for (i, column) in law.columns().enumerate() {
            let one = identity.clone().narrow(0, i, 1).unsqueeze::<3>();
            let one = one.expand([samples, batch, rank]);
            let column = Tensor::cat(vec![column * inverse_scale.clone(), one], 2);
            let column = orthogonal.rest(column);
            orthogonal.squares.push(column.clone().square().sum_dim(2));
            orthogonal.columns.push(column);
        }
        orthogonal
    }

    /// What is left of vectors `[samples, batch, d + r]` without what the columns span.
    fn rest(&self, vectors: Tensor<3>) -> Tensor<3> {
        let columns = self.columns.iter().zip(&self.squares);
        columns.fold(vectors, |rest, (column, square)| {
            let share = (rest.clone() * column.clone()).sum_dim(2) / square.clone();
            rest - column.clone() * share
        })
    }

    /// log det C, `[samples, batch]`.
    fn log_determinant(&self) -> Tensor<2> {
        Tensor::cat(self.squares.clone(), 2).log().sum_features()
    }
}
