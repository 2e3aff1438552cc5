"""A training step and an evaluation in JAX, as fast as they were got on a CPU.

    python jax_peer.py step --method iwae --batch 100 --samples 25 --threads 2 --seconds 5
    python jax_peer.py evaluate --method iwae --samples 5000 --images 20 --threads 2

What was tried and is faster than the alternative:
- Generator: threefry2x32, JAX's default, but not the partitionable variant of it. 4.26 million normal
  numbers take 15 ms so, 37 ms with the partitionable one, and about 70 ms with rbg and unsafe_rbg.
- Noise is drawn by a jitted function of its own. Within the step's function the same draws make the
  whole step a quarter slower.
- A softplus with its derivative given: that of `jax.nn.softplus` costs a third of an IWAE step.
- Samples and rows are one axis in the products, which keeps the weights' gradients plain products.
- The YNNPACK fusion of products is off: 10 % for the IWAEU, no difference for the others.
"""

import math
import os

import common

options = common.arguments(chunk=125, precisions=["highest"])
common.limit_threads(options.threads)
common.keep_memory()
os.environ["NPROC"] = str(options.threads)  # the size of XLA's thread pools
os.environ["JAX_PLATFORMS"] = "cpu"
os.environ["XLA_FLAGS"] = "--xla_cpu_experimental_ynn_fusion_type="

import jax  # noqa: E402, after its settings
import jax.numpy as jnp  # noqa: E402
import numpy as np  # noqa: E402

jax.config.update("jax_threefry_partitionable", False)


@jax.custom_jvp
def softplus(x):
    return jnp.maximum(x, 0) + jnp.log(1 + jnp.exp(-jnp.abs(x)))


softplus.defjvps(lambda tangent, _, x: tangent * jax.nn.sigmoid(x))


def draw(key, samples, rows):
    """The next key and the standard normal tensors of a pass, each `[samples, rows, width]`."""
    widths = common.noise_units(options)
    key, *keys = jax.random.split(key, 1 + len(widths))
    return key, [jax.random.normal(k, (samples, rows, width)) for k, width in zip(keys, widths)]


def layer(parameters, x, noise):
    """x W + b: `[rows or samples·rows, d_input]` → `[rows or samples·rows, d_output]`.

    Random weights by local reparametrization: moments once for each row of x, fresh noise for each
    sample and row.
    """
    mean = x @ parameters["weight"] + parameters["bias"]
    if "weight_lv" not in parameters:
        return mean
    bias_variance = jnp.exp(parameters["bias_lv"]) + common.VARIANCE_GUARD
    scale = jnp.sqrt((x * x) @ jnp.exp(parameters["weight_lv"]) + bias_variance)
    epsilon = next(noise)
    by_sample = (-1, *epsilon.shape[1:])
    return (mean.reshape(by_sample) + scale.reshape(by_sample) * epsilon).reshape(-1, epsilon.shape[2])


def hidden_layers(layers, x, noise, count):
    """The next `count` layers, each with its non-linearity."""
    for _ in range(count):
        parameters = next(layers)
        x = layer(parameters, x, noise)
        if "gamma" in parameters:  # over all rows and samples
            mean = x.mean(0)
            centred = x - mean
            variance = (centred * centred).mean(0)
            scale = parameters["gamma"] * jax.lax.rsqrt(variance + common.NORM_EPSILON)
            x = centred * scale + parameters["beta"]
        x = jnp.maximum(x, common.LEAK * x) if options.method == "ladder" else jnp.tanh(x)
    return x


def normal(layers, x, rows, noise):
    """Mean and log-variance `[1 or samples, rows, latents]`, from a network's last layer."""
    outputs = layer(next(layers), x, noise)
    return jnp.split(outputs.reshape(-1, rows, outputs.shape[1]), 2, -1)


def log_likelihood(layers, x, z, noise, count):
    """log p(x | z), `[samples, rows]`."""
    hidden = hidden_layers(layers, flat(z), noise, count)
    logits = layer(next(layers), hidden, noise).reshape(-1, *x.shape)
    return (x * logits - softplus(logits)).sum(-1)


def flat(z):
    """`[samples, rows, latents]` → `[samples·rows, latents]`."""
    return z.reshape(-1, z.shape[2])


