"""VAEs of MNIST in PyTorch, without this crate: 784 - 400 - 40, tanh, k = 1.

    pip install torch==2.15.0 numpy==2.4.6
    python3 docs/results/check/vae.py data/mnist > docs/results/check/pytorch.json

The folder has MNIST's four files, gzipped. Seeds 1 to 3; 25 epochs in batches of 100 by Adam at
1e-3, epsilon 1e-8; all training images but the last 400, binarized anew at each visit; the
divergence in closed form. Weights begin as Glorot and Bengio (2010) say, the output's biases as the
logits of the mean image, kept from 0.001 to 0.999. Bounds are in nats. A unit is active if its
posterior mean's variance over the test images is above 0.01 (Burda, Grosse and Salakhutdinov 2016).
One thread, so that a seed gives the same numbers again.
"""

import gzip
import json
import sys
import time
from pathlib import Path

import numpy as np
import torch
from torch import nn

EPOCHS, BATCH, RATE, SEEDS = 25, 100, 1e-3, (1, 2, 3)


def images(name):
    data = gzip.decompress((Path(sys.argv[1]) / name).read_bytes())
    pixels = np.frombuffer(data, np.uint8, offset=16).reshape(-1, 784)
    return torch.from_numpy(pixels.astype(np.float32) / 255)


def network(sizes):
    hidden, output = nn.Linear(sizes[0], sizes[1]), nn.Linear(sizes[1], sizes[2])
    for layer in (hidden, output):
        nn.init.xavier_uniform_(layer.weight)
        nn.init.zeros_(layer.bias)
    return nn.Sequential(hidden, nn.Tanh(), output)


def parts(encoder, decoder, x):
    """The log-likelihood of one draw, the divergence and the posterior mean of each row."""
    loc, log_variance = encoder(x).chunk(2, 1)
    z = loc + (0.5 * log_variance).exp() * torch.randn_like(loc)
    log_likelihood = -nn.functional.binary_cross_entropy_with_logits(
        decoder(z), x, reduction="none"
    ).sum(1)
    kl = 0.5 * (log_variance.exp() + loc**2 - 1 - log_variance).sum(1)
    return log_likelihood, kl, loc


def trained(seed):
    torch.manual_seed(seed)
    encoder, decoder = network([784, 400, 80]), network([40, 400, 784])
    with torch.no_grad():
        mean = TRAIN.mean(0).clamp(1e-3, 1 - 1e-3)
        decoder[2].bias.copy_(mean.log() - (1 - mean).log())
    adam = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], lr=RATE)
    start, curve = time.time(), []
    for epoch in range(EPOCHS):
        sums = torch.zeros(2)
        for rows in torch.randperm(len(TRAIN)).split(BATCH):
            log_likelihood, kl, _ = parts(encoder, decoder, torch.bernoulli(TRAIN[rows]))
            adam.zero_grad()
            (kl - log_likelihood).mean().backward()
            adam.step()
            sums += torch.stack([(log_likelihood - kl).sum(), kl.sum()]).detach()
        curve.append([round(value, 3) for value in (sums / len(TRAIN)).tolist()])
        print(f"seed {seed}, epoch {epoch + 1}: {curve[-1]}", file=sys.stderr)
    with torch.no_grad():
        log_likelihood, kl, loc = parts(encoder, decoder, torch.bernoulli(TEST))
    variances = loc.var(0)
    return {
        "seed": seed,
        "seconds": round(time.time() - start),
        "evidence_lower_bound": round((log_likelihood - kl).mean().item(), 4),
        "kl": round(kl.mean().item(), 4),
        "active_units": int((variances > 0.01).sum()),
        "smallest_variances": [round(value, 4) for value in variances.sort().values[:5].tolist()],
        "curve_of_bound_and_kl": curve,
    }


torch.set_num_threads(1)
TRAIN, TEST = images("train-images-idx3-ubyte.gz")[:-400], images("t10k-images-idx3-ubyte.gz")
runs = [trained(seed) for seed in SEEDS]
print("{")
print(f'"program": "PyTorch {torch.__version__.split("+")[0]}",')
print('"runs": [')
print(",\n".join(json.dumps(run) for run in runs))
print("]\n}")
