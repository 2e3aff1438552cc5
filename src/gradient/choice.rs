//! The choice of samples that the second pass runs again.

use crate::noise::Noise;
use burn::tensor::Tensor;

/// A sample that is run again.
pub(super) struct Row {
    pub sample: usize,
    pub row: usize,
    /// The sample's share in the bound's gradient.
    pub share: f64,
    /// The factor of its gradient in the second pass. Its expectation over the choice is the share.
    pub count: f64,
}

/// Chooses rows by Russian roulette, and computes their factors.
pub(super) fn roulette(counts: &Tensor<2>, threshold: f64, noise: &mut Noise) -> Vec<Row> {
    let [k, batch] = counts.dims();
    let numbers = noise.uniform_numbers([k, batch, 1]);
    let counts = read(counts);
    let mut rows = Vec::new();
    let (mut largest, mut place) = (0.0, 0);
    for (i, (number, count)) in numbers.into_iter().zip(counts).enumerate() {
        // The comparison is written so that a share of NaN is kept: then the gradient shows it.
        let left_out = f64::from(number) * threshold >= count.abs();
        if count.abs() > largest {
            (largest, place) = (count.abs(), i);
        }
        if count != 0.0 && !left_out {
            rows.push(Row {
                sample: i / batch,
                row: i % batch,
                share: count,
                count: match count.abs() < threshold {
                    true => threshold.copysign(count),
                    false => count,
                },
            });
        }
    }
    if rows.is_empty() {
        // One row always runs: the optimizer's step would leave out parameters without a gradient.
        // The row with the largest share gets the factor 0, since its gradient is finite if any is.
        rows.push(Row {
            sample: place / batch,
            row: place % batch,
            share: 0.0,
            count: 0.0,
        });
    }
    rows
}

fn read(counts: &Tensor<2>) -> Vec<f64> {
    let counts = counts.clone().try_into_vec_as::<f64>();
    counts.expect("numbers of a tensor that was just computed can be read")
}

/// Chooses one sample of each datapoint with its share as probability. If a share is NaN, the first
/// sample is chosen with the factor NaN: then the gradient shows it.
pub(super) fn one_each(counts: &Tensor<2>, noise: &mut Noise) -> Vec<Row> {
    let [k, batch] = counts.dims();
    let numbers = noise.uniform_numbers([1, batch, 1]);
    let counts = read(counts);
    let rows = numbers.into_iter().enumerate().map(|(row, number)| {
        let shares = |sample: usize| counts[sample * batch + row];
        let total: f64 = (0..k).map(|sample| shares(sample).abs()).sum();
        let mut left = f64::from(number) * total;
        let sample = (0..k).find(|&sample| {
            left -= shares(sample).abs();
            left.is_nan() || left < 0.0
        });
        let sample = sample.unwrap_or(k - 1); // by rounding, or if nothing counts
        Row {
            sample,
            row,
            share: shares(sample),
            count: total.copysign(shares(sample)),
        }
    });
    let (mut rows, nothing): (Vec<Row>, Vec<Row>) = rows.partition(|row| row.count != 0.0);
    if rows.is_empty() {
        // One row always runs: the optimizer's step would leave out parameters without a gradient.
        rows.extend(nothing.into_iter().take(1));
    }
    rows
}
