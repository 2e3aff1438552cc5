"""What both peers share: the command line, the data, the initial weights, the stopwatch.

Initial weights and data are made by NumPy from fixed seeds, so both programs start at the same model
and their bounds can be held against each other.
"""

import argparse
import ctypes
import json
import math
import os
import resource
import statistics
import sys
import time

import numpy as np

DATA = 784
METHODS = ["vae", "iwae", "iwaeu_rec", "iwaeu", "two_layers", "two_layers_u", "ladder"]
ENCODER_IS_RANDOM = ["iwaeu_rec", "iwaeu", "two_layers_u"]
DECODER_IS_RANDOM = ["iwaeu", "two_layers_u"]
# Of a ladder: latents and the width of both hidden layers below them, from the data up.
RUNGS = [(64, 512), (32, 256), (16, 128), (8, 64), (4, 32)]
IMAGES_PER_CHUNK = 20  # of an evaluation, as in ours
LEARNING_RATE, BETA_1, BETA_2, EPSILON = 1e-3, 0.9, 0.999, 1e-8  # as ours
VARIANCE_GUARD = 1e-16  # ours: keeps the slope of sqrt finite at 0
NORM_EPSILON = 1e-5  # of batch normalization, as ours
LEAK = 0.01  # of a leaky ReLU


def arguments(chunk, precisions, modes=()):
    """The command line. `chunk` is the fastest number of samples in memory at once."""
    parser = argparse.ArgumentParser()
    works = parser.add_subparsers(dest="work", required=True)
    step = works.add_parser("step", help="training steps: noise, forward, backward, Adam")
    evaluate = works.add_parser("evaluate", help="log p(x) by importance sampling")
    for work, samples in [(step, 25), (evaluate, 5000)]:
        work.add_argument("--method", choices=METHODS, default="iwae")
        work.add_argument("--samples", type=int, default=samples, help="for each image (vae steps: 1)")
        work.add_argument("--hidden", type=int, default=400)
        work.add_argument("--latent", type=int, default=40)
        work.add_argument("--threads", type=int, default=2)
        work.add_argument("--again", action="store_true", help="measure again for every line of standard input")
        if modes:
            work.add_argument("--mode", choices=modes, default=modes[0])
        work.add_argument("--precision", choices=precisions, default=precisions[0],
                          help="of products of f32 matrices; medium multiplies in bf16, autocast has results in it, too")
    step.add_argument("--batch", type=int, default=100)
    step.add_argument("--batch-norm", action="store_true", help="normalize a ladder's hidden layers")
    step.add_argument("--seconds", type=float, default=5)
    evaluate.add_argument("--images", type=int, default=20)
    evaluate.add_argument("--chunk", type=int, default=chunk, help="samples in memory at once")
    options = parser.parse_args()
    if options.work == "step" and options.method == "vae":
        options.samples = 1
    if options.work == "evaluate" and len(stochastic_layers(options)) > 1:
        parser.error("only steps of several stochastic layers are compared")
    return options


def limit_threads(threads):
    """Keeps this process, with every thread it will start, on the first `threads` of its cores."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])


def keep_memory():
    """Lets the C library keep freed memory instead of handing it back to the system after every tensor.

    Else the peers, which allocate their temporaries anew in every step, spend up to a seventh of a
    step on page faults. (tcmalloc or jemalloc, preloaded, are other ways to that.)
    """
    mmap_threshold, trim_threshold = -3, -1  # M_MMAP_THRESHOLD, M_TRIM_THRESHOLD of malloc.h
    libc = ctypes.CDLL("libc.so.6")
    libc.mallopt(mmap_threshold, 1 << 30)
    libc.mallopt(trim_threshold, (1 << 31) - 1)


def huge_pages():
    """Starts this program anew with a C library that asks for transparent huge pages, if it has not been."""
    setting, others = "glibc.malloc.hugetlb=1", os.environ.get("GLIBC_TUNABLES", "")
    if setting not in others.split(":"):
        os.environ["GLIBC_TUNABLES"] = f"{others}:{setting}".strip(":")
        os.execv(sys.executable, [sys.executable, *sys.argv])


def stochastic_layers(options):
    """The hidden widths below each stochastic layer and its latents, from the data up."""
    if options.method == "ladder":
        return [([hidden, hidden], latent) for latent, hidden in RUNGS]
    if options.method in ["two_layers", "two_layers_u"]:
        return [([200, 200], 100), ([100, 100], 50)]
    return [([options.hidden], options.latent)]


def networks(options):
    """The widths of each network's layers, from its input to its output, in the order in which a pass needs them.

    The ways up, then the ways down, the last one to the data. A ladder's way up goes on from the hidden layer before
    the latents, others' from the latents.
    """
    layers = stochastic_layers(options)
    up, width = [], DATA
    for hidden, latent in layers:
        up.append([width, *hidden, 2 * latent])
        width = hidden[-1] if options.method == "ladder" else latent
    outputs = [DATA] + [2 * latent for _, latent in layers[:-1]]
    down = [[latent, *reversed(hidden), output] for (hidden, latent), output in zip(layers, outputs)]
    return up, down[::-1]


def is_amd():
    """Whether the processor is AMD's: on Zen 5 MKL's products take twice as long as oneDNN's."""
    with open("/proc/cpuinfo") as lines:
        return any("AuthenticAMD" in line for line in lines)


