"""The work of `benches/gpu_benchmark` in PyTorch on a GPU: eager, compiled, and as a CUDA graph.

    python pytorch_gpu.py --modes eager,compile,graph --json pytorch.json
    python pytorch_gpu.py --device cpu --modes eager --batch 20 --k 5 --seconds 1 --eval-images 2   # a trial

- `eager`: autograd and Adam with `fused=True`.
- `compile`: forward, backward and Adam in one graph of `torch.compile` (by `torch.func`), its noise fused in.
- `graph`: that, captured by `torch.cuda.graph` and replayed: one launch a step. The generator is registered
  with the graph by PyTorch, so each replay has fresh noise.

Steps are timed as in ours: many without waiting between.
"""

import argparse
import json
import math
import time

import torch
import torch.nn.functional as F

import common


METHODS = ["vae", "iwae", "iwaeu_rec", "iwaeu"]  # of one stochastic layer, as in ours


def words(kind):
    return lambda text: [kind(word) for word in text.split(",")]


def method(word):
    if word not in METHODS:
        raise argparse.ArgumentTypeError(f"{word} is none of {', '.join(METHODS)}")
    return word


parser = argparse.ArgumentParser()
parser.add_argument("--device", default="cuda")
parser.add_argument("--modes", type=words(str), default=["eager", "compile", "graph"])
parser.add_argument("--methods", type=words(method), default=METHODS)
parser.add_argument("--batch", type=words(int), default=[20, 100, 1000])
parser.add_argument("--k", type=words(int), default=[5, 25, 50])
parser.add_argument("--seconds", type=float, default=3)
parser.add_argument("--hidden", type=int, default=400)
parser.add_argument("--latent", type=int, default=40)
parser.add_argument("--eval-samples", type=int, default=5000)
parser.add_argument("--eval-images", type=int, default=200)
parser.add_argument("--eval-chunk", type=int, default=250, help="samples in memory at once")
parser.add_argument("--tf32", action="store_true", help="lets products round their factors to 10 bits")
parser.add_argument("--json", help="writes the figures to this file")
options = parser.parse_args()

device = torch.device(options.device)
torch.manual_seed(0)
torch.backends.cuda.matmul.allow_tf32 = options.tf32


def wait():
    if device.type == "cuda":
        torch.cuda.synchronize()


def layer(parameters, x, samples):
    """x W + b; random weights by local reparametrization, moments once for each row of x."""
    mean = F.linear(x, parameters["weight"], parameters["bias"])
    if "weight_lv" not in parameters:
        return mean
    bias_variance = parameters["bias_lv"].exp() + common.VARIANCE_GUARD
    variance = F.linear(x * x, parameters["weight_lv"].exp(), bias_variance)
    epsilon = torch.randn(samples, *mean.shape[1:], device=device)
    return torch.addcmul(mean, variance.sqrt(), epsilon)


def log_weights(layers, x, samples):
    """log p(x, z) − log q(z | x), `[samples, rows]`."""
    hidden = torch.tanh(layer(layers[0], x[None], samples))
    loc, log_variance = layer(layers[1], hidden, samples).chunk(2, -1)
    epsilon = torch.randn(samples, *loc.shape[1:], device=device)
    z = torch.addcmul(loc, torch.exp(0.5 * log_variance), epsilon)
    logits = layer(layers[3], torch.tanh(layer(layers[2], z, samples)), samples)
    log_likelihood = (x * logits - F.softplus(logits)).sum(-1)
    return log_likelihood + 0.5 * (epsilon * epsilon + log_variance - z * z).sum(-1)


def loss_function(layers, x, samples):
    total = log_weights(layers, x, samples)
    return -(torch.logsumexp(total, 0) - math.log(samples)).mean()


def initial_layers(method):
    settings = argparse.Namespace(method=method, hidden=options.hidden, latent=options.latent)
    tensor = lambda array: torch.from_numpy(array.T.copy()).to(device)
    layers = common.initial_layers(settings)
    return [{name: tensor(array) for name, array in layer.items()} for layer in layers]


