"""A training step and an evaluation in PyTorch, as fast as they were got on a CPU.

    python pytorch.py step --method iwae --batch 100 --samples 25 --threads 2 --seconds 5 --mode compile
    python pytorch.py evaluate --method iwae --samples 5000 --images 20 --threads 2 --mode compile

What was tried and is faster than the alternative:
- Denormal numbers are flushed to zero. Small importance weights make the gradients of their samples
  denormal, and then matrix products take three times as long.
- Noise is drawn by PyTorch's own generator, one for each thread, into a buffer that stays, in pieces that a
  cache holds. One thread alone takes twice as long, but for a VAE's few numbers less than waking another;
  the generator that torch.compile fuses into its kernels, six times.
- Weights are `[d_input, d_output]` and biases are added: `F.linear` copies them to every row first.
- The C library asks for huge pages.
- On AMD's processors oneDNN multiplies: on Zen 5 twice as fast as MKL, which PyTorch takes for `f32`.
- `eager`: Adam with `fused=True` (as fast as `foreach`); x·l − softplus(l) or a log-sigmoid of the
  signed logits make no difference in time.
- `compile`: forward, backward and Adam in one graph by `torch.func`, faster than a compiled loss with a
  fused Adam (by 20 % for the VAE, 8 % for the IWAEU, equal for the IWAE); tanh as 2 / (1 + e^−2x) − 1, which is
  less exact near 0; the C++ wrapper; no guards once a step is compiled. Mode "default": "max-autotune-no-cudagraphs" is
  no faster.
"""

import math
from concurrent.futures import ThreadPoolExecutor

import common

precisions = ["highest", "high", "medium", "autocast"]
options = common.arguments(chunk=250, precisions=precisions, modes=["eager", "compile"])
common.limit_threads(options.threads)
common.keep_memory()
common.huge_pages()

import torch  # noqa: E402, after the settings that its threads inherit
import torch._inductor.config  # noqa: E402
import torch.nn.functional as F  # noqa: E402
from torch.fx.experimental.proxy_tensor import make_fx  # noqa: E402

torch.set_flush_denormal(True)
torch.set_num_threads(options.threads)
AUTOCAST = options.precision == "autocast"
torch.set_float32_matmul_precision("highest" if AUTOCAST else options.precision)
ONEDNN = options.precision == "highest" and common.is_amd()
torch.manual_seed(0)
torch._inductor.config.cpp.use_decompose_tanh = True
torch._inductor.config.cpp_wrapper = True


class Noise:
    """Standard normal tensors `[samples, rows, width]`, drawn anew in place by all threads."""

    @torch.inference_mode(False)  # else the pool's threads, which are not in that mode, may not write
    def __init__(self, samples, rows):
        shapes = [(samples, rows, width) for width in common.noise_units(options)]
        sizes = [math.prod(shape) for shape in shapes]
        buffer = torch.empty(sum(sizes))
        self.tensors = [part.view(shape) for part, shape in zip(buffer.split(sizes), shapes)]
        # Pieces that stay in a cache between the two passes of normal_.
        self.parts = [part.split(1 << 17) for part in buffer.chunk(options.threads)]
        self.buffer = buffer
        self.generators = [torch.Generator().manual_seed(seed) for seed in range(len(self.parts))]
        self.pool = ThreadPoolExecutor(len(self.parts))

    def draw(self):
        if len(self.buffer) < 1 << 16:  # less work than waking a thread
            self.buffer.normal_()
            return self.tensors

        def fill(pieces, generator):
            for piece in pieces:
                piece.normal_(generator=generator)  # releases Python's lock

        list(self.pool.map(fill, self.parts, self.generators))
        return self.tensors


# An operation of its own, since torch.compile takes PyTorch's for weights that never change.
library = torch.library.Library("peer", "DEF")
library.define("by_onednn(Tensor x, Tensor transposed) -> Tensor")
by_onednn = torch.ops.peer.by_onednn.default


@torch.library.impl(library, "by_onednn", "CPU")
def _(x, transposed):
    return torch.ops.mkldnn._linear_pointwise.default(x, transposed, None, "none", [], "")


@torch.library.register_fake("peer::by_onednn")
def _(x, transposed):
    return x.new_empty([*x.shape[:-1], transposed.shape[0]])


