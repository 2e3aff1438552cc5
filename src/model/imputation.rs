//! Imputation: filling missing cells.

use super::{IncompleteVae, ModelNoise, cells::Cells, latent_prior::LatentPrior, path::Path};
use crate::{
    bound,
    distribution::{Distribution, Reparameterized},
    network::{Conditional, Head, Network},
    noise::Noise,
};
use burn::tensor::{Int, Tensor, TensorData};

/// Rows whose missing cells were filled with the model's mean by [`IncompleteVae::impute`].
#[derive(Clone, Debug)]
pub struct Imputation {
    /// The rows, `[batch, d_data]`. Observed cells are unchanged.
    pub mean: Tensor<2>,
    /// The effective sample size (Σ w)²/Σ w² behind each row's mean, between 1 and the number of
    /// samples, `[batch]`. Where it is small, the mean depends on few samples.
    pub effective_sample_size: Tensor<1>,
    /// Of each column that is of classes, `[batch, classes]`.
    classes: Vec<Option<Tensor<2>>>,
}

impl Imputation {
    /// The probability of each class of a column, given the observed cells of the row:
    ///
    /// ```math
    /// P(x_j = c \mid \text{observed}) \approx \sum_i \tilde w_i \, P(x_j = c \mid z_i).
    /// ```
    ///
    /// They add up to 1, and are NaN for a missing cell of a row whose weights are all 0. Nothing
    /// is drawn but the z of the mean, so they are as good as it is: counts of draws of x have an
    /// error of their own. Where the cell was observed its class has probability 1. `None` if the
    /// column is not of classes; of a yes or no, [`mean`](Self::mean) is the probability of yes.
    ///
    /// # Shapes
    ///
    /// `[batch, classes]`.
    ///
    /// # Panics
    ///
    /// If there is no such column.
    ///
    /// # Example
    ///
    /// ```
    /// use burn_bayes::prelude::*;
    ///
    /// let device = Device::default();
    /// let mut noise = Noise::seeded(0);
    /// let columns = Columns::new([(Family::Bernoulli, 2), (Family::Categorical { classes: 3 }, 1)]);
    /// let model = IncompleteVae::new(columns, 2, vec![20], &device, &mut noise);
    /// let x = Tensor::<2>::from_floats([[1.0, 0.0, f32::NAN], [1.0, 1.0, 2.0]], &device);
    /// let imputed = model.impute(x, 100, &mut noise);
    /// let kinds = imputed.class_probabilities(2).expect("the last column is of classes");
    /// let most_probable = kinds.clone().argmax(1); // [2, 1]
    /// # assert_eq!(most_probable.dims(), [2, 1]);
    /// assert_eq!(kinds.narrow(0, 1, 1).into_data(), TensorData::from([[0.0f32, 0.0, 1.0]]));
    /// assert!(imputed.class_probabilities(0).is_none());
    /// ```
    pub fn class_probabilities(&self, column: usize) -> Option<Tensor<2>> {
        let columns = self.classes.len();
        assert!(column < columns, "there is no column {column} of {columns}");
        self.classes[column].clone()
    }
}

