//! Gradient clipping.

use crate::{
    error::{Error, Result},
    kernel,
};
use burn::{
    module::{Module, ModuleVisitor, Param},
    optim::GradientsParams,
    tensor::Tensor,
};
use serde::{Deserialize, Serialize};

/// How large gradients are clipped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub enum Clipping {
    /// Gradients are not clipped.
    #[default]
    None,
    /// Each entry is clamped to [−limit, limit].
    Value {
        /// The limit.
        limit: f64,
    },
    /// All gradients together are scaled down so that their Euclidean norm is at most the limit
    /// (Pascanu, Mikolov and Bengio 2013). The norm is that of all parameters, not of each tensor.
    GlobalNorm {
        /// The limit.
        limit: f64,
    },
}

impl Clipping {
    pub(super) fn validate(self) -> Result<()> {
        match self {
            Self::Value { limit } | Self::GlobalNorm { limit }
                if !(limit > 0.0 && limit.is_finite()) =>
            {
                let problem = format!("has the limit {limit}");
                Err(Error::setting(
                    "clipping",
                    problem,
                    "give a positive number",
                ))
            }
            _ => Ok(()),
        }
    }

    /// The gradients of a model's parameters, clipped: for a loop of your own. Nothing is read from
    /// the device.
    ///
    /// # Example
    ///
    /// ```
    /// use burn_bayes::{objective::Step, prelude::*, train::Clipping};
    ///
    /// let device = Device::default().autodiff();
    /// let mut noise = Noise::seeded(0);
    /// let model = VaeConfig::new(4, 2).init(&device, &mut noise);
    /// let x = Tensor::<2>::ones([3, 4], &device);
    /// let (_, gradients) = Objective::iwae(5).gradients(&model, x, Step::new(3), &mut noise);
    /// let gradients = Clipping::GlobalNorm { limit: 5.0 }.apply(&model, gradients);
    /// let model = AdamConfig::new().init().step(1e-3, model, gradients);
    /// # let _ = model;
    /// ```
    pub fn apply<M: Module>(self, model: &M, gradients: GradientsParams) -> GradientsParams {
        let change = match self {
            Self::None => return gradients,
            Self::Value { limit } => Change::Clamp(limit),
            Self::GlobalNorm { limit } => {
                let mut largest = Over::new(&gradients, None);
                model.visit(&mut largest);
                let Some(largest) = largest.found else {
                    return gradients;
                };
                // Relative to the largest entry, squares do not overflow. Within these limits its
                // reciprocal is a normal number, too.
                let limits = [f32::MIN_POSITIVE, f32::MAX / 4.0].map(f64::from);
                let largest = largest.clamp(limits[0], limits[1]);
                let mut squares = Over::new(&gradients, Some(largest.clone().recip()));
                model.visit(&mut squares);
                let Some(squares) = squares.found else {
                    return gradients;
                };
                // The factor is limit/norm, but at most 1. It stays on the device.
                let norm = squares.sqrt();
                Change::Scale((norm.recip().mul_scalar(limit) / largest).clamp_max(1.0))
            }
        };
        let mut clipped = Changed {
            gradients,
            change,
            clipped: GradientsParams::new(),
        };
        model.visit(&mut clipped);
        clipped.clipped
    }
}

/// The largest entry of all gradients, or the sum of the squares of their entries times a scale.
struct Over<'a> {
    gradients: &'a GradientsParams,
    /// `[1]`.
    scale: Option<Tensor<1>>,
    /// `[1]`.
    found: Option<Tensor<1>>,
}

impl<'a> Over<'a> {
    fn new(gradients: &'a GradientsParams, scale: Option<Tensor<1>>) -> Self {
        Self {
            gradients,
            scale,
            found: None,
        }
    }
}

impl ModuleVisitor for Over<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let Some(gradient) = self.gradients.get::<D>(param.id) else {
            return;
        };
        let term = match &self.scale {
            None => gradient.abs().max(),
            Some(scale) => kernel::sum((gradient * scale.clone().unsqueeze::<D>()).square()),
        };
        self.found = Some(match self.found.take() {
            None => term,
            Some(earlier) if self.scale.is_none() => earlier.max_pair(term),
            Some(earlier) => earlier + term,
        });
    }
}

#[allow(
    clippy::large_enum_variant,
    reason = "a tensor is a handle, and one of these lives at a time"
)]
enum Change {
    Clamp(f64),
    /// `[1]`.
    Scale(Tensor<1>),
}

struct Changed {
    gradients: GradientsParams,
    change: Change,
    clipped: GradientsParams,
}

impl ModuleVisitor for Changed {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(gradient) = self.gradients.remove::<D>(param.id) {
            let clipped = match &self.change {
                Change::Clamp(limit) => gradient.clamp(-limit, *limit),
                Change::Scale(scale) => gradient * scale.clone().unsqueeze::<D>(),
            };
            self.clipped.register(param.id, clipped);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::{nn::Linear, tensor::Device};

    /// Gradients (3, −4) of a weight and 12 of a bias, times a scale: their norm is 13 times it.
    fn clipped(clipping: Clipping, scale: f64) -> Vec<f32> {
        let device = Device::default().autodiff();
        let layer = Linear {
            weight: Param::from_tensor(Tensor::from_floats([[0.0], [0.0]], &device)),
            bias: Some(Param::from_tensor(Tensor::from_floats([0.0], &device))),
        };
        let bias = layer.bias.as_ref().unwrap();
        let slopes = Tensor::<2>::from_floats([[3.0], [-4.0]], &device);
        let loss = (layer.weight.val() * slopes.mul_scalar(scale)).sum()
            + bias.val().sum().mul_scalar(12.0 * scale);
        let gradients = GradientsParams::from_grads(loss.backward(), &layer);
        let gradients = clipping.apply(&layer, gradients);
        let mut numbers: Vec<f32> = { gradients.get::<2>(layer.weight.id).unwrap() }
            .into_data()
            .try_to_vec()
            .unwrap();
        numbers.push(gradients.get::<1>(bias.id).unwrap().into_scalar());
        numbers
    }

    #[test]
    fn gradients_are_cut_by_value_or_scaled_together() {
        let close = |clipping, expected: [f32; 3]| {
            for (found, expected) in clipped(clipping, 1.0).into_iter().zip(expected) {
                assert!(
                    (found - expected).abs() < 1e-6,
                    "{found}, expected {expected}"
                );
            }
        };
        close(Clipping::None, [3.0, -4.0, 12.0]);
        close(Clipping::Value { limit: 3.5 }, [3.0, -3.5, 3.5]);
        close(Clipping::GlobalNorm { limit: 6.5 }, [1.5, -2.0, 6.0]);
        close(Clipping::GlobalNorm { limit: 14.0 }, [3.0, -4.0, 12.0]);
        // Squares that overflow, or vanish, in f32.
        for (scale, expected) in [(1e30, 6.5 / 13.0), (1e-30, 1e-30), (0.0, 0.0)] {
            let found = clipped(Clipping::GlobalNorm { limit: 6.5 }, scale);
            for (found, slope) in found.into_iter().zip([3.0, -4.0, 12.0]) {
                let expected = slope * expected;
                let error = (f64::from(found) - expected).abs();
                assert!(
                    error <= 1e-6 * f64::abs(expected),
                    "{found}, expected {expected}"
                );
            }
        }
        for limit in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(Clipping::Value { limit }.validate().is_err());
            assert!(Clipping::GlobalNorm { limit }.validate().is_err());
        }
    }
}
