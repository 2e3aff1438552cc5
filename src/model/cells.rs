//! Rows with missing cells.

use crate::distribution::Support;
use burn::tensor::{Bool, Int, Tensor, TensorData};

/// Rows, and which of their cells are missing.
pub(super) struct Cells {
    /// 0 where missing, `[1, batch, features]`.
    pub values: Tensor<3>,
    pub missing: Tensor<3, Bool>,
}

impl Cells {
    pub fn of(x: Tensor<2>) -> Self {
        let x = x.unsqueeze_dim::<3>(0);
        let missing = x.clone().is_nan();
        Self {
            values: x.mask_fill(missing.clone(), 0.0),
            missing,
        }
    }

    /// The encoder's input, `[1, batch, 2 · features]`: the cells, then the mask. Counts c become
    /// log(1 + c): of numbers in the hundreds a network sees little.
    pub fn with_mask(&self, support: &Support) -> Tensor<3> {
        let observed = self.missing.clone().bool_not().float();
        let observed = observed.cast(self.values.dtype());
        Tensor::cat(vec![self.with_small_counts(support), observed], 2)
    }

    fn with_small_counts(&self, support: &Support) -> Tensor<3> {
        let [.., features] = self.values.dims();
        let columns = support.of_features(features).unwrap_or_default();
        let counts: Vec<bool> = columns
            .iter()
            .map(|column| *column == Support::Counts)
            .collect();
        if !counts.contains(&true) {
            return self.values.clone();
        }
        let counts = TensorData::new(counts, [1, 1, features]);
        let counts = Tensor::<3, Bool>::from_data(counts, &self.values.device());
        let counts = counts.expand(self.values.dims());
        // Other columns may be negative.
        let others = counts.clone().bool_not();
        let logs = self.values.clone().mask_fill(others, 0.0).add_scalar(1.0);
        self.values.clone().mask_where(counts, logs.log())
    }

    /// The probabilities of a column's classes, `[1, batch, classes]`, where its cells are missing;
    /// elsewhere 1 for the class that was observed.
    pub fn classes(&self, column: usize, probabilities: Tensor<3>) -> Tensor<3> {
        let shape = probabilities.dims();
        let [_, _, classes] = shape;
        let cells = self.values.clone().without_autodiff();
        let observed = cells.narrow(2, column, 1).expand(shape);
        let number = Tensor::<1, Int>::arange(0..classes as i64, &probabilities.device());
        let number = number.float().cast(observed.dtype());
        let number = number.reshape([1, 1, classes]).expand(shape);
        let observed = observed.equal(number).float().cast(probabilities.dtype());
        let missing = self.missing.clone().narrow(2, column, 1).expand(shape);
        observed.mask_where(missing, probabilities)
    }

    /// The cells, with a value inside the support where they are missing. Outside the support a
    /// density may be NaN or infinite. Masking it afterwards does not help: the backward pass
    /// multiplies its gradient by 0, and that gives NaN.
    pub fn inside(&self, support: &Support) -> Tensor<3> {
        let [_, batch, features] = self.values.dims();
        let fill: Vec<f32> = match support.of_features(features) {
            Some(columns) => columns.iter().map(Support::some_value).collect(),
            None => return self.values.clone(), // the decoder tells of it
        };
        if fill.iter().all(|&value| value == 0.0) {
            return self.values.clone();
        }
        let fill = TensorData::new(fill, [1, 1, features]).convert_dtype(self.values.dtype());
        let device = self.values.device();
        let fill = Tensor::<3>::from_data(fill, (&device, self.values.dtype()));
        let fill = fill.expand([1, batch, features]);
        self.values.clone().mask_where(self.missing.clone(), fill)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Device;

    #[test]
    fn the_encoder_sees_logarithms_of_counts() {
        let x = [[9.0, -2.5, f32::NAN], [0.0, 3.0, 1e6]];
        let cells = Cells::of(Tensor::from_floats(x, &Device::default()));
        let support = Support::Columns(vec![
            (Support::Counts, 1),
            (Support::Real, 1),
            (Support::Counts, 1),
        ]);
        let seen: Vec<f32> = cells.with_mask(&support).into_data().iter().collect();
        let expected = [
            [10f32.ln(), -2.5, 0.0, 1.0, 1.0, 0.0],
            [0.0, 3.0, 1e6f32.ln(), 1.0, 1.0, 1.0],
        ];
        for (seen, expected) in seen.into_iter().zip(expected.concat()) {
            // log(1 + 10⁶), too, and a rounding of 14.
            assert!((seen - expected).abs() < 2e-6, "{seen} {expected}");
        }
        let plain = cells
            .with_mask(&Support::Real)
            .into_data()
            .iter::<f32>()
            .collect::<Vec<_>>();
        assert_eq!(plain[..2], [9.0, -2.5]);
    }
}