class OnednnProduct(torch.autograd.Function):
    """x W by oneDNN, whose operation has no derivative in PyTorch."""

    @staticmethod
    def forward(x, weight):
        return by_onednn(x, weight.t())

    @staticmethod
    def setup_context(context, inputs, output):
        context.save_for_backward(*inputs)

    @staticmethod
    def backward(context, gradient):
        x, weight = context.saved_tensors
        to_x = by_onednn(gradient, weight) if context.needs_input_grad[0] else None
        return to_x, by_onednn(x.flatten(0, -2).t(), gradient.flatten(0, -2).t())


product = OnednnProduct.apply if ONEDNN else torch.matmul


def layer(parameters, x, noise):
    """x W + b: `[1 or samples, rows, d_input]` → `[1 or samples, rows, d_output]`.

    Random weights by local reparametrization: moments once for each row of x, fresh noise for each
    sample and row.
    """
    # Not F.linear: its addmm copies the bias to every row first; so it goes into the kernel that follows.
    mean = product(x, parameters["weight"])
    mean = mean + parameters["bias"].to(mean.dtype)  # which autocast makes bf16
    if "weight_lv" not in parameters:
        return mean
    bias_variance = parameters["bias_lv"].exp() + common.VARIANCE_GUARD
    variance = product(x * x, parameters["weight_lv"].exp())
    variance = variance + bias_variance.to(variance.dtype)
    return torch.addcmul(mean, variance.sqrt(), next(noise))


def hidden_layers(layers, x, noise, count):
    """The next `count` layers, each with its non-linearity."""
    for _ in range(count):
        parameters = next(layers)
        x = layer(parameters, x, noise)
        if "gamma" in parameters:  # over all rows and samples
            variance, mean = torch.var_mean(x, (0, 1), correction=0)
            scale = parameters["gamma"] * torch.rsqrt(variance + common.NORM_EPSILON)
            x = torch.addcmul(parameters["beta"], x - mean, scale)
        x = F.leaky_relu(x, common.LEAK) if options.method == "ladder" else torch.tanh(x)
    return x


def normal(layers, x, noise):
    """Mean and log-variance, from a network's last layer."""
    return layer(next(layers), x, noise).float().chunk(2, -1)


def log_likelihood(layers, x, z, noise, count):
    """log p(x | z), `[samples, rows]`."""
    hidden = hidden_layers(layers, z, noise, count)
    logits = layer(next(layers), hidden, noise).float()
    return (x * logits - F.softplus(logits)).sum(-1)


@torch.autocast("cpu", torch.bfloat16, enabled=AUTOCAST)
def log_weights(layers, x, noise):
    """log p(x, z) − log q(z | x), `[samples, rows]`. Constants cancel in log p(z) − log q(z | x)."""
    layers, noise = iter(layers), iter(noise)
    up, down = common.networks(options)
    if options.method == "ladder":
        return ladder_log_weights(layers, x, noise, up, down)
    draws, entropies, below = [], 0, x[None]
    for widths in up:
        loc, log_variance = normal(layers, hidden_layers(layers, below, noise, len(widths) - 2), noise)
        epsilon = next(noise)
        below = torch.addcmul(loc, torch.exp(0.5 * log_variance), epsilon)
        draws.append(below)
        entropies = entropies + (epsilon * epsilon + log_variance).sum(-1)
    z = draws.pop()
    energies = (z * z).sum(-1)
    for widths in down[:-1]:
        loc, log_variance = normal(layers, hidden_layers(layers, z, noise, len(widths) - 2), noise)
        z = draws.pop()
        energies = energies + ((z - loc) ** 2 * torch.exp(-log_variance) + log_variance).sum(-1)
    return log_likelihood(layers, x, z, noise, len(down[-1]) - 2) + 0.5 * (entropies - energies)


def ladder_log_weights(layers, x, noise, up, down):
    """Of proposals that are merged, by precision, with what the layer above says."""
    found, hidden = [], x[None]
    for widths in up:
        hidden = hidden_layers(layers, hidden, noise, len(widths) - 2)
        found.append(normal(layers, hidden, noise))
    loc, log_variance = found.pop()
    epsilon = next(noise)
    z = torch.addcmul(loc, torch.exp(0.5 * log_variance), epsilon)
    differences = (epsilon * epsilon + log_variance - z * z).sum(-1)
    for widths in down[:-1]:
        prior, prior_lv = normal(layers, hidden_layers(layers, z, noise, len(widths) - 2), noise)
        loc, log_variance = found.pop()
        apart = prior_lv - log_variance
        loc = prior + torch.sigmoid(apart) * (loc - prior)
        log_variance = prior_lv - F.softplus(apart)
        epsilon = next(noise)
        z = torch.addcmul(loc, torch.exp(0.5 * log_variance), epsilon)
        energy = (z - prior) ** 2 * torch.exp(-prior_lv) + prior_lv
        differences = differences + (epsilon * epsilon + log_variance - energy).sum(-1)
    return log_likelihood(layers, x, z, noise, len(down[-1]) - 2) + 0.5 * differences