def eager_step(method, x, samples):
    layers = initial_layers(method)
    parameters = [value.requires_grad_() for layer in layers for value in layer.values()]
    betas = (common.BETA_1, common.BETA_2)
    adam = torch.optim.Adam(parameters, common.LEARNING_RATE, betas, common.EPSILON, fused=True)

    def step():
        adam.zero_grad(set_to_none=True)
        loss_function(layers, x, samples).backward()
        adam.step()

    return step


def compiled_step(method, x, samples):
    layers = initial_layers(method)
    zeros = lambda: [{name: torch.zeros_like(value) for name, value in layer.items()} for layer in layers]
    first, second = zeros(), zeros()
    powers = torch.ones(2, device=device)  # of the decays: on the device, so that a graph can be replayed

    def whole_step(layers, first, second, powers, x):
        gradients, _ = torch.func.grad_and_value(loss_function)(layers, x, samples)
        powers[0] *= common.BETA_1
        powers[1] *= common.BETA_2
        rate = common.LEARNING_RATE / (1 - powers[0])
        correction = torch.rsqrt(1 - powers[1])
        for values, g, m, v in zip(layers, gradients, first, second):
            for name in values:
                m[name].lerp_(g[name], 1 - common.BETA_1)
                v[name].lerp_(g[name] * g[name], 1 - common.BETA_2)
                values[name].sub_(rate * m[name] / (v[name].sqrt() * correction + common.EPSILON))

    compiled = torch.compile(whole_step, dynamic=False)

    @torch.no_grad()
    def step():
        compiled(layers, first, second, powers, x)

    return step


def graph_step(method, x, samples):
    step = compiled_step(method, x, samples)
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(5):
            step()
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        step()
    return graph.replay


STEPS = {"eager": eager_step, "compile": compiled_step, "graph": graph_step}


def milliseconds(step):
    for _ in range(10):
        step()
    wait()
    count, start = 0, time.perf_counter()
    while count < 10 or time.perf_counter() - start < options.seconds:
        for _ in range(10):
            step()
        count += 10
        wait()
    return 1e3 * (time.perf_counter() - start) / count


@torch.no_grad()
def images_per_second(mode, method):
    layers = initial_layers(method)
    function = lambda layers, x, samples: torch.logsumexp(log_weights(layers, x, samples), 0)
    if mode != "eager":
        function = torch.compile(function, dynamic=False)
    data = torch.from_numpy(common.binary_images(options.eval_images)).to(device)
    chunk = min(options.eval_chunk, options.eval_samples)
    assert options.eval_samples % chunk == 0, "--eval-chunk must divide --eval-samples"

    def log_likelihood(x):
        total = torch.full([len(x)], -math.inf, dtype=torch.float64, device=device)
        for _ in range(options.eval_samples // chunk):
            total = torch.logaddexp(total, function(layers, x, chunk).double())
        return total - math.log(options.eval_samples)

    parts = data.split(min(common.IMAGES_PER_CHUNK, len(data)))
    for part in (parts[0], parts[-1]):
        log_likelihood(part)
    wait()
    start = time.perf_counter()
    values = torch.cat([log_likelihood(part) for part in parts]).cpu()
    assert values.isfinite().all()
    return len(data) / (time.perf_counter() - start)


figures = []
print(f"PyTorch {torch.__version__}, {device}")
for method in options.methods:
    for batch in options.batch:
        x = torch.from_numpy(common.binary_images(batch)).to(device)
        for k in [1] if method == "vae" else options.k:
            for mode in options.modes:
                ms = milliseconds(STEPS[mode](method, x, k))
                print(f"{method:<10} batch {batch:>5} k {k:>3} {mode:<8} {ms:>9.3f} ms", flush=True)
                figures.append({"work": "step", "method": method, "batch": batch, "samples": k, "mode": mode, "ms": ms})
    if options.eval_samples and method != "vae":
        for mode in [mode for mode in options.modes if mode != "graph"]:
            rate = images_per_second(mode, method)
            print(f"{method:<10} {options.eval_samples} samples {mode:<8} {rate:>9.1f} images/s", flush=True)
            figures.append({"work": "evaluate", "method": method, "mode": mode, "images_per_second": rate})
if device.type == "cuda":
    print(f"most memory: {torch.cuda.max_memory_allocated() / 2**20:.0f} MiB")
if options.json:
    with open(options.json, "w") as file:
        json.dump({"torch": torch.__version__, "device": str(device), "figures": figures}, file, indent=1)
