//! Gaussian draws and densities.

use super::*;

/// A spread of the given kind from numbers of any sign.
fn spread(parameter: Parameter, numbers: Tensor<3>) -> Tensor<3> {
    match parameter {
        Parameter::Scale => numbers.abs().add_scalar(0.01),
        Parameter::Variance => numbers.square().add_scalar(1e-4),
        Parameter::LogVariance => numbers.mul_scalar(2.0),
    }
}

#[test]
fn draws_and_their_densities() {
    for [samples, batch, features] in SHAPES {
        for parameters in [1, samples] {
            for parameter in PARAMETERS {
                let shape = [parameters, batch, features];
                let (loc, root) = (leaf(shape, 6, 1.0), leaf(shape, 7, 2.0));
                let scale = || spread(parameter, root.clone());
                let what = format!("{samples} samples of {shape:?} by {parameter:?}");
                Comparison {
                    what: what.clone(),
                    fused: gaussian_draw(loc.clone(), parameter, scale(), samples, draw(9)),
                    plain: plain::gaussian_draw(loc.clone(), parameter, scale(), samples, draw(9)),
                    size: 10.0,
                    leaves: vec![("loc", Leaf::Three(&loc)), ("spread", Leaf::Three(&root))],
                }
                .check();
                Comparison {
                    what: format!("log-density, {what}"),
                    fused: log_prob_of_draw(parameter, scale(), samples, draw(9)),
                    plain: plain::log_prob_of_draw(parameter, scale(), samples, draw(9)),
                    size: 10.0,
                    leaves: vec![("spread", Leaf::Three(&root))],
                }
                .check();
            }
        }
    }
}

#[test]
fn gaussian_densities() {
    for [samples, batch, features] in SHAPES {
        for (x_samples, loc_samples, spread_samples) in [
            (samples, samples, samples),
            (1, samples, samples),
            (samples, 1, 1),
            (samples, samples, 1),
            (samples, 1, samples),
            (1, 1, samples),
        ] {
            for parameter in PARAMETERS {
                let x = leaf([x_samples, batch, features], 1, 1.0);
                let loc = leaf([loc_samples, batch, features], 2, 1.0);
                // Scales are at least 0.3: powers of smaller ones would amplify rounding.
                let root = constant([spread_samples, batch, features], 3, 0.3);
                let root = root.abs().add_scalar(0.3).detach().require_grad();
                let scale = || spread(parameter, root.clone());
                Comparison {
                    what: format!("{samples} {batch} {features}: {x_samples} {loc_samples} {spread_samples}, {parameter:?}"),
                    fused: gaussian_log_prob(x.clone(), loc.clone(), parameter, scale()),
                    plain: plain::gaussian_log_prob(x.clone(), loc.clone(), parameter, scale()),
                    size: 100.0,
                    leaves: vec![
                        ("x", Leaf::Three(&x)),
                        ("loc", Leaf::Three(&loc)),
                        ("spread", Leaf::Three(&root)),
                    ],
                }
                .check();
            }
        }
    }
}
