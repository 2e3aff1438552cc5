"""Log-densities and divergences of normal distributions with covariance D + UUᵀ.

    pip install scipy==1.17.1
    python tests/posteriors/low_rank.py > tests/posteriors/low_rank.csv

A line is: d, r, loc, log D, U row by row, x (with ; between), log N(x), KL to N(0, I), KL to
N(0.5, 2²).
"""

import numpy as np
from scipy import stats

rng = np.random.default_rng(2)


def divergence(loc, covariance, mean, variance):
    d = len(loc)
    trace, distance = np.trace(covariance) / variance, np.sum((loc - mean) ** 2) / variance
    return 0.5 * (trace + distance - d + d * np.log(variance) - np.linalg.slogdet(covariance)[1])


for d, r in [(1, 1), (2, 1), (3, 2), (4, 4), (2, 3), (9, 3)]:
    loc, log_variance = rng.normal(size=d), rng.normal(size=d)
    factor, x = rng.normal(size=(d, r)), 2 * rng.normal(size=d)
    covariance = np.diag(np.exp(log_variance)) + factor @ factor.T
    log_prob = stats.multivariate_normal(loc, covariance).logpdf(x)
    fields = [[d], [r], loc, log_variance, factor.ravel(), x, [log_prob]]
    fields += [[divergence(loc, covariance, 0, 1)], [divergence(loc, covariance, 0.5, 4)]]
    print(",".join(";".join(repr(float(number)) for number in field) for field in fields))
