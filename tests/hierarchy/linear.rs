//! A linear model of several stochastic layers, whose posteriors and evidence are known.
//!
//! p(z_L) = N(0, I), p(z_l | z_{l+1}) = N(A_l z_{l+1}, s² I), p(x | z₁) = N(A₀ z₁, s² I), two units
//! each. What is above a layer's A makes its units correlated, so q has a full covariance.

use crate::common::linear;
use burn_bayes::{
    model::{Hierarchy, UpperLayer},
    network::{FullCovariance, FullCovarianceEncoder},
    prelude::*,
};

pub type Matrix = [[f64; 2]; 2];
pub type Linear =
    Vae<FullCovarianceEncoder, Hierarchy<StandardNormal, FullCovarianceEncoder>, GaussianDecoder>;

const S2: f64 = 0.3;
/// A₀, A₁, A₂.
const MAPS: [Matrix; 3] = [
    [[1.0, 0.5], [-0.4, 0.8]],
    [[0.7, -0.6], [0.3, 0.9]],
    [[1.1, 0.2], [0.5, -0.7]],
];
const IDENTITY: Matrix = [[1.0, 0.0], [0.0, 1.0]];

fn product(a: Matrix, b: Matrix) -> Matrix {
    std::array::from_fn(|i| std::array::from_fn(|j| a[i][0] * b[0][j] + a[i][1] * b[1][j]))
}

fn transposed(a: Matrix) -> Matrix {
    [[a[0][0], a[1][0]], [a[0][1], a[1][1]]]
}

fn sum(a: Matrix, b: Matrix) -> Matrix {
    std::array::from_fn(|i| std::array::from_fn(|j| a[i][j] + b[i][j]))
}

fn scaled(a: Matrix, by: f64) -> Matrix {
    a.map(|row| row.map(|entry| entry * by))
}

fn determinant(a: Matrix) -> f64 {
    a[0][0] * a[1][1] - a[0][1] * a[1][0]
}

fn inverse(a: Matrix) -> Matrix {
    scaled(
        [[a[1][1], -a[0][1]], [-a[1][0], a[0][0]]],
        1.0 / determinant(a),
    )
}

/// The covariance of what is above A_l in a model of so many layers.
pub fn covariance_above(map: usize, layers: usize) -> Matrix {
    (map + 1..layers).rev().fold(IDENTITY, |above, map| {
        let a = MAPS[map];
        sum(
            product(product(a, above), transposed(a)),
            scaled(IDENTITY, S2),
        )
    })
}

/// The posterior of what is above A_l, given what is below: N(C Aᵀ below / s², C) with C⁻¹ = Σ⁻¹ +
/// AᵀA/s². The matrix of its mean, and C.
fn posterior(map: usize, layers: usize) -> [Matrix; 2] {
    let a = MAPS[map];
    let precision = product(transposed(a), a);
    let above = covariance_above(map, layers);
    let covariance = inverse(sum(inverse(above), scaled(precision, 1.0 / S2)));
    let mean = scaled(product(covariance, transposed(a)), 1.0 / S2);
    [mean, covariance]
}

/// The posterior mean of z₁.
pub fn lowest_mean(x: [f64; 2], layers: usize) -> [f64; 2] {
    let [mean, _] = posterior(0, layers);
    mean.map(|row| row[0] * x[0] + row[1] * x[1])
}

fn encoder(map: usize, layers: usize, device: &Device) -> FullCovarianceEncoder {
    let [mean, covariance] = posterior(map, layers);
    // Lᵀ is the lower Cholesky factor of C.
    let first = covariance[0][0].sqrt();
    let below = covariance[1][0] / first;
    let second = (covariance[1][1] - below * below).sqrt();
    let bias = vec![0.0, 0.0, first.ln(), second.ln(), below];
    let rows = (0..2).flat_map(|i| [mean[0][i], mean[1][i], 0.0, 0.0, 0.0]);
    let layer = linear(rows.collect(), [2, 5], bias, device);
    let network = Mlp::from_layers(vec![layer], Activation::Identity);
    Conditional::from_parts(network, FullCovariance)
}

fn decoder(map: usize, device: &Device) -> GaussianEncoder {
    let a = MAPS[map];
    let rows = (0..2).flat_map(|i| [a[0][i], a[1][i], 0.0, 0.0]);
    let bias = vec![0.0, 0.0, S2.ln(), S2.ln()];
    let layer = linear(rows.collect(), [2, 4], bias, device);
    Conditional::from_parts(
        Mlp::from_layers(vec![layer], Activation::Identity),
        DiagonalNormal,
    )
}

/// The model with the exact posteriors as proposals.
pub fn exact(layers: usize, device: &Device) -> Linear {
    let a = MAPS[0];
    let rows = (0..2).flat_map(|i| [a[0][i], a[1][i]]).collect();
    let likelihood = Mlp::from_layers(
        vec![linear(rows, [2, 2], vec![0.0; 2], device)],
        Activation::Identity,
    );
    let scale = Scale::Fixed { std: S2.sqrt() };
    let upper = (1..layers).map(|map| UpperLayer {
        encoder: encoder(map, layers, device),
        decoder: decoder(map, device),
    });
    Vae::from_parts(
        encoder(0, layers, device),
        Hierarchy::from_parts(upper.collect(), StandardNormal::new(2)),
        Conditional::from_parts(likelihood, burn_bayes::network::NormalHead::new(scale)),
    )
}

/// log N(x; 0, A₀ Σ₁ A₀ᵀ + s² I).
pub fn log_evidence(x: [f64; 2], layers: usize) -> f64 {
    let a = MAPS[0];
    let above = product(product(a, covariance_above(0, layers)), transposed(a));
    let covariance = sum(above, scaled(IDENTITY, S2));
    let precision = inverse(covariance);
    let distance: f64 = (0..2)
        .flat_map(|i| (0..2).map(move |j| (i, j)))
        .map(|(i, j)| x[i] * precision[i][j] * x[j])
        .sum();
    -std::f64::consts::TAU.ln() - 0.5 * (determinant(covariance).ln() + distance)
}