impl<EH, EN, P, DH, DN> IncompleteVae<Conditional<EH, EN>, P, Conditional<DH, DN>>
where
    EH: Head<Output: Reparameterized>,
    EN: Network,
    P: LatentPrior,
    DH: Head,
    DN: Network,
{
    /// Fills missing cells with their mean given the observed cells (Mattei and Frellsen 2019).
    ///
    /// E(x_m | observed cells) ≈ Σᵢ w̃ᵢ E(x_m | zᵢ), where w̃ᵢ are the normalized weights of
    /// samples from q.
    ///
    /// For a categorical column this is the mean of class numbers. Use
    /// [`class_probabilities`](Imputation::class_probabilities) of the result there. If all weights
    /// of a row are 0, its missing cells stay NaN. So do cells of a Student's t without a mean, of
    /// at most one degree of freedom: [`impute_draws`](Self::impute_draws) fills these.
    ///
    /// # Shapes
    ///
    /// `x` is `[batch, d_data]`, NaN where missing.
    ///
    /// # Panics
    ///
    /// Where [`log_weights`](super::LatentVariableModel::log_weights) does, and for a number of 0.
    pub fn impute(&self, x: Tensor<2>, num_samples: usize, noise: &mut Noise) -> Imputation {
        assert!(num_samples > 0, "cells are filled from at least one sample");
        let cells = Cells::of(x);
        let (log_weights, p) = self.weigh(
            &cells,
            num_samples,
            &mut ModelNoise::of(noise),
            &Path::none(),
        );
        let log_weights = log_weights.total();
        let shares = bound::normalized_weights(log_weights.clone());
        let mean = averaged(&shares, p.mean());
        let [.., features] = mean.dims();
        let classes = (0..features).map(|column| {
            let probabilities = averaged(&shares, p.class_probabilities(column)?);
            Some(cells.classes(column, probabilities).squeeze_dim(0))
        });
        Imputation {
            mean: filled(&cells, mean).squeeze_dim(0),
            effective_sample_size: bound::effective_sample_size(log_weights),
            classes: classes.collect(),
        }
    }

    /// Fills missing cells several times with draws from p(x_m | observed cells): multiple
    /// imputation (Mattei and Frellsen 2019).
    ///
    /// For each imputation a sample zᵢ from q is chosen with probability w̃ᵢ, then x_m ~ p(x_m |
    /// zᵢ). The spread between analyses of the filled tables measures how uncertain the analysis is
    /// (Rubin 1987).
    ///
    /// Imputations are nearly independent if the effective sample size is much larger than their
    /// number. [`impute`](Self::impute) reports it; with the same noise it uses the same samples.
    /// If all weights of a row are 0, its missing cells stay NaN. Draws of a row do not depend on
    /// the other rows of its batch.
    ///
    /// # Shapes
    ///
    /// `[batch, d_data]`, NaN where missing → `[num_imputations, batch, d_data]`.
    ///
    /// # Panics
    ///
    /// Where [`log_weights`](super::LatentVariableModel::log_weights) does, and for a number of 0.
    ///
    /// # Example
    ///
    /// ```
    /// use burn_bayes::prelude::*;
    ///
    /// let device = Device::default();
    /// let mut noise = Noise::seeded(0);
    /// let columns = Columns::new([(Family::Bernoulli, 3)]);
    /// let model = IncompleteVae::new(columns, 2, vec![20], &device, &mut noise);
    /// let x = Tensor::<2>::from_floats([[1.0, f32::NAN, 0.0]], &device);
    /// let tables = model.impute_draws(x, 100, 5, &mut noise);
    /// assert_eq!(tables.dims(), [5, 1, 3]);
    /// ```
    pub fn impute_draws(
        &self,
        x: Tensor<2>,
        num_samples: usize,
        num_imputations: usize,
        noise: &mut Noise,
    ) -> Tensor<3> {
        assert!(
            num_samples > 0 && num_imputations > 0,
            "cells are filled from at least one sample, at least once"
        );
        let cells = Cells::of(x);
        let mut parts = ModelNoise::of(noise);
        let [mut of_choice, of_cells] = noise.split();
        // A chosen sample must get the same draw of random weights as in the first pass.
        let of_decoder = parts.decoder.clone();
        let (log_weights, _) = self.weigh(&cells, num_samples, &mut parts, &Path::none());
        let shares = bound::normalized_weights(log_weights.total());
        let chosen = choose(&shares, num_imputations, &mut of_choice);

        let z = log_weights.latents[0].z.clone().without_autodiff();
        let [samples, batch, units] = z.dims();
        let index = chosen
            .iter()
            .map(|(sample, row)| (sample * batch + row) as i64);
        let index = TensorData::from(index.collect::<Vec<_>>().as_slice());
        let index = Tensor::<1, Int>::from_data(index, &z.device());
        let z = z.reshape([samples * batch, units]).select(0, index);
        let mut of_decoder = of_decoder.rows(&chosen);
        let p = (self.vae.decoder).forward(z.unsqueeze_dim(0), 1, &mut of_decoder);

        let imputations = 0..num_imputations;
        let rows: Vec<_> = imputations
            .flat_map(|imputation| (0..batch).map(move |row| (imputation, row)))
            .collect();
        let drawn = p.sample(1, &mut of_cells.rows(&rows)).without_autodiff();
        let [.., features] = drawn.dims();
        let drawn = drawn.reshape([num_imputations, batch, features]);
        // 0, or NaN where there are no shares.
        let none = shares.sum_dim(0).mul_scalar(0.0).reshape([1, batch, 1]);
        filled(&cells, drawn + none)
    }
}

/// Σᵢ w̃ᵢ of the samples' numbers, which are `[1 or samples, batch, ..]`: `[1, batch, ..]`.
fn averaged(shares: &Tensor<2>, numbers: Tensor<3>) -> Tensor<3> {
    let [samples, batch] = shares.dims();
    let [.., width] = numbers.dims();
    let numbers = numbers.without_autodiff().expand([samples, batch, width]);
    let shares = shares.clone().reshape([samples, batch, 1]);
    // What has no share may be infinite.
    let none = shares.clone().equal_elem(0.0).expand(numbers.dims());
    (numbers.mask_fill(none, 0.0) * shares).sum_dim(0)
}

/// The rows with these numbers where cells are missing.
fn filled(cells: &Cells, numbers: Tensor<3>) -> Tensor<3> {
    let shape = numbers.dims();
    let values = cells.values.clone().without_autodiff().expand(shape);
    values.mask_where(cells.missing.clone().expand(shape), numbers)
}

/// A sample for each imputation and row, chosen with its share for its probability. Entries are
/// (sample, row), ordered by imputation, then by row.
fn choose(shares: &Tensor<2>, num_imputations: usize, noise: &mut Noise) -> Vec<(usize, usize)> {
    let [samples, batch] = shares.dims();
    let numbers = shares.clone().try_into_vec_as::<f64>();
    let shares = numbers.expect("the device gives numbers back");
    let sums: Vec<Vec<f64>> = (0..batch)
        .map(|row| {
            let of_row = (0..samples).map(|sample| shares[sample * batch + row]);
            let sums = of_row.scan(0.0, |sum, share| {
                *sum += share;
                Some(*sum)
            });
            sums.collect()
        })
        .collect();
    let uniform = noise.uniform_numbers([num_imputations, batch, 1]);
    let choice = |(i, u): (usize, f32)| {
        let sums = &sums[i % batch];
        let at = f64::from(u) * sums[samples - 1];
        (
            sums.partition_point(|&sum| sum < at).min(samples - 1),
            i % batch,
        )
    };
    uniform.into_iter().enumerate().map(choice).collect()
}
