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
METHODS = ["vae", "iwae", "iwaeu_rec", "iwaeu"]
IMAGES_PER_CHUNK = 20  # of an evaluation, as in ours
LEARNING_RATE, BETA_1, BETA_2, EPSILON = 1e-3, 0.9, 0.999, 1e-8  # as ours
VARIANCE_GUARD = 1e-16  # ours: keeps the slope of sqrt finite at 0


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
    step.add_argument("--seconds", type=float, default=5)
    evaluate.add_argument("--images", type=int, default=20)
    evaluate.add_argument("--chunk", type=int, default=chunk, help="samples in memory at once")
    options = parser.parse_args()
    if options.work == "step" and options.method == "vae":
        options.samples = 1
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


def noise_units(options):
    """The widths of the noise tensors `[samples, rows, width]` in the order in which a pass needs them."""
    hidden, latent = options.hidden, options.latent
    encoder = [hidden, 2 * latent] if options.method in ["iwaeu_rec", "iwaeu"] else []
    decoder = [hidden, DATA] if options.method == "iwaeu" else []
    return [*encoder, latent, *decoder]


def binary_images(rows):
    """A fixed binary batch `[rows, DATA]` of about MNIST's density."""
    return (np.random.default_rng(1).random((rows, DATA)) < 0.13).astype(np.float32)


def initial_layers(options):
    """The four layers, encoder first, each a dictionary of arrays.

    Fixed weights: `weight` `[d_input, d_output]` and `bias`. Random weights have also the logarithms
    of their variances: `weight_lv`, `bias_lv`. Glorot uniform means, standard deviations e^-4.5.
    """
    rng = np.random.default_rng(0)
    hidden, latent = options.hidden, options.latent
    sizes = [(DATA, hidden), (hidden, 2 * latent), (latent, hidden), (hidden, DATA)]
    random_encoder = options.method in ["iwaeu_rec", "iwaeu"]
    random_decoder = options.method == "iwaeu"
    layers = []
    for size, is_random in zip(sizes, [random_encoder] * 2 + [random_decoder] * 2):
        limit = math.sqrt(6 / sum(size))
        layer = {
            "weight": rng.uniform(-limit, limit, size).astype(np.float32),
            "bias": np.zeros(size[1], np.float32),
        }
        if is_random:
            layer["weight_lv"] = np.full(size, -9, np.float32)
            layer["bias_lv"] = np.full(size[1], -9, np.float32)
        layers.append(layer)
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
