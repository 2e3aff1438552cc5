"""Log-probabilities, means and variances of the built-in families, to be checked against.

    pip install scipy==1.17.1 mpmath==1.4.1
    python tests/families/reference.py > tests/families/reference.csv

Where SciPy has no such distribution, or loses digits, the definition is worked out by mpmath with 60
digits. A line is: family, parameters (with ; between), x, log_prob, mean, variance, and the size of
what is added up to log_prob, by which a rounding is measured. That of counts is what a rounding of the
parameters changes, so large counts must not cancel.
"""

import mpmath as mp
from scipy import stats

mp.mp.dps = 60


def line(family, parameters, x, log_prob, mean, variance, *terms):
    size = 1 + abs(mp.mpf(log_prob)) + sum(abs(mp.mpf(term)) for term in terms)
    numbers = [mp.nstr(mp.mpf(number), 17) for number in (log_prob, mean, variance, size)]
    print(",".join([family, ";".join(map(repr, parameters)), repr(x), *numbers]))


def laplace():
    for loc, scale in [(0.0, 1.0), (2.5, 0.1), (-3.0, 20.0)]:
        law = stats.laplace(loc, scale)
        for x in [-4.0, 0.25, 2.6, 1000.0]:
            line("laplace", [loc, scale], x, law.logpdf(x), law.mean(), law.var())


def student_t():
    for df, loc, scale in [(1.5, 0.0, 1.0), (5.0, 2.5, 0.1), (100.0, -3.0, 20.0)]:
        law = stats.t(df, loc, scale)
        for x in [-4.0, 0.25, 2.6, 1e6]:
            variance = law.var() if df > 2 else mp.inf
            line("student_t", [df, loc, scale], x, law.logpdf(x), loc, variance)


def continuous_bernoulli():
    for logit in [0.0, 1e-3, -0.09, 0.11, 0.49, -2.0, 10.0, -80.0]:
        l = mp.mpf(logit)
        normalizer = mp.mpf(2) if l == 0 else l / mp.tanh(l / 2)
        density = lambda x: normalizer * mp.exp(x * l) / (1 + mp.exp(l))
        moment = lambda n: mp.quad(lambda x: x**n * density(x), [0, mp.mpf("0.05"), mp.mpf("0.95"), 1])
        mean = moment(1)
        for x in [0.0, 0.3, 1.0]:
            log_prob = mp.log(density(mp.mpf(x)))
            line("continuous_bernoulli", [logit], x, log_prob, mean, moment(2) - mean**2, l)


def beta():
    for a, b in [(1.0, 1.0), (0.5, 2.0), (30.0, 7.0), (1e4, 3e4)]:
        law = stats.beta(a, b)
        for x in [0.001, 0.25, 0.75]:
            p, q = mp.mpf(a), mp.mpf(b)
            log_prob = (p - 1) * mp.log(x) + (q - 1) * mp.log(1 - mp.mpf(x)) - mp.log(mp.beta(p, q))
            terms = [(p - 1) * mp.log(x), (q - 1) * mp.log(1 - mp.mpf(x)), mp.log(mp.beta(p, q))]
            line("beta", [a, b], x, log_prob, law.mean(), law.var(), *terms)


def poisson():
    for rate in [0.01, 1.0, 3.5, 1000.0, 1e5]:
        law = stats.poisson(rate)
        for x in [0.0, 1.0, 7.0, 1200.0, 1e5, 1.01e5]:
            log_prob = x * mp.log(rate) - rate - mp.loggamma(x + 1)
            line("poisson", [rate], x, log_prob, law.mean(), law.var(), (x - rate) * mp.log(rate))


def negative_binomial_log_prob(mean, theta, x):
    mean, theta, x = map(mp.mpf, (mean, theta, x))
    counts = mp.loggamma(x + theta) - mp.loggamma(theta) - mp.loggamma(x + 1)
    return counts + theta * mp.log(theta / (theta + mean)) + x * mp.log(mean / (theta + mean))


def negative_binomial_terms(mean, theta, x):
    mean, theta, x = map(mp.mpf, (mean, theta, x))
    to_log_mean = theta * (x - mean) / (theta + mean)
    to_log_theta = theta * (
        mp.digamma(x + theta) - mp.digamma(theta) - mp.log(1 + mean / theta) + (mean - x) / (theta + mean)
    )
    return [to_log_mean * mp.log(mean), to_log_theta * mp.log(theta)]


def negative_binomial():
    for mean, theta in [(1.0, 1.0), (0.1, 5.0), (30.0, 0.3), (20.0, 1e6), (1e4, 10.0), (1e5, 1e-6), (1e5, 1e6)]:
        law = stats.nbinom(theta, theta / (theta + mean))
        for x in [0.0, 1.0, 7.0, 200.0, 1e4, 1.01e5]:
            log_prob = negative_binomial_log_prob(mean, theta, x)
            assert theta > 1e3 or abs(log_prob - law.logpmf(x)) < 1e-8 * (1 + abs(log_prob))
            terms = negative_binomial_terms(mean, theta, x)
            line("negative_binomial", [mean, theta], x, log_prob, law.mean(), law.var(), *terms)


def zero_inflated():
    for mean, theta, gate in [(1.0, 1.0, 0.5), (30.0, 0.3, 0.1), (2.0, 1e3, 0.999), (1e5, 1e6, 0.6)]:
        law = stats.nbinom(theta, theta / (theta + mean))
        for x in [0.0, 1.0, 50.0]:
            prob = (1 - mp.mpf(gate)) * mp.exp(negative_binomial_log_prob(mean, theta, x))
            log_prob = mp.log(prob + (gate if x == 0 else 0))
            variance = (1 - gate) * (law.var() + gate * law.mean() ** 2)
            closed = 0 if x > 0 else gate / mp.exp(log_prob)
            terms = [(1 - closed) * term for term in negative_binomial_terms(mean, theta, x)]
            mean_of_all = (1 - gate) * law.mean()
            line("zero_inflated", [mean, theta, gate], x, log_prob, mean_of_all, variance, *terms)


def categorical():
    for probs in [(0.2, 0.3, 0.5), (0.001, 0.009, 0.99)]:
        law = stats.rv_discrete(values=(range(3), probs))
        for x in range(3):
            line("categorical", list(probs), float(x), mp.log(probs[x]), law.mean(), law.var())


def discretized_logistic():
    levels = 256
    step = mp.mpf(1) / (levels - 1)
    for loc, scale in [(0.5, 0.1), (0.02, 0.005), (0.9, 1e-3), (-1.0, 0.05)]:
        above = lambda edge: 1 / (1 + mp.exp((edge - loc) / mp.mpf(scale)))
        edges = [mp.mpf(1)] + [above((level + mp.mpf(0.5)) * step) for level in range(levels - 1)] + [mp.mpf(0)]
        probs = [edges[level] - edges[level + 1] for level in range(levels)]
        mean = sum(prob * level * step for level, prob in enumerate(probs))
        square = sum(prob * (level * step) ** 2 for level, prob in enumerate(probs))
        for level in [0, 1, 128, 230, 255]:
            x = level / (levels - 1)
            line("discretized_logistic", [loc, scale], x, mp.log(probs[level]), mean, square - mean**2, 1 / scale)


for family in [
    laplace, student_t, continuous_bernoulli, beta, poisson, negative_binomial, zero_inflated, categorical,
    discretized_logistic,
]:
    family()
