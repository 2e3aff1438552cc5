"""Log-densities and divergences of normal distributions with full covariance.

    pip install scipy==1.17.1
    python tests/posteriors/reference.py > tests/posteriors/reference.csv

Covariances are A Aᵀ with lower triangular A. A line is: d, loc, log of A's diagonal, A below it row by
row, x (with ; between), log N(x), KL to N(0, I), KL to N(0.5, 2²).
"""

import numpy as np
from scipy import stats

rng = np.random.default_rng(1)


def divergence(loc, covariance, mean, variance):
    d = len(loc)
    trace, distance = np.trace(covariance) / variance, np.sum((loc - mean) ** 2) / variance
    return 0.5 * (trace + distance - d + d * np.log(variance) - np.linalg.slogdet(covariance)[1])


for d in [1, 2, 3, 3, 7]:
    loc, log_diagonal = rng.normal(size=d), 0.5 * rng.normal(size=d)
    below, x = rng.normal(size=d * (d - 1) // 2), 2 * rng.normal(size=d)
    a = np.diag(np.exp(log_diagonal))
    a[np.tril_indices(d, -1)] = below
    covariance = a @ a.T
    log_prob = stats.multivariate_normal(loc, covariance).logpdf(x)
    fields = [[d], loc, log_diagonal, below, x, [log_prob]]
    fields += [[divergence(loc, covariance, 0, 1)], [divergence(loc, covariance, 0.5, 4)]]
    print(",".join(";".join(repr(float(number)) for number in field) for field in fields))