def loss_function(layers, x, noise):
    total = log_weights(layers, x, noise)
    return -(torch.logsumexp(total, 0) - math.log(len(total))).mean()


def initial_layers():
    tensor = lambda array: torch.from_numpy(array.copy())
    return [{name: tensor(array) for name, array in layer.items()} for layer in common.initial_layers(options)]


def eager_step(x, noise):
    layers = initial_layers()
    parameters = [value.requires_grad_() for layer in layers for value in layer.values()]
    betas = (common.BETA_1, common.BETA_2)
    adam = torch.optim.Adam(parameters, common.LEARNING_RATE, betas, common.EPSILON, fused=True)

    def step():
        adam.zero_grad(set_to_none=True)
        loss = loss_function(layers, x, noise.draw())
        loss.backward()
        adam.step()
        return -loss.item()

    return step


def compiled_step(x, noise):
    layers = initial_layers()
    zeros = lambda: [{name: torch.zeros_like(value) for name, value in layer.items()} for layer in layers]
    first, second = zeros(), zeros()

    def whole_step(layers, first, second, x, noise, rate, correction):
        gradients, loss = torch.func.grad_and_value(loss_function)(layers, x, noise)
        for values, g, m, v in zip(layers, gradients, first, second):
            for name in values:
                m[name].lerp_(g[name], 1 - common.BETA_1)
                v[name].lerp_(g[name] * g[name], 1 - common.BETA_2)
                values[name].sub_(rate * m[name] / (v[name].sqrt() * correction + common.EPSILON))
        return loss

    if ONEDNN:  # torch.compile cannot trace a derivative of its own within torch.func
        numbers = torch.tensor(0.0), torch.tensor(1.0)
        whole_step = make_fx(whole_step)(layers, zeros(), zeros(), x, noise.draw(), *numbers)
    compiled = torch.compile(whole_step, dynamic=False)
    time = 0

    @torch.no_grad()
    def step():
        nonlocal time
        time += 1
        # As tensors: numbers would be compiled in.
        rate = torch.tensor(common.LEARNING_RATE / (1 - common.BETA_1**time))
        correction = torch.tensor(1 / math.sqrt(1 - common.BETA_2**time))
        if time == 3:  # compiled; nothing that the guards look at changes from here on
            torch.compiler.set_stance("default", skip_guard_eval_unsafe=True)
        return -compiled(layers, first, second, x, noise.draw(), rate, correction).item()

    return step


def evaluate():
    layers = initial_layers()
    all_images = torch.from_numpy(common.binary_images(options.images))
    idle_mib = common.peak_mib()

    def chunk_log_sum_exp(layers, x, noise):
        return torch.logsumexp(log_weights(layers, x, noise), 0)

    if options.mode == "compile":
        chunk_log_sum_exp = torch.compile(chunk_log_sum_exp, dynamic=False)
    noises = {}

    def log_mean_exp(first, size, warm_up=False):
        x = all_images[first : first + size]
        sum_so_far = torch.full([size], -math.inf, dtype=torch.float64)
        chunks = common.chunks(options)
        for samples in set(chunks) if warm_up else chunks:
            if (samples, size) not in noises:
                noises[samples, size] = Noise(samples, size)
            part = chunk_log_sum_exp(layers, x, noises[samples, size].draw())
            sum_so_far = torch.logaddexp(sum_so_far, part.double())
        return (sum_so_far - math.log(options.samples)).numpy()

    return common.evaluate(torch.inference_mode()(log_mean_exp), options, idle_mib)


if options.work == "step":
    x = torch.from_numpy(common.binary_images(options.batch))
    noise = Noise(options.samples, options.batch)
    step = {"eager": eager_step, "compile": compiled_step}[options.mode](x, noise)
    measure = common.time_steps(step, options.seconds)
else:
    measure = evaluate()
common.report(f"pytorch-{options.mode}", options, torch.__version__, measure)
