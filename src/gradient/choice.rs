//! Which samples are run again.

use crate::noise::Noise;
use burn::tensor::Tensor;

/// A sample that is run again.
pub(super) struct Row {
    pub sample: usize,
    pub row: usize,
    /// Its share in the bound's gradient.
    pub share: f64,
    /// What it counts, being run again: that share in expectation.
    pub count: f64,
}

/// The rows that are run again, and what they then count.
pub(super) fn roulette(counts: &Tensor<2>, threshold: f64, noise: &mut Noise) -> Vec<Row> {
    let [k, batch] = counts.dims();
    let numbers = noise.uniform_numbers([k, batch, 1]);
    let counts = read(counts);
    let mut rows = Vec::new();
    let (mut largest, mut place) = (0.0, 0);
    for (i, (number, count)) in numbers.into_iter().zip(counts).enumerate() {
        // Put this way, a share that is not a number is kept, and seen in the gradient.
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
        // Parameters without a gradient would be left out of the optimizer's step. The sample
        // with the largest share counts nothing then: its gradient is finite if any is.
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

/// One sample of each datapoint, drawn with its share for its probability. A share that is not a
/// number is chosen, and seen in the gradient.
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
        // Parameters without a gradient would be left out of the optimizer's step.
        rows.extend(nothing.into_iter().take(1));
    }
    rows
}
