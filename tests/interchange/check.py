"""Reads what tests/interchange/main.rs wrote into a folder, and checks it without the library.

    pip install torch safetensors "arviz<1" onnxruntime onnxscript
    BURN_BAYES_PYTHON=python3 cargo test --test interchange python

Last run with PyTorch 2.15.0, safetensors 0.8.0, ArviZ 0.23.4, NumPy 2.4.6, ONNX Runtime 1.32.0.
"""

import json
import os
import sys

import arviz as az
import numpy as np
import onnxruntime
import torch
import xarray as xr
from safetensors import safe_open
from safetensors.torch import load_file, save_file

FOLDER = sys.argv[1]
SIZES = {"encoder": [6, 5, 4, 6], "decoder": [3, 4, 5, 6]}


def at(name):
    return os.path.join(FOLDER, name + ".safetensors")


def note(path):
    with safe_open(path, "np") as file:
        return json.loads(file.metadata()["burn_bayes"])


def dataset(path):
    """All arrays, as docs/interchange.md reads them."""
    with safe_open(path, "np") as file:
        dims, attributes = note(path)["dims"], note(path)["attributes"]
        return xr.Dataset({name: (dims[name], file.get_tensor(name)) for name in file.keys()}, attrs=attributes)


def check_weights(name, kind, weight, bias):
    """Names, shapes and types of all parameters, and the forward pass of the encoder's mean."""
    path, parameters = at(name), load_file(at(name))
    names = {"Deterministic": ("weight", "bias"), "Bayesian": ("weight_loc", "bias_loc", "weight_log_variance", "bias_log_variance")}
    expected = {
        f"{net}.network.layers.{i}.{kind}.{part}": [sizes[i], sizes[i + 1]] if "weight" in part else [sizes[i + 1]]
        for net, sizes in SIZES.items()
        for i in range(3)
        for part in names[kind]
    }
    assert {name: list(tensor.shape) for name, tensor in parameters.items()} == expected
    assert all(tensor.dtype == torch.float32 for tensor in parameters.values())
    config = note(path)["config"]
    assert (config["d_data"], config["d_latent"], config["hidden"]) == (6, 3, [5, 4]), config

    linear = [torch.nn.Linear(*SIZES["encoder"][i : i + 2]) for i in range(3)]
    for i, layer in enumerate(linear):
        prefix = f"encoder.network.layers.{i}.{kind}."
        layer.load_state_dict({"weight": parameters[prefix + weight].T, "bias": parameters[prefix + bias]})
    encoder = torch.nn.Sequential(linear[0], torch.nn.Tanh(), linear[1], torch.nn.Tanh(), linear[2])
    forward = dataset(at(name + "_forward"))
    means = run_by_onnx(encoder, forward["x"].values)[:, :3]
    np.testing.assert_allclose(forward["mean"].values, means, rtol=0, atol=1e-6)
    with torch.no_grad():
        outputs = encoder.double()(torch.from_numpy(forward["x"].values).double())
    means = outputs[:, :3].numpy()
    np.testing.assert_allclose(forward["mean"].values, means, rtol=0, atol=1e-6)
    assert means.std() > 0.1
    return parameters


def run_by_onnx(network, x):
    """A network's outputs by its file for ONNX, which was made with another batch size."""
    path = os.path.join(FOLDER, "network.onnx")
    axes = {"x": {0: "batch"}, "outputs": {0: "batch"}}
    torch.onnx.export(network, torch.from_numpy(x[:2]), path, input_names=["x"], output_names=["outputs"], dynamic_axes=axes)
    return onnxruntime.InferenceSession(path).run(None, {"x": x})[0]


def check_report():
    """log p(x), effective sizes, shares and tails anew from the log-weights; ArviZ fits the tails."""
    report, log_weights = dataset(at("report")), dataset(at("log_weights"))["log_weights"].astype("f8")
    samples = report.attrs["num_samples"]
    assert log_weights.sizes == {"sample": samples, "datapoint": 7}
    largest = log_weights.max("sample")
    weights = np.exp(log_weights - largest)
    total = weights.sum("sample")
    close = lambda name, values, tolerance: np.testing.assert_allclose(report[name], values, rtol=tolerance)
    close("log_likelihood", largest + np.log(total / samples), 1e-6)
    close("effective_sample_size", total**2 / (weights**2).sum("sample"), 1e-5)
    close("largest_share", 1 / total, 1e-5)
    for point, k in enumerate(report["curve_num_samples"].values):
        first = log_weights[:k]
        expected = first.max("sample") + np.log(np.exp(first - first.max("sample")).mean("sample"))
        np.testing.assert_allclose(report["curve"][point], expected, rtol=1e-6)
    _, tails = az.psislw(log_weights.transpose("datapoint", "sample").values)
    np.testing.assert_allclose(report["pareto_k"], tails, rtol=0, atol=1e-3)
    np.testing.assert_allclose(report["log_likelihood"].mean(), report.attrs["summary"]["log_likelihood"])
    assert report["layer_1_variance"].sizes == {"layer_1_unit": 3}
    assert report["posterior_mean_log_likelihood"].sizes == {"posterior_mean_datapoint": 7}
    assert report["posterior_mean_row"].values.tolist() == list(range(7))
    print(az.InferenceData(log_likelihood=report[["log_likelihood"]]))


plain = check_weights("plain", "Deterministic", "weight", "bias")
check_weights("random", "Bayesian", "weight_loc", "bias_loc")
check_report()
# For the library to read: the same weights, every bias a quarter more.
changed = {name: tensor + 0.25 if name.endswith("bias") else tensor for name, tensor in plain.items()}
save_file(changed, at("changed"))
