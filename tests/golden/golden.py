"""Golden numbers for tests of importance weighted autoencoders with random weights, in f64.

Made with PyTorch 1.13.1, NumPy 1.24.2 and Python 3.11, without the library: values and gradients
are PyTorch's. The program stops if they differ from central differences, or from second ways of
computing them.

Only the noise is the library's, of seed 7. `noise.json` has its numbers; a test compares them, and
writes them if asked to (`WRITE_GOLDEN_NOISE=1 cargo test --test golden noise`). The program stops if they differ
from what `docs/noise.py` says by more than the rounding of f32. To make all files again:

    python3 tests/golden/golden.py

Files, written beside this program: one_layer, two_layers, full_covariance, dreg, ladder and
black_box_alpha (.json). A tensor is {"shape": [...], "values": [flat, row by row]}. Bounds are in
nats, higher is better; gradients are those of a bound's mean over the batch. Weights are
[d_in, d_out], y = x W + b. A layer NAME has parameters NAME.weight and NAME.bias or, if random,
NAME.weight.loc, NAME.weight.log_variance, NAME.bias.loc, NAME.bias.log_variance and an epsilon
NAME. A net NAME has layers NAME.hidden (tanh) and NAME.output. A Gaussian head gives means, then
log-variances.
"""

import json
import math
import os
import numpy as np
import torch

torch.set_default_dtype(torch.float64)
X = torch.tensor([[1, 0, 1, 1, 0, 0], [0, 1, 0, 1, 1, 0], [1, 1, 0, 0, 0, 1]], dtype=torch.float64)
K, B = 4, len(X)
FOLDER = os.path.dirname(os.path.abspath(__file__))
LIBRARY = json.load(open(os.path.join(FOLDER, "noise.json")))

# The library's noise: philox and normal_pair are docs/noise.py's.
MULTIPLIERS, KEY_INCREMENTS = (0xD2511F53, 0xCD9E8D57), (0x9E3779B9, 0xBB67AE85)
MASK = FORK = 0xFFFFFFFF


def philox(key, counter):
    key, words = list(key), list(counter)
    for _ in range(10):
        first, second = MULTIPLIERS[0] * words[0], MULTIPLIERS[1] * words[2]
        words = [
            (second >> 32) ^ words[1] ^ key[0],
            second & MASK,
            (first >> 32) ^ words[3] ^ key[1],
            first & MASK,
        ]
        key = [(k + increment) & MASK for k, increment in zip(key, KEY_INCREMENTS)]
    return words


def normal_pair(radius, angle):
    radius = math.sqrt(-2 * math.log((radius >> 1) / 2**31 + 2**-32))
    fraction = (angle & 0x3FFFFFFF) / 2**30
    fraction -= fraction >= 0.5
    turn = ((angle >> 30) + fraction) * math.pi / 2
    return radius * math.cos(turn), radius * math.sin(turn)


