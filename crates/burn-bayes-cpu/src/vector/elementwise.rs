//! Functions of each number, and their derivatives.

use super::{
    loops::{map, map2},
    scalar::{exp, exp_m1, sigmoid, softplus, tanh},
    vectorized::vectorized,
};

/// A function of each number, such as a non-linearity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Function {
    /// eˣ; of numbers below -87 it is e⁻⁸⁷, which is 1.6e-38.
    Exp,
    /// eˣ − 1, with full relative accuracy near 0.
    ExpM1,
    /// tanh x.
    Tanh,
    /// 1/(1 + e⁻ˣ), with the same floor.
    Sigmoid,
    /// log(1 + eˣ), with the same floor.
    Softplus,
    /// x · sigmoid(x).
    Silu,
    /// max(x, 0).
    Relu,
    /// x, or x/100 below 0.
    LeakyRelu,
}

/// The slope of a leaky ReLU below 0.
const LEAK: f32 = 0.01;
/// The sigmoid does not fall below that of this number, so x · sigmoid(x) would. It is -1e-36 here.
const LEAST_SILU: f32 = -87.0;

impl Function {
    /// Whether the derivative is computed from the output, or from the input.
    pub fn keeps_output(self) -> bool {
        !matches!(self, Self::Softplus | Self::Silu)
    }
}

vectorized! {
    /// out = eˣ.
    fn exp_to(input: &[f32], out: &mut [f32]) {
        map2(out, input, |_, x| exp(x));
    }

    /// out = x².
    fn square_to(input: &[f32], out: &mut [f32]) {
        map2(out, input, |_, x| x * x);
    }

    /// Adds the entries of `values` to those of `sum`.
    fn add_to(sum: &mut [f32], values: &[f32]) {
        map2(sum, values, |sum, value| sum + value);
    }

    /// Multiplies each entry by `factor · other`.
    fn multiply_by(values: &mut [f32], factor: f32, other: &[f32]) {
        map2(values, other, |value, other| value * (factor * other));
    }

    /// A non-linearity of each entry.
    fn apply(function: Function, values: &mut [f32]) {
        match function {
            Function::Exp => map(values, exp),
            Function::ExpM1 => map(values, exp_m1),
            Function::Tanh => map(values, tanh),
            Function::Sigmoid => map(values, sigmoid),
            Function::Softplus => map(values, softplus),
            Function::Silu => map(values, |x| if x < LEAST_SILU { 0.0 } else { x * sigmoid(x) }),
            Function::Relu => map(values, |x| if x <= 0.0 { 0.0 } else { x }),
            Function::LeakyRelu => map(values, |x| if x < 0.0 { LEAK * x } else { x }),
        }
    }

    /// gradient · f′, from the output y or the input x; see `keeps_output`.
    fn apply_backward(function: Function, known: &[f32], gradient: &mut [f32]) {
        match function {
            Function::Exp => map2(gradient, known, |g, y| g * y),
            Function::ExpM1 => map2(gradient, known, |g, y| g * (y + 1.0)),
            Function::Tanh => map2(gradient, known, |g, y| g * (1.0 - y * y)),
            Function::Sigmoid => map2(gradient, known, |g, y| g * (y * (1.0 - y))),
            Function::Softplus => map2(gradient, known, |g, x| g * sigmoid(x)),
            Function::Silu => map2(gradient, known, |g, x| {
                let s = sigmoid(x);
                let slope = s + x * s * (1.0 - s);
                if x < LEAST_SILU { 0.0 } else { g * slope }
            }),
            Function::Relu => map2(gradient, known, |g, y| if y <= 0.0 { 0.0 } else { g }),
            Function::LeakyRelu => {
                map2(gradient, known, |g, y| if y < 0.0 { LEAK * g } else { g });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The limits of x · sigmoid(x) and of its derivative.
    #[test]
    fn silu_vanishes_far_below_zero() {
        let far = [f32::NEG_INFINITY, -3e38, -1e30, -100.0, -88.0];
        let (mut values, mut slopes) = (far, [1.0; 5]);
        apply(Function::Silu, &mut values);
        apply_backward(Function::Silu, &far, &mut slopes);
        assert_eq!((values, slopes), ([0.0; 5], [0.0; 5]));
        let mut values = [f32::NAN, -86.0];
        apply(Function::Silu, &mut values);
        assert!(values[0].is_nan() && values[1] < 0.0);
    }
}
