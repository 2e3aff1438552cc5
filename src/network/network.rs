//! Networks from features to features.

use crate::{
    distribution::Bernoulli,
    layer::{Dense, Mlp, RandomWeights, TrunkMlp},
    noise::Noise,
};
use burn::{
    module::{Module, ModuleDisplay},
    tensor::{Int, Tensor},
};

/// A network from features to features, with layers of this library or of burn.
///
/// A network of images takes and returns flattened features, so that everything else has one
/// layout.
///
/// # Example
///
/// ```
/// use burn::{nn::Linear, tensor::activation::relu};
/// use burn_bayes::prelude::*;
///
/// #[derive(Module, Debug)]
/// struct Residual {
///     inner: Linear,
///     last: Dense,
/// }
///
/// random_weights!(Residual { last });
///
/// impl Network for Residual {
///     fn forward(&self, input: Tensor<3>, num_samples: usize, noise: &mut Noise) -> Tensor<3> {
///         let hidden = relu(self.inner.forward(input.clone())) + input;
///         self.last.forward(hidden, num_samples, noise)
///     }
/// }
///
/// let device = Device::default();
/// let mut noise = Noise::seeded(0);
/// let network = Residual {
///     inner: burn::nn::LinearConfig::new(4, 4).init(&device),
///     last: Dense::new([4, 6], Weights::random(), Initializer::GlorotUniform, &device, &mut noise),
/// };
/// let encoder = Conditional::from_parts(network, DiagonalNormal); // 6 outputs: q(z | x) of 3 latents
/// let q = encoder.forward(Tensor::ones([1, 2, 4], &device), 5, &mut noise);
/// assert_eq!(q.mean().dims(), [5, 2, 3]);
/// ```
pub trait Network: Module + ModuleDisplay + RandomWeights {
    /// The outputs. Random weights are drawn anew for each sample and row. Without random weights
    /// the sample axis may stay as it is.
    ///
    /// # Shapes
    ///
    /// `[1 or num_samples, batch, features]` → `[1 or num_samples, batch, outputs]`.
    fn forward(&self, input: Tensor<3>, num_samples: usize, noise: &mut Noise) -> Tensor<3>;

    /// The outputs for chosen rows of the input, one sample each. Entry j belongs to row `rows[j]`
    /// of the input, and to row j of the noise. What is the same for all entries of an input row
    /// may be computed once.
    ///
    /// # Shapes
    ///
    /// `[1, batch, features]` → `[1, rows, outputs]`.
    fn forward_rows(
        &self,
        input: Tensor<3>,
        rows: &Tensor<1, Int>,
        noise: &mut Noise,
    ) -> Tensor<3> {
        self.forward(input.select(1, rows.clone()), 1, noise)
    }

    /// The log-probability of each row of `x`, in nats, for a Bernoulli distribution whose logits
    /// are the outputs.
    ///
    /// An implementation need not write the logits to memory.
    ///
    /// # Shapes
    ///
    /// `input` is `[1 or num_samples, batch, inputs]`, `x` is `[1, batch, outputs]`, the result
    /// `[1 or num_samples, batch]`.
    fn bernoulli_log_prob(
        &self,
        input: Tensor<3>,
        x: Tensor<3>,
        num_samples: usize,
        noise: &mut Noise,
    ) -> Tensor<2> {
        let logits = self.forward(input, num_samples, noise);
        check_logits(logits.dims()[2], x.dims()[2]);
        Bernoulli::new(logits).log_prob(x)
    }

    /// Whether rows of a batch depend on one another in training, as with batch normalization. Then
    /// a batch cannot be run in parts.
    fn uses_batch_statistics(&self) -> bool {
        false
    }

    /// The network with some inputs switched off: `keep` is `[features]`, 1 to keep and 0 to switch
    /// off. `None` if it cannot be made.
    fn without_inputs(&self, _keep: Tensor<1>) -> Option<Self> {
        None
    }

    /// The network with some outputs at 0: `keep` is `[outputs]`, 1 to keep and 0 to switch off.
    /// `None` if it cannot be made.
    fn without_outputs(&self, _keep: Tensor<1>) -> Option<Self> {
        None
    }
}

/// Refuses logits whose number is not the number of features of x.
pub(super) fn check_logits(logits: usize, features: usize) {
    assert!(
        logits == features,
        "for the {features} features of x the network needs {features} outputs, it has {logits}"
    );
}

impl Network for Mlp {
    fn forward(&self, input: Tensor<3>, num_samples: usize, noise: &mut Noise) -> Tensor<3> {
        self.forward(input, num_samples, noise)
    }

    fn forward_rows(
        &self,
        input: Tensor<3>,
        rows: &Tensor<1, Int>,
        noise: &mut Noise,
    ) -> Tensor<3> {
        self.forward_rows(input, rows, noise)
    }

    fn bernoulli_log_prob(
        &self,
        input: Tensor<3>,
        x: Tensor<3>,
        num_samples: usize,
        noise: &mut Noise,
    ) -> Tensor<2> {
        let logits = self.layers.last().map_or(0, |last| last.widths()[1]);
        check_logits(logits, x.dims()[2]);
        self.bernoulli_log_prob(input, x, num_samples, noise)
    }

    fn without_inputs(&self, keep: Tensor<1>) -> Option<Self> {
        Some(self.without_inputs(keep))
    }

    fn without_outputs(&self, keep: Tensor<1>) -> Option<Self> {
        Some(self.without_outputs(keep))
    }
}

/// A linear map.
impl Network for Dense {
    fn forward(&self, input: Tensor<3>, num_samples: usize, noise: &mut Noise) -> Tensor<3> {
        self.forward(input, num_samples, noise)
    }

    fn without_inputs(&self, keep: Tensor<1>) -> Option<Self> {
        Some(self.switched(Some(keep), None))
    }

    fn without_outputs(&self, keep: Tensor<1>) -> Option<Self> {
        Some(self.switched(None, Some(keep)))
    }
}

impl Network for TrunkMlp {
    fn forward(&self, input: Tensor<3>, num_samples: usize, noise: &mut Noise) -> Tensor<3> {
        self.forward(input, num_samples, noise)
    }

    fn uses_batch_statistics(&self) -> bool {
        self.trunk.uses_batch_statistics()
    }

    fn without_inputs(&self, keep: Tensor<1>) -> Option<Self> {
        Some(self.without_inputs(keep))
    }

    fn without_outputs(&self, keep: Tensor<1>) -> Option<Self> {
        Some(self.without_outputs(keep))
    }
}
