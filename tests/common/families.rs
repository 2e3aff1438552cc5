//! Every family of data.

use burn_bayes::prelude::*;

/// A family, values that its data may have, and how large outputs may be.
pub const FAMILIES: [(Family, [f64; 3], f64); 11] = [
    (Family::Bernoulli, [0.0, 1.0, 1.0], 1e4),
    (Family::ContinuousBernoulli, [0.0, 0.3, 1.0], 1e4),
    (
        Family::Normal(Scale::Learned {
            min_log_variance: -10.0,
        }),
        [-1.0, 0.2, 3.0],
        1e4,
    ),
    (
        Family::Laplace {
            min_log_scale: -7.0,
        },
        [-1.0, 0.2, 3.0],
        1e4,
    ),
    (
        Family::StudentT {
            df: 3.0,
            min_log_scale: -7.0,
        },
        [-1.0, 0.2, 3.0],
        1e4,
    ),
    (Family::Beta, [1e-6, 0.3, 0.999], 1e4),
    (Family::Poisson, [0.0, 3.0, 1000.0], 50.0),
    (Family::NegativeBinomial, [0.0, 3.0, 1000.0], 50.0),
    (
        Family::ZeroInflatedNegativeBinomial,
        [0.0, 3.0, 1000.0],
        50.0,
    ),
    (Family::Categorical { classes: 4 }, [0.0, 2.0, 3.0], 1e4),
    (
        Family::DiscretizedLogistic {
            components: 2,
            levels: 5,
            min_log_scale: -7.0,
        },
        [0.0, 0.5, 1.0],
        1e3,
    ),
];
