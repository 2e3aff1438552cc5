"""A linear Gaussian model of rows with missing cells, worked out with numpy.

    pip install numpy
    python tests/tables/reference.py

p(z) = N(0, I), p(x | z) = N(W z + b, s^2 I), the cells x_0 and x_2 of 4 observed. For `exact.rs` it
prints the posterior of z as the affine function of the observed cells that an encoder computes, log
p of the observed cells, and mean and covariance of the missing ones given these.
"""

import numpy as np

W = np.array([[1.0, 0.5], [-0.7, 0.9], [0.3, -1.2], [0.8, 0.4]])
b = np.array([0.5, -1.0, 0.25, 2.0])
s = 0.6
observed, missing = [0, 2], [1, 3]
x = np.array([[1.1, -0.4], [-2.0, 0.9], [0.5, 3.0]])

total = W @ W.T + s**2 * np.eye(4)
C_oo = total[np.ix_(observed, observed)]
C_mo = total[np.ix_(missing, observed)]
C_mm = total[np.ix_(missing, missing)]

# The posterior from the joint covariance of (z, x_o): another way than that of precisions.
gain = W[observed].T @ np.linalg.inv(C_oo)
covariance = np.eye(2) - gain @ W[observed]
factor = np.linalg.cholesky(covariance)
print("gain", gain.tolist())
print("log_diagonal", np.log(np.diag(factor)).tolist())
print("below", factor[1, 0])

for row in x:
    centred = row - b[observed]
    log_det = np.linalg.slogdet(2 * np.pi * C_oo)[1]
    log_p = -0.5 * (centred @ np.linalg.solve(C_oo, centred) + log_det)
    mean = b[missing] + C_mo @ np.linalg.solve(C_oo, centred)
    print("row", row.tolist(), "log_p", log_p, "mean", mean.tolist())
conditional = C_mm - C_mo @ np.linalg.solve(C_oo, C_mo.T)
print("covariance", conditional.tolist())
print("variance of E(x_m | z)", np.diag(W[missing] @ covariance @ W[missing].T).tolist())
