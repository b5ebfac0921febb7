"""
Writes graphs.json beside this file: what PyTorch in double precision makes of small models with several inputs or
outputs, with shared and with frozen layers: the loss in training, its gradient by every weight that is trained, the
moving statistics after one step, and the outputs outside of training. The tests need no Python.

    python3 -m venv /tmp/reference && /tmp/reference/bin/pip install torch==2.15.0
    /tmp/reference/bin/python test/engine/reference/make_graphs.py
"""

import json
import os

import numpy as np
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
HERE = os.path.dirname(os.path.abspath(__file__))
ITEMS = 6


class Case:
    """Weights and data that single precision holds exactly, by the names that the graph gives them."""

    def __init__(self, seed):
        self.rng = np.random.default_rng(seed)
        self.weights = {}
        self.frozen = set()
        self.data = {}
        self.moved = {}

    def weight(self, name, shape, low=-1.0, high=1.0, trained=True):
        value = torch.tensor(self.rng.integers(round(low * 64), round(high * 64) + 1, shape) / 64, requires_grad=trained)
        self.weights[name] = value
        if not trained:
            self.frozen.add(name)
        return value

    def values(self, name, shape):
        self.data[name] = self.rng.integers(-64, 65, (ITEMS, *shape)) / 64
        return torch.tensor(self.data[name])

    def labels(self, name, classes):
        self.data[name] = self.rng.integers(0, classes, ITEMS)
        return torch.tensor(self.data[name])

    def dense(self, name, inputs, units, trained=True):
        kernel = self.weight(f"{name}/kernel", (inputs, units), trained=trained)
        bias = self.weight(f"{name}/bias", (units,), trained=trained)
        return lambda x: x @ kernel + bias

    def frozen_normalization(self, name, units):
        """By the moving statistics, also in training, as in Keras."""
        gamma = self.weight(f"{name}/gamma", (units,), 0.5, 1.5, trained=False)
        beta = self.weight(f"{name}/beta", (units,), trained=False)
        mean = self.weight(f"{name}/moving_mean", (units,), trained=False)
        variance = self.weight(f"{name}/moving_variance", (units,), 0.5, 1.5, trained=False)
        return lambda x: (x - mean) / torch.sqrt(variance + 1e-3) * gamma + beta

    def shared_normalization(self, name, units, momentum=0.75):
        """One layer that is called twice: its statistics move twice in a step."""
        gamma = self.weight(f"{name}/gamma", (units,), 0.5, 1.5)
        beta = self.weight(f"{name}/beta", (units,))
        mean = self.weight(f"{name}/moving_mean", (units,), trained=False)
        variance = self.weight(f"{name}/moving_variance", (units,), 0.5, 1.5, trained=False)
        state = {"mean": mean, "variance": variance}

        def call(x, training):
            if not training:
                return (x - mean) / torch.sqrt(variance + 1e-3) * gamma + beta
            m, v = x.mean(0), x.var(0, unbiased=False)
            state["mean"] = state["mean"] * momentum + m.detach() * (1 - momentum)
            state["variance"] = state["variance"] * momentum + v.detach() * (1 - momentum)
            self.moved[f"{name}/moving_mean"] = state["mean"]
            self.moved[f"{name}/moving_variance"] = state["variance"]
            return (x - m) / torch.sqrt(v + 1e-3) * gamma + beta

        return call


def two_inputs(case):
    left, right = case.values("left", (3,)), case.values("right", (2,))
    a, b, end = case.dense("a", 3, 4), case.dense("b", 2, 4), case.dense("end", 8, 3)
    logits = end(torch.cat([torch.relu(a(left)), torch.tanh(b(right))], 1))
    loss = F.cross_entropy(logits, case.labels("kind", 3))
    return loss, {"out": torch.softmax(logits, 1)}


def two_outputs(case):
    x = case.values("x", (4,))
    body, kind, size = case.dense("body", 4, 5), case.dense("kind", 5, 3), case.dense("size", 5, 2)
    h = torch.tanh(body(x))
    kinds = F.cross_entropy(kind(h), case.labels("digit", 3))
    sizes = ((size(h) - case.values("extent", (2,))) ** 2).mean()
    return kinds * 2 + sizes * 0.5, {"kind": torch.softmax(kind(h), 1), "size": size(h)}


def residual(case):
    x = case.values("x", (4,))
    first, second, end = case.dense("first", 4, 4), case.dense("second", 4, 4), case.dense("end", 4, 1)
    h = torch.relu(first(x))
    output = end(torch.relu(x + second(h)))
    return ((output - case.values("value", (1,))) ** 2).mean(), {"out": output}


def siamese(case):
    left, right = case.values("left", (3,)), case.values("right", (3,))
    body, end = case.dense("body", 3, 4), case.dense("end", 4, 1)
    logit = end(torch.tanh(body(left)) * torch.tanh(body(right)))
    loss = F.binary_cross_entropy_with_logits(logit[:, 0], case.labels("same", 2).double())
    return loss, {"out": torch.sigmoid(logit)}


def frozen(case):
    x = case.values("x", (4,))
    body = case.dense("body", 4, 5, trained=False)
    norm, end = case.frozen_normalization("norm", 5), case.dense("end", 5, 3)
    logits = end(norm(torch.relu(body(x))))
    return F.cross_entropy(logits, case.labels("kind", 3)), {"out": torch.softmax(logits, 1)}


def shared_norm(case):
    left, right = case.values("left", (3,)), case.values("right", (3,))
    norm, end = case.shared_normalization("norm", 3), case.dense("end", 6, 1)
    output = lambda training: end(torch.cat([norm(left, training), norm(right, training)], 1))
    loss = ((output(True) - case.values("value", (1,))) ** 2).mean()
    return loss, {"out": output(False)}


def short(tensor):
    return [float(f"{value:.9g}") for value in np.asarray(tensor.detach() if torch.is_tensor(tensor) else tensor, float).ravel()]


def made(seed, model):
    case = Case(seed)
    loss, outputs = model(case)
    loss.backward()
    return {
        "weights": {name: short(value) for name, value in case.weights.items()},
        "data": {name: short(value) for name, value in case.data.items()},
        "loss": float(f"{loss.item():.9g}"),
        "gradients": {name: short(value.grad) for name, value in case.weights.items() if name not in case.frozen},
        "moved": {name: short(value) for name, value in case.moved.items()},
        "outputs": {name: short(value) for name, value in outputs.items()},
    }


cases = [two_inputs, two_outputs, residual, siamese, frozen, shared_norm]
result = {model.__name__: made(seed, model) for seed, model in enumerate(cases, 1)}
with open(os.path.join(HERE, "graphs.json"), "w") as file:
    file.write(json.dumps(result, separators=(",", ":")) + "\n")