def noise_units(options):
    """The widths of the noise tensors `[samples, rows, width]` in the order in which a pass needs them."""
    up, down = networks(options)
    latents = [latent for _, latent in stochastic_layers(options)]
    if options.method == "ladder":
        return latents[::-1]  # drawn from the top down; its weights are fixed
    units = []
    for widths, latent in zip(up, latents):
        units += widths[1:] if options.method in ENCODER_IS_RANDOM else []
        units.append(latent)
    for widths in down:
        units += widths[1:] if options.method in DECODER_IS_RANDOM else []
    return units


def binary_images(rows):
    """A fixed binary batch `[rows, DATA]` of about MNIST's density."""
    return (np.random.default_rng(1).random((rows, DATA)) < 0.13).astype(np.float32)


def initial_layers(options):
    """All layers in the order of `networks`, each a dictionary of arrays.

    Fixed weights: `weight` `[d_input, d_output]` and `bias`. Random weights have also the logarithms
    of their variances: `weight_lv`, `bias_lv`. Glorot uniform means, standard deviations e^-4.5. Layers
    with batch normalization have `gamma` and `beta` as well.
    """
    rng = np.random.default_rng(0)
    layers = []
    for part, random_methods in zip(networks(options), [ENCODER_IS_RANDOM, DECODER_IS_RANDOM]):
        for widths in part:
            for size in zip(widths, widths[1:]):
                limit = math.sqrt(6 / sum(size))
                layer = {
                    "weight": rng.uniform(-limit, limit, size).astype(np.float32),
                    "bias": np.zeros(size[1], np.float32),
                }
                if options.method in random_methods:
                    layer["weight_lv"] = np.full(size, -9, np.float32)
                    layer["bias_lv"] = np.full(size[1], -9, np.float32)
                layers.append(layer)
            if options.method == "ladder" and options.batch_norm:
                for layer in layers[1 - len(widths) : -1]:  # all but the last one of the network
                    layer["gamma"] = np.ones_like(layer["bias"])
                    layer["beta"] = np.zeros_like(layer["bias"])
    return layers


def peak_mib():
    """The most memory this process has had resident so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def time_steps(step, seconds):
    """Prepares the work; a function that runs `step()`, which returns its bound when it is done, for `seconds` and
    gives the report's fields."""
    first_bound = step()  # compiles
    for _ in range(5):
        step()

    def measure():
        times, end = [], time.perf_counter() + seconds
        while not times or time.perf_counter() < end:
            start = time.perf_counter()
            bound = step()
            times.append(1e3 * (time.perf_counter() - start))
        return {
            "steps": len(times),
            "median_ms": round(statistics.median(times), 4),
            "lowest_ms": round(min(times), 4),
            "first_bound": round(first_bound, 4),
            "bound": round(bound, 4),
            "peak_mib": round(peak_mib(), 1),
        }

    return measure


def evaluate(log_mean_exp, options, idle_mib):
    """Prepares the work; a function that times `log_mean_exp(image, images)`, which gives log p(x) of some images, and
    gives the report's fields.

    `idle_mib` is the peak memory before the work: what the framework itself takes.
    """
    starts = range(0, options.images, IMAGES_PER_CHUNK)
    sizes = [min(IMAGES_PER_CHUNK, options.images - start) for start in starts]
    for size in sorted(set(sizes)):
        log_mean_exp(0, size, warm_up=True)  # compiles

    def measure():
        start = time.perf_counter()
        values = np.concatenate([log_mean_exp(first, size) for first, size in zip(starts, sizes)])
        seconds = time.perf_counter() - start
        return {
            "seconds": round(seconds, 4),
            "images_per_second": round(options.images / seconds, 4),
            "peak_mib": round(peak_mib(), 1),
            "idle_mib": round(idle_mib, 1),
            "mean_log_likelihood": round(float(values.mean()), 4),
        }

    return measure


def chunks(options):
    """The numbers of samples of each chunk of an evaluation. The last one may be shorter."""
    full, rest = divmod(options.samples, options.chunk)
    return [options.chunk] * full + [rest] * (rest > 0)


def report(program, options, version, measure):
    """One line of JSON on standard output, and with `--again` one more for every line of standard input."""
    settings = {name: value for name, value in vars(options).items() if name not in ["mode", "seconds", "again"]}
    while True:
        print(json.dumps({"program": program, **settings, "version": version, **measure()}), flush=True)
        if not options.again or not sys.stdin.readline():
            return