class Noise:
    """A key and a count of draws. A split takes one draw; its parts have keys of their own."""

    def __init__(self, key=(7, 0), path="root"):
        self.key, self.path, self.draw = key, path, 0

    def split(self):
        keys = [philox(self.key, (part, self.draw, 1, FORK))[:2] for part in range(4)]
        self.draw += 1
        return [Noise(key, f"{self.path}.part {part}") for part, key in enumerate(keys)]

    def normal(self, features):
        def one(sample, datum, feature):
            words = philox(self.key, (feature // 4, datum, sample, self.draw))
            return normal_pair(*words[feature % 4 // 2 * 2 :][:2])[feature % 2]

        numbers = [[[one(i, j, u) for u in range(features)] for j in range(B)] for i in range(K)]
        library = np.array(LIBRARY[f"{self.path}.draw {self.draw} of {features}"]).reshape(K, B, features)
        assert np.abs(library - np.array(numbers)).max() < 2e-6
        self.draw += 1
        return torch.tensor(library)


# Layers, densities, models. A model is a plain function of (parameters, epsilons, x).
def layer(p, e, name, x):
    if name + ".weight" in p:
        return x @ p[name + ".weight"] + p[name + ".bias"]
    mean = x @ p[name + ".weight.loc"] + p[name + ".bias.loc"]
    variance = x**2 @ p[name + ".weight.log_variance"].exp() + p[name + ".bias.log_variance"].exp()
    return mean + torch.sqrt(variance + 1e-16) * e[name]


def net(p, e, name, x):
    return layer(p, e, name + ".output", torch.tanh(layer(p, e, name + ".hidden", x)))


def gaussian(p, e, name, x):
    return net(p, e, name, x).chunk(2, -1)


def draw(mean, log_variance, epsilon):
    return mean + torch.exp(log_variance / 2) * epsilon


def log_bernoulli(x, logits):
    return (x * logits - torch.logaddexp(logits, torch.zeros(()))).sum(-1)


def log_mean_exp(a):
    return torch.logsumexp(a, 0) - math.log(len(a))


def log_weights(out):
    return out["log_likelihood"] + out["log_prior"] - out["log_proposal"]


def named(name, head):
    return {name + ".mean": head[0], name + ".log_variance": head[1]}


def log_normal(z, mean=torch.zeros(()), log_variance=torch.zeros(())):
    return (
        -0.5 * (math.log(2 * math.pi) + log_variance + (z - mean) ** 2 * torch.exp(-log_variance))
    ).sum(-1)


def one_layer(p, e, x):
    q = gaussian(p, e, "encoder", x)
    z = draw(*q, e["z"])
    logits = net(p, e, "decoder", z)
    return {
        **named("encoder", q),
        "z": z,
        "logits": logits,
        "log_likelihood": log_bernoulli(x, logits),
        "log_prior": log_normal(z),
        "log_proposal": log_normal(z, *q),
    }


def full_covariance(p, e, x):
    """`lower` is L transposed; the head's last three numbers are its entries (1, 0), (2, 0), (2, 1)."""
    mean, diagonal, below = net(p, e, "encoder", x).split(3, -1)
    (a, b, c), (u, v, w), o = (
        diagonal.exp().unbind(-1),
        below.unbind(-1),
        torch.zeros_like(below[..., 0]),
    )
    lower = torch.stack([torch.stack(r, -1) for r in ((a, o, o), (u, b, o), (v, w, c))], -2)
    z = (lower @ e["z"].unsqueeze(-1)).squeeze(-1) + mean
    logits = net(p, e, "decoder", z)
    return {
        "encoder.mean": mean,
        "encoder.l_transposed": lower,
        "z": z,
        "logits": logits,
        "kl_to_standard_normal": 0.5 * ((lower**2).sum((-1, -2)) + (mean**2).sum(-1) - 3)
        - diagonal.sum(-1),
        "log_likelihood": log_bernoulli(x, logits),
        "log_prior": log_normal(z),
        "log_proposal": -0.5 * ((e["z"] ** 2).sum(-1) + 3 * math.log(2 * math.pi))
        - diagonal.sum(-1),
    }


def densities(x, logits, z1, z2, p1, q1, q2):
    terms = {
        "log_p_z1_given_z2": log_normal(z1, *p1),
        "log_p_z2": log_normal(z2),
        "log_q_z1": log_normal(z1, *q1),
        "log_q_z2": log_normal(z2, *q2),
    }
    return {
        **named("decoder2", p1),
        "logits": logits,
        **terms,
        "log_likelihood": log_bernoulli(x, logits),
        "log_prior": terms["log_p_z1_given_z2"] + terms["log_p_z2"],
        "log_proposal": terms["log_q_z1"] + terms["log_q_z2"],
    }


def two_layers(p, e, x, stopped=None):
    """`stopped`: the parameters of log q(z1|x) and log q(z2|z1), where they are held fixed; z1 and z2 stay live."""
    q1 = gaussian(p, e, "encoder", x)
    z1 = draw(*q1, e["z1"])
    q2 = gaussian(p, e, "encoder2", z1)
    z2 = draw(*q2, e["z2"])
    if stopped:
        q1, q2 = gaussian(stopped, e, "encoder", x), gaussian(stopped, e, "encoder2", z1)
    return {
        **named("encoder", q1),
        "z1": z1,
        **named("encoder2", q2),
        "z2": z2,
        **densities(x, net(p, e, "decoder", z1), z1, z2, gaussian(p, e, "decoder2", z2), q1, q2),
    }


def ladder(p, e, x):
    d1 = torch.tanh(layer(p, e, "up1", x))
    up1 = layer(p, e, "head1", d1).chunk(2, -1)
    d2 = torch.tanh(layer(p, e, "up2", d1))
    up2 = layer(p, e, "head2", d2).chunk(2, -1)
    z2 = draw(*up2, e["z2"])
    down = gaussian(p, e, "decoder2", z2)
    mean = down[0] + torch.sigmoid(down[1] - up1[1]) * (up1[0] - down[0])
    merged = mean, -torch.logaddexp(-up1[1], -down[1])
    z1 = draw(*merged, e["z1"])
    return {
        "d1": d1,
        **named("up1", up1),
        "d2": d2,
        **named("up2", up2),
        "z2": z2,
        **named("merged", merged),
        "z1": z1,
        **densities(x, net(p, e, "decoder", z1), z1, z2, down, merged, up2),
    }


# Parameters, gradients, checks, files.
def nets(**sizes):
    return {
        f"{n}.{part}": s
        for n, (i, h, o) in sizes.items()
        for part, s in (("hidden", (i, h)), ("output", (h, o)))
    }


def parameters(seed, layers, random=False):
    state, p = np.random.RandomState(seed), {}
    for name, (d_in, d_out) in layers.items():
        for part, shape, scale in ((".weight", (d_in, d_out), 0.4), (".bias", (d_out,), 0.2)):
            loc, log_variance = scale * state.normal(size=shape), state.uniform(-4, -2, size=shape)
            for key, value in (
                {".loc": loc, ".log_variance": log_variance}.items() if random else [("", loc)]
            ):
                p[name + part + key] = torch.tensor(np.round(value, 6), requires_grad=True)
    return p


def gradients(value, p):
    return dict(zip(p, torch.autograd.grad(value, list(p.values()))))


def check(what, got, want, tolerance=1e-11):
    difference = (torch.as_tensor(got) - torch.as_tensor(want)).abs().max().item()
    print(f"  {what}: differ by at most {difference:.1e}")
    assert difference < tolerance, what


def check_gradients(f, p, grads, entries=5, h=3e-4):
    """Some entries of every gradient against central differences."""
    state, got, want = np.random.RandomState(0), [], []
    for name, value in p.items():
        for i in state.choice(value.numel(), min(entries, value.numel()), replace=False):
            step = torch.zeros(value.numel()).index_fill(0, torch.tensor(i), h).reshape(value.shape)
            one, two = (
                (f({**p, name: value + n * step}) - f({**p, name: value - n * step})).item()
                for n in (1, 2)
            )
            got.append(grads[name].reshape(-1)[i].item())
            want.append((8 * one - two) / (12 * h))
    check(f"{len(got)} entries of gradients, central differences", got, want, 1e-9)


def write(name, contents):
    def plain(tensor):
        return (
            {"shape": list(tensor.shape), "values": tensor.reshape(-1).tolist()}
            if tensor.dim()
            else tensor.item()
        )

    path = os.path.join(FOLDER, name + ".json")
    with open(path, "w") as file:
        json.dump(contents, file, default=plain)
    print(f"  {name}.json: {os.path.getsize(path)} bytes")


def weight_kl(p):
    """To N(0, 1), of every random tensor, of every net, of all."""
    kl = {
        k[:-4]: 0.5
        * (p[k[:-3] + "log_variance"].exp() + p[k] ** 2 - 1 - p[k[:-3] + "log_variance"]).sum()
        for k in p
        if k.endswith(".loc")
    }
    by_net = {
        n: sum(v for k, v in kl.items() if k.startswith(n + "."))
        for n in {k.split(".")[0]: 0 for k in kl}
    }
    return (
        {"weight_kl": {"by_tensor": kl, "by_net": by_net, "total": sum(kl.values())}} if kl else {}
    )


def record(name, model, p, latents, layers={}):
    """The numbers every model has. `latents`: (noise, name, features); `layers`: the noise of each random net."""
    print(name)
    e, sources, top = {}, {}, ("log_likelihood", "log_prior", "log_proposal")
    names = [
        (noise, f"{net}.{part}") for net, noise in layers.items() for part in ("hidden", "output")
    ]
    for noise, epsilon, features in [
        (noise, n, len(p[n + ".bias.loc"])) for noise, n in names
    ] + latents:
        sources[epsilon] = f"{noise.path}.draw {noise.draw}"
        e[epsilon] = noise.normal(features)
    out = model(p, e, X[None])
    log_w = log_weights(out)
    elbo, iwae = log_w.mean(0), log_mean_exp(log_w)
    grads = gradients(iwae.mean(), p)
    check_gradients(lambda q: log_mean_exp(log_weights(model(q, e, X[None]))).mean(), p, grads)
    print(
        f"  ELBO {elbo.mean():.6f}, IWAE {iwae.mean():.6f}, largest weights {log_w.softmax(0).max(0)[0].tolist()}"
    )
    return {
        "seed": 7,
        "num_samples": K,
        "batch": B,
        "x": X,
        "parameters": p,
        "epsilons": e,
        "epsilon_sources": sources,
        "intermediate": {k: v for k, v in out.items() if k not in top},
        **{k: out[k] for k in top},
        "log_weights": log_w,
        "normalized_weights": log_w.softmax(0),
        **weight_kl(p),
        "gradients": grads,
        "bounds": {"elbo": elbo, "iwae": iwae, "elbo_mean": elbo.mean(), "iwae_mean": iwae.mean()},
    }


def check_two_latents(c, q1, q2):
    i, normal = c["intermediate"], torch.distributions.Normal
    p_z1, q_z1, q_z2 = (
        normal(i[n + ".mean"], (i[n + ".log_variance"] / 2).exp()) for n in ("decoder2", q1, q2)
    )
    z2 = (normal(0.0, 1.0).log_prob(i["z2"]) - q_z2.log_prob(i["z2"])).sum(-1)
    z1 = (p_z1.log_prob(i["z1"]) - q_z1.log_prob(i["z1"])).sum(-1)
    likelihood = (
        torch.distributions.Bernoulli(logits=i["logits"]).log_prob(X.expand(K, B, 6)).sum(-1)
    )
    check("log w, torch.distributions", c["log_weights"], likelihood + z1 + z2)


def scalar_log_weight(p, e, i, j):
    """log w of sample i of datum j by the textbook, one number at a time: probabilities, standard deviations."""

    def scalar_net(name, x):
        for f, n in ((math.tanh, name + ".hidden"), (float, name + ".output")):
            w, b = p[n + ".weight.loc"].tolist(), p[n + ".bias.loc"].tolist()
            s, t = (
                p[n + ".weight.log_variance"].exp().tolist(),
                p[n + ".bias.log_variance"].exp().tolist(),
            )
            mean = [sum(v * w[a][u] for a, v in enumerate(x)) + b[u] for u in range(len(b))]
            variance = [sum(v * v * s[a][u] for a, v in enumerate(x)) + t[u] for u in range(len(b))]
            x = [f(mean[u] + math.sqrt(variance[u]) * e[n][i, j, u].item()) for u in range(len(b))]
        return x

    def density(v, mean, sd):
        return math.exp(-(((v - mean) / sd) ** 2) / 2) / (sd * math.sqrt(2 * math.pi))

    head = scalar_net("encoder", X[j].tolist())
    sds = [math.sqrt(math.exp(lv)) for lv in head[2:]]
    z = [head[u] + sds[u] * e["z"][i, j, u].item() for u in range(2)]
    ratio = math.prod(density(z[u], 0, 1) / density(z[u], head[u], sds[u]) for u in range(2))
    probabilities = [1 / (1 + math.exp(-logit)) for logit in scalar_net("decoder", z)]
    return math.log(
        ratio * math.prod(q if pixel else 1 - q for pixel, q in zip(X[j].tolist(), probabilities))
    )


def make_one_layer():
    encoder, latent, decoder, _ = Noise().split()
    p = parameters(1, nets(encoder=(6, 5, 4), decoder=(2, 5, 6)), random=True)
    c = record(
        "one_layer", one_layer, p, [(latent, "z", 2)], {"encoder": encoder, "decoder": decoder}
    )
    want = [[scalar_log_weight(p, c["epsilons"], i, j) for j in range(B)] for i in range(K)]
    check("log w, number by number", c["log_weights"], want)
    write("one_layer", c)


TWO_LAYERS = nets(encoder=(6, 5, 6), encoder2=(3, 4, 4), decoder2=(2, 4, 6), decoder=(3, 5, 6))


def make_two_layers():
    encoder, latent, decoder, prior = Noise().split()
    encoder2, latent2, decoder2, _ = prior.split()
    layers = {"encoder": encoder, "encoder2": encoder2, "decoder2": decoder2, "decoder": decoder}
    latents = [(latent, "z1", 3), (latent2, "z2", 2)]
    c = record("two_layers", two_layers, parameters(13, TWO_LAYERS, random=True), latents, layers)
    check_two_latents(c, "encoder", "encoder2")
    write("two_layers", c)


def make_full_covariance():
    p = parameters(3, nets(encoder=(6, 5, 9), decoder=(3, 5, 6)))
    c = record("full_covariance", full_covariance, p, [(Noise().split()[1], "z", 3)])
    i = c["intermediate"]
    q = torch.distributions.MultivariateNormal(
        i["encoder.mean"], scale_tril=i["encoder.l_transposed"]
    )
    check("log q, torch.distributions", c["log_proposal"], q.log_prob(i["z"]))
    standard = torch.distributions.MultivariateNormal(torch.zeros(3), torch.eye(3))
    check(
        "KL, torch.distributions",
        i["kl_to_standard_normal"],
        torch.distributions.kl_divergence(q, standard),
    )
    analytic = c["log_likelihood"].mean(0) - i["kl_to_standard_normal"][0]
    c["bounds"] |= {"elbo_analytic": analytic, "elbo_analytic_mean": analytic.mean()}
    write("full_covariance", c)


def surrogate_gradients(p, e, x, power):
    """Of sum_i w~_i^power log w_i, with the parameters of both log q held fixed: meant for the encoders."""
    log_w = log_weights(two_layers(p, e, x, stopped={k: v.detach() for k, v in p.items()}))
    return gradients((log_w.softmax(0).detach() ** power * log_w).sum(0).mean(), p)


def make_dreg():
    p, (_, latent, _, prior) = parameters(12, TWO_LAYERS), Noise().split()
    c = record("dreg", two_layers, p, [(latent, "z1", 3), (prior.split()[1], "z2", 2)])
    check_two_latents(c, "encoder", "encoder2")
    all_three = {"standard": c["gradients"]}
    for name, power in (("dreg", 2), ("stl", 1)):
        ours = surrogate_gradients(p, c["epsilons"], X[None], power)
        all_three[name] = {k: (ours if k.startswith("encoder") else c["gradients"])[k] for k in p}
    write("dreg", {**c, "gradients": all_three})


def make_ladder():
    up = {"up1": (6, 5), "head1": (5, 6), "up2": (5, 4), "head2": (4, 4)}
    p = parameters(5, {**up, **nets(decoder2=(2, 4, 6), decoder=(3, 5, 6))})
    _, latents, _, _ = Noise().split()
    c = record("ladder", ladder, p, [(latents, "z2", 2), (latents, "z1", 3)])
    check_two_latents(c, "merged", "up2")
    i = c["intermediate"]
    a, b = 1 / i["up1.log_variance"].exp(), 1 / i["decoder2.log_variance"].exp()
    check("merged variance, by precisions", i["merged.log_variance"].exp(), 1 / (a + b))
    check(
        "merged mean, by precisions",
        i["merged.mean"],
        (i["up1.mean"] * a + i["decoder2.mean"] * b) / (a + b),
    )
    write("ladder", c)


def make_black_box_alpha():
    print("black_box_alpha")
    state = np.random.RandomState(6)
    a, w = (
        torch.tensor(np.round(-90 + s * state.normal(size=(K, B)), 6), requires_grad=True)
        for s in (1.5, 2)
    )

    def black_box(alpha):
        return lambda a: log_mean_exp(alpha * a) / alpha

    def jvi(w):
        left = [log_mean_exp(torch.cat([w[:i], w[i + 1 :]])) for i in range(K)]
        return K * log_mean_exp(w) - (K - 1) * torch.stack(left).mean(0)

    def evaluate(at, function):
        value = function(at)
        grad = gradients(value.mean(), {"at": at})
        check_gradients(lambda q: function(q["at"]).mean(), {"at": at}, grad, K * B)
        return {"value": value, "mean": value.mean(), "gradient_of_mean": grad["at"]}

    vae = evaluate(w, lambda w: w.mean(0))
    renyi = {
        str(s): vae if s == 1 else evaluate(w, black_box(1 - s)) for s in (-1.0, 0.0, 0.5, 1.0, 2.0)
    }
    for s in (-1.0, 0.0, 0.5, 2.0):
        want = ((w.detach() + 90).exp() ** (1 - s)).mean(0).log() / (1 - s) - 90
        check(f"VR {s}, by powers", renyi[str(s)]["value"], want)
    write(
        "black_box_alpha",
        {
            "num_samples": K,
            "batch": B,
            "log_likelihoods": a,
            "log_weights": w,
            "variational_renyi": renyi,
            "black_box_alpha": {str(s): evaluate(a, black_box(s)) for s in (0.5, 1.0)},
            "vae": vae,
            "iwae": evaluate(w, log_mean_exp),
            "jvi": evaluate(w, jvi),
        },
    )


if __name__ == "__main__":
    print(f"torch {torch.__version__}, numpy {np.__version__}")
    for make in (
        make_one_layer,
        make_two_layers,
        make_full_covariance,
        make_dreg,
        make_ladder,
        make_black_box_alpha,
    ):
        make()
