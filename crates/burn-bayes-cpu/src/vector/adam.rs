//! Steps of Adam (Kingma and Ba 2015).

use super::vectorized::vectorized;

/// The constants of a step, parameter −= size · m / (√v + epsilon). They include the bias
/// corrections of the moments. Each β is rounded to the parameter's type, so that 1 − β is the same
/// in every body.
#[derive(Clone, Copy, Debug)]
pub struct AdamStep {
    /// β₁, the decay of the first moment.
    pub beta_1: f64,
    /// β₂, the decay of the second moment.
    pub beta_2: f64,
    /// The bias-corrected learning rate.
    pub size: f64,
    /// The bias-corrected ε, added to the root.
    pub epsilon: f64,
}

vectorized! {
    /// A step of Adam, which replaces the gradient by the new parameter.
    fn adam(
        values: &mut [f32],
        old: &[f32],
        moment_1: &mut [f32],
        moment_2: &mut [f32],
        step: &AdamStep,
    ) {
        let AdamStep { beta_1, beta_2, size, epsilon } = *step;
        let [beta_1, beta_2] = [beta_1 as f32, beta_2 as f32];
        let [size, epsilon] = [size as f32, epsilon as f32];
        let (rest_1, rest_2) = (1.0 - beta_1, 1.0 - beta_2);
        let moments = moment_1.iter_mut().zip(moment_2);
        for ((value, old), (m, v)) in values.iter_mut().zip(old).zip(moments) {
            let g = *value;
            *m = beta_1 * *m + rest_1 * g;
            *v = beta_2 * *v + rest_2 * (g * g);
            *value = old - size * *m / (v.sqrt() + epsilon);
        }
    }
}