def log_weights(layers, x, noise):
    """log p(x, z) − log q(z | x), `[samples, rows]`. Constants cancel in log p(z) − log q(z | x)."""
    layers, noise = iter(layers), iter(noise)
    up, down = common.networks(options)
    if options.method == "ladder":
        return ladder_log_weights(layers, x, noise, up, down)
    draws, entropies, below = [], 0, x
    for widths in up:
        loc, log_variance = normal(layers, hidden_layers(layers, below, noise, len(widths) - 2), len(x), noise)
        epsilon = next(noise)
        draws.append(loc + jnp.exp(0.5 * log_variance) * epsilon)
        entropies = entropies + (epsilon * epsilon + log_variance).sum(-1)
        below = flat(draws[-1])
    z = draws.pop()
    energies = (z * z).sum(-1)
    for widths in down[:-1]:
        loc, log_variance = normal(layers, hidden_layers(layers, flat(z), noise, len(widths) - 2), len(x), noise)
        z = draws.pop()
        energies = energies + ((z - loc) ** 2 * jnp.exp(-log_variance) + log_variance).sum(-1)
    return log_likelihood(layers, x, z, noise, len(down[-1]) - 2) + 0.5 * (entropies - energies)


def ladder_log_weights(layers, x, noise, up, down):
    """Of proposals that are merged, by precision, with what the layer above says."""
    found, hidden = [], x
    for widths in up:
        hidden = hidden_layers(layers, hidden, noise, len(widths) - 2)
        found.append(normal(layers, hidden, len(x), noise))
    loc, log_variance = found.pop()
    epsilon = next(noise)
    z = loc + jnp.exp(0.5 * log_variance) * epsilon
    differences = (epsilon * epsilon + log_variance - z * z).sum(-1)
    for widths in down[:-1]:
        prior, prior_lv = normal(layers, hidden_layers(layers, flat(z), noise, len(widths) - 2), len(x), noise)
        loc, log_variance = found.pop()
        apart = prior_lv - log_variance
        loc = prior + jax.nn.sigmoid(apart) * (loc - prior)
        log_variance = prior_lv - softplus(apart)
        epsilon = next(noise)
        z = loc + jnp.exp(0.5 * log_variance) * epsilon
        energy = (z - prior) ** 2 * jnp.exp(-prior_lv) + prior_lv
        differences = differences + (epsilon * epsilon + log_variance - energy).sum(-1)
    return log_likelihood(layers, x, z, noise, len(down[-1]) - 2) + 0.5 * differences


def loss_function(layers, x, noise):
    total = log_weights(layers, x, noise)
    return -(jax.nn.logsumexp(total, 0) - math.log(len(total))).mean()


def update(state, x, noise):
    """Forward, backward and Adam."""
    layers, first, second, time = state
    loss, gradients = jax.value_and_grad(loss_function)(layers, x, noise)
    time = time + 1
    rate = common.LEARNING_RATE / (1 - common.BETA_1**time)
    correction = 1 / jnp.sqrt(1 - common.BETA_2**time)
    average = lambda decay: lambda old, new: decay * old + (1 - decay) * new
    first = jax.tree.map(average(common.BETA_1), first, gradients)
    second = jax.tree.map(average(common.BETA_2), second, jax.tree.map(jnp.square, gradients))
    move = lambda value, m, v: value - rate * m / (jnp.sqrt(v) * correction + common.EPSILON)
    return (jax.tree.map(move, layers, first, second), first, second, time), -loss


def initial_layers():
    return jax.tree.map(jnp.asarray, common.initial_layers(options))


def training_step():
    x = jnp.asarray(common.binary_images(options.batch))
    zeros = lambda: jax.tree.map(jnp.zeros_like, initial_layers())
    state = (initial_layers(), zeros(), zeros(), jnp.float32(0))
    key = jax.random.key(0)
    jitted_draw = jax.jit(draw, static_argnums=(1, 2), donate_argnums=0)
    jitted_update = jax.jit(update, donate_argnums=0)

    def step():
        nonlocal state, key
        key, noise = jitted_draw(key, options.samples, options.batch)
        state, bound = jax.block_until_ready(jitted_update(state, x, noise))
        return float(bound)

    return step


def evaluate():
    layers = initial_layers()
    all_images = common.binary_images(options.images)
    idle_mib = common.peak_mib()
    jitted_draw = jax.jit(draw, static_argnums=(1, 2), donate_argnums=0)

    @jax.jit
    def chunk_log_sum_exp(layers, x, noise):
        return jax.nn.logsumexp(log_weights(layers, x, noise), 0)

    key = jax.random.key(0)

    def log_mean_exp(first, size, warm_up=False):
        nonlocal key
        x = jnp.asarray(all_images[first : first + size])
        sum_so_far = np.full(size, -np.inf)
        chunks = common.chunks(options)
        for samples in set(chunks) if warm_up else chunks:
            key, noise = jitted_draw(key, samples, size)
            part = chunk_log_sum_exp(layers, x, noise)
            sum_so_far = np.logaddexp(sum_so_far, np.asarray(part, np.float64))
        return sum_so_far - math.log(options.samples)

    return common.evaluate(log_mean_exp, options, idle_mib)


measure = common.time_steps(training_step(), options.seconds) if options.work == "step" else evaluate()
common.report("jax", options, jax.__version__, measure)
