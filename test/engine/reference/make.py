"""
Writes layers.json, several.json, losses.json and optimizers.json beside this file: what Keras (on JAX, double precision) and PyTorch
make of small inputs. The tests hold every engine to these numbers, forwards and backwards, so that no error of the
library that our engines share can be in the reference as well.

    python3 -m venv /tmp/reference && /tmp/reference/bin/pip install keras==3.15.1 jax==0.10.2 torch==2.15.0
    /tmp/reference/bin/python test/engine/reference/make.py
"""

import json
import math
import os
import re
import sys

os.environ["KERAS_BACKEND"] = "jax"
os.environ["JAX_ENABLE_X64"] = "1"

import jax
import jax.numpy as jnp
import keras
import numpy as np
import torch

jax.config.update("jax_platforms", "cpu")
keras.config.set_floatx("float64")
keras.config.set_dtype_policy("float64")
# On JAX, Keras takes double precision for single in many operations unless told otherwise.
keras.src.backend.common.dtypes.BIT64_TO_BIT32_DTYPE["float64"] = "float64"
torch.set_default_dtype(torch.float64)
HERE = os.path.dirname(os.path.abspath(__file__))


def grid(rng, shape, low=-1.0, high=1.0):
    """Numbers that single precision holds exactly."""
    return rng.integers(round(low * 64), round(high * 64) + 1, shape) / 64


def distinct(rng, shape, low, high):
    """The same, no two alike: of equal maxima, every library prefers another one."""
    values = np.round(np.linspace(low, high, math.prod(shape)) * 4096) / 4096
    return rng.permutation(values).reshape(shape)


def ramp(shape):
    """The factors of the outputs in the sum whose gradient is taken."""
    return np.sin(1 + 1.7 * np.arange(math.prod(shape))).reshape(shape)


def short(values):
    return [float(f"{value:.7g}") for value in np.asarray(values, np.float64).ravel()]


def snake(name):
    return re.sub(r"(?<=[a-z0-9])([A-Z])", lambda m: "_" + m.group(1).lower(), name)


CLASSES = {name.lower(): kind for name, kind in vars(keras.layers).items() if isinstance(kind, type)}


class PositionalEmbedding(keras.layers.Layer):
    """Adds a vector to every step, as Keras Hub's PositionEmbedding makes it."""

    def __init__(self, embeddings_regularizer=None):
        super().__init__()
        self.supports_masking = True
        self.regularizer = embeddings_regularizer

    def build(self, shape):
        self.embeddings = self.add_weight(shape=shape[1:], regularizer=self.regularizer, name="embeddings")

    def call(self, x):
        return x + self.embeddings


class SinusoidalEncoding(keras.layers.Layer):
    """By the formulas of Vaswani et al. 2017, section 3.5, channel by channel."""

    def __init__(self, max_wavelength=10000):
        super().__init__()
        self.supports_masking = True
        self.max_wavelength = max_wavelength

    def call(self, x):
        steps, channels = x.shape[1:]
        wave = [
            [(math.sin if c % 2 == 0 else math.cos)(t / self.max_wavelength ** ((c - c % 2) / channels)) for c in range(channels)]
            for t in range(steps)
        ]
        return x + jnp.asarray(wave)


CLASSES |= {"positionalembedding": PositionalEmbedding, "sinusoidalencoding": SinusoidalEncoding}


def keras_class(kind):
    return CLASSES[kind.replace("_", "")]


def keras_activation(name):
    # Keras 2's form, which Keras 3 no longer has.
    if name == "hardSigmoid":
        return lambda x: jnp.clip(0.2 * x + 0.5, 0, 1)
    if name == "geluTanh":
        return lambda x: keras.activations.gelu(x, approximate=True)
    return {"hardSigmoid6": "hard_sigmoid", "swish": "silu"}.get(name, snake(name))


def keras_value(key, value):
    if key.endswith("Regularizer"):
        return keras.regularizers.L1L2(**value)
    if key in ("activation", "recurrentActivation"):
        return keras_activation(value)
    if key == "layer":
        return keras_layer(value)
    if key in ("padding", "cropping") and isinstance(value, list):
        return tuple(tuple(side) if isinstance(side, list) else side for side in value)
    return value


# Where a default of ours is not that of Keras.
OURS = {
    "gru": {"resetAfter": False},
    **{f"{way}_pooling{rank}d": {"poolSize": 2} for way in ("max", "average") for rank in (1, 2)},
}


def keras_layer(written):
    (kind, params), = written.items()
    params = {**OURS.get(kind, {}), **params}
    settings = {snake(key): keras_value(key, value) for key, value in params.items() if key != "causal"}
    if kind == "leaky_re_lu":
        settings["negative_slope"] = settings.pop("alpha")
    return keras_class(kind)(**settings)


def keras_model(layers, shape):
    start = keras.Input(shape)
    return keras.Model(start, through(layers, start))


def through(layers, x):
    for written in layers:
        (kind, params), = written.items()
        if kind in ("add", "concatenate"):
            x = keras_class(kind)()([through(branch, x) for branch in params["branches"]])
        elif kind == "multi_head_attention":
            x = keras_layer(written)(x, x, use_causal_mask=params.get("causal", False))
        else:
            x = keras_layer(written)(x)
    return x


def layer_case(name, shape, *layers, batch=2, training=True, whole=None, x=None, low=-1.0, high=1.0):
    rng = np.random.default_rng(hash_of(name))
    model = keras_model(layers, shape)
    # None is 0, where an absolute value has no gradient.
    weights = [grid(rng, w.shape, 0.25 if "variance" in w.name else -0.5, 0.75) + 1 / 128 for w in model.weights]
    model.set_weights(weights)
    if x is None:
        x = distinct(rng, (batch, *shape), low, high) if whole is None else rng.integers(0, whole, (batch, *shape))
    trainable = [w.value for w in model.trainable_variables]
    frozen = [w.value for w in model.non_trainable_variables]

    def total(trainable, x):
        y, state, losses = model.stateless_call(trainable, frozen, x, training=training, return_losses=True)
        return jnp.sum(y * ramp(y.shape)) + sum(losses), (y, state)

    arguments = (trainable, jnp.asarray(x, jnp.float64 if whole is None else jnp.int32))
    wanted = (0, 1) if whole is None else (0,)
    assert model.stateless_call(trainable, frozen, x, training=training)[0].dtype == jnp.float64, name
    gradients, (y, state) = jax.grad(total, argnums=wanted, has_aux=True)(*arguments)
    order = [w.path for w in model.trainable_variables]
    gradient = {path: short(value) for path, value in zip(order, gradients[0])}
    after = {w.path: short(value) for w, value in zip(model.non_trainable_variables, state)}
    return {
        "name": name,
        "layers": layers,
        "input": shape,
        "training": training,
        "x": short(x),
        "weights": [
            {"value": short(value), "gradient": gradient.get(w.path), "after": after.get(w.path)}
            for w, value in zip(model.weights, weights)
        ],
        "output": short(y),
        "gradient": None if whole is not None else short(gradients[1]),
    }


def joined(written, inputs):
    (kind, params), = written.items()
    if kind == "multi_head_attention":
        query, value, *key = inputs
        extra = {"key": key[0]} if key else {}
        causal = params.get("causal", False)
        # JAX's own form, which is taken unless the scores are asked for, has queries and values of one size only.
        return keras_layer(written)(query, value, **extra, use_causal_mask=causal, return_attention_scores=True)[0]
    return keras_layer(written)(inputs)


def several_case(name, written, *shapes, before=None, training=True, xs=None):
    """Of a layer with several inputs; `before` is a layer that each input but the first goes through."""
    rng = np.random.default_rng(hash_of(name))
    starts = [keras.Input(shape) for shape in shapes]
    taken = [start if before is None or i == 0 else keras_layer(before)(start) for i, start in enumerate(starts)]
    model = keras.Model(starts, joined(written, taken))
    weights = [grid(rng, w.shape, -0.5, 0.75) + 1 / 128 for w in model.weights]
    model.set_weights(weights)
    xs = xs or [distinct(rng, (2, *shape), -1 - i / 7, 1 + i) for i, shape in enumerate(shapes)]
    frozen = [w.value for w in model.non_trainable_variables]

    def total(trainable, xs):
        y, _, losses = model.stateless_call(trainable, frozen, xs, training=training, return_losses=True)
        return jnp.sum(y * ramp(y.shape)) + sum(losses), y

    arguments = ([w.value for w in model.trainable_variables], [jnp.asarray(x) for x in xs])
    gradients, y = jax.grad(total, argnums=(0, 1), has_aux=True)(*arguments)
    assert y.dtype == jnp.float64, name
    return {
        "name": name,
        "layer": written,
        "before": before,
        "inputs": [
            {"shape": shape, "x": short(x), "gradient": short(g)} for shape, x, g in zip(shapes, xs, gradients[1])
        ],
        "weights": [{"value": short(v), "gradient": short(g)} for v, g in zip(weights, gradients[0])],
        "output": short(y),
        "items": {},
    }


def several_cases():
    for kind in ("add", "multiply", "average", "maximum", "minimum"):
        yield several_case(f"{kind} of three", {kind: {}}, VECTOR, VECTOR, VECTOR)
        yield several_case(f"{kind} of unlike shapes", {kind: {}}, STEPS, [1, 3])
    yield several_case("subtract", {"subtract": {}}, STEPS, STEPS)
    yield several_case("subtract from fewer", {"subtract": {}}, [5, 1], STEPS)
    yield several_case("concatenate", {"concatenate": {}}, STEPS, [5, 2], [5, 1])
    yield several_case("dot of vectors", {"dot": {"axes": 1}}, VECTOR, VECTOR)
    yield several_case("dot of vectors, normalized", {"dot": {"axes": -1, "normalize": True}}, VECTOR, VECTOR)
    yield several_case("dot of sequences", {"dot": {"axes": [2, 2]}}, STEPS, [4, 3])
    yield several_case("dot along other axes", {"dot": {"axes": [1, 2], "normalize": True}}, STEPS, [4, 5])
    yield several_case("dot of images and vectors", {"dot": {"axes": [3, 1]}}, [2, 3, 4], VECTOR)
    for form in (
        {},
        {"causal": True, "useBias": False},
        {"valueDim": 3, "kernelRegularizer": L1L2, "biasRegularizer": {"l1": 0.5}},
    ):
        attention = {"multi_head_attention": {"numHeads": 2, "keyDim": 2, **form}}
        yield several_case(f"multi_head_attention {form}", attention, STEPS, [4, 2])
        yield several_case(f"multi_head_attention with a key {form}", attention, STEPS, [4, 2], [4, 4])
    padded = [np.sin(np.arange(30.0)).reshape(2, 5, 3), np.cos(np.arange(24.0)).reshape(2, 4, 3)]
    padded[1][0, 2:] = padded[1][1, 3:] = 0
    attention = {"multi_head_attention": {"numHeads": 2, "keyDim": 2}}
    padded = [np.round(x * 4096) / 4096 for x in padded]
    yield several_case("multi_head_attention to masked steps", attention, STEPS, [4, 3], before={"masking": {}}, xs=padded)
    yield from several_expression_cases()
    for scale in ("exp", "exp-half"):
        yield sampling_case({"noise": 0.5, "scale": scale, "stream": "noise"})
    yield sampling_case({})


def sampling_case(written):
    params = {"noise": 1, "scale": "exp-half", **written}
    rng = np.random.default_rng(5)
    mean, s, draw = (grid(rng, (3, 4), -2, 2) for _ in range(3))
    deviation = jnp.exp if params["scale"] == "exp" else lambda s: jnp.exp(s / 2)

    def parts(mean, s):
        # KL(N(m, σ²) ‖ N(0, 1)) with ln σ² = s, whatever σ(s) the draw takes: Kingma & Welling 2013, appendix B.
        kl = -0.5 * jnp.sum(1 + s - mean**2 - jnp.exp(s), 1)
        return mean + deviation(s) * params["noise"] * draw, kl

    def total(mean, s):
        z, kl = parts(mean, s)
        return jnp.sum(z * ramp(z.shape)) + jnp.sum(kl * ramp(kl.shape))

    gradients = jax.grad(total, argnums=(0, 1))(mean, s)
    z, kl = parts(mean, s)
    return {
        "name": f"sampling {written}",
        "layer": {"sampling": written},
        "before": None,
        "inputs": [{"shape": [4], "x": short(x), "gradient": short(g)} for x, g in zip((mean, s), gradients)],
        "draw": short(draw),
        "weights": [],
        "output": short(z),
        "items": {"kl": short(kl)},
    }


FORMULA = {
    **{name: getattr(jnp, name) for name in ("abs", "cos", "exp", "log", "pi", "sign", "sin", "sqrt", "square", "tanh")},
    **{name: getattr(jax.nn, name) for name in ("relu", "sigmoid", "softplus")},
    "erf": jax.scipy.special.erf,
    "max": jnp.maximum,
    "min": jnp.minimum,
}


def expression_case(formula, *shapes, low=0.25):
    """Python's own reading of a formula, whose signs and order of operations are the same but for the sign of a power."""
    rng = np.random.default_rng(hash_of(formula))
    xs = [distinct(rng, (2, *shape), low, 2 + i / 7) for i, shape in enumerate(shapes)]

    def y(xs):
        names = dict(zip("abcdefghij", xs)) if len(xs) > 1 else {"x": xs[0]}
        return eval(formula.replace("^", "**"), {**FORMULA, **names})

    gradients = jax.grad(lambda xs: jnp.sum(y(xs) * ramp(y(xs).shape)))([jnp.asarray(x) for x in xs])
    output, written = short(y(xs)), {"expression": {"expression": formula}}
    case = {"name": f"expression {formula}", "weights": [], "output": output}
    if len(xs) == 1:
        layers = {"layers": [written], "input": shapes[0], "training": True}
        return {**case, **layers, "x": short(xs[0]), "gradient": short(gradients[0])}
    inputs = [{"shape": s, "x": short(x), "gradient": short(g)} for s, x, g in zip(shapes, xs, gradients)]
    return {**case, "layer": written, "before": None, "inputs": inputs, "items": {}}


def expression_cases():
    for formula in (
        "x * 2 + 1",
        "-x ^ 2 + 3 * x ^ 3 - 2 / x",
        "x ^ 2 ^ 1.5 - -x * 1e-1 / 4 / 2",
        "exp(-x) + log(x) * sqrt(x) - square(x - .5)",
        "sin(2 * pi * x) * cos(x) + erf(x) + tanh(x)",
        "relu(x - 1) + sigmoid(x) * softplus(-x) + abs(x - 1.01)",
        "max(x, 1.03) - min(x * x, 2.02) + sign(x - 1.01)",
    ):
        yield expression_case(formula, VECTOR)
    yield expression_case("x ^ 2 - x ^ 3 + x ** 4", STEPS, low=-1.5)


def several_expression_cases():
    yield expression_case("a * tanh(b)", VECTOR, VECTOR)
    yield expression_case("(a - b) ^ 2 + c / max(a, b)", STEPS, STEPS, [1, 3])


def hash_of(name):
    value = 7
    for letter in name:
        value = (value * 31 + ord(letter)) % 2**31
    return value


VECTOR, STEPS, IMAGE = [4], [5, 3], [5, 4, 2]
L1L2 = {"l1": 0.25, "l2": 0.5}
ACTIVATIONS = (
    "linear relu relu6 elu selu gelu sigmoid hardSigmoid hardSigmoid6 tanh softmax softplus softsign silu swish mish"
    " geluTanh exponential leakyRelu hardSilu hardTanh logSigmoid logSoftmax"
).split()
# Without leakyRelu, whose slope at 0 is either of the two.
FURTHER = "geluTanh hardSilu hardTanh logSigmoid".split()


def recurrent(kind):
    gated = kind != "simple_rnn"
    both = {"kernelRegularizer": L1L2, "recurrentRegularizer": {"l2": 0.25}, "biasRegularizer": {"l1": 0.5}}
    forms = [
        {},
        {"returnSequences": True, "goBackwards": True},
        {"useBias": False, "activation": "relu"},
        both,
        *([{"recurrentActivation": "hardSigmoid6", "activation": "softsign"}] if gated else []),
    ]
    return [layer_case(f"{kind} {form}", STEPS, {kind: {"units": 3, **form}}) for form in forms]


def layer_cases():
    for name in ACTIVATIONS:
        yield layer_case(f"activation {name}", [6], {"activation": {"activation": name}}, low=-4, high=8)
        yield layer_case(f"dense with {name}", VECTOR, {"dense": {"units": 3, "activation": name}})
    steep = np.array([[-60.0, -20.0, -9.0, 0.0, 9.0, 20.0, 60.0]])
    for name in ("sigmoid", "tanh", "softplus", "silu", "mish", "gelu", "elu", "selu", "softsign", "relu", "relu6", *FURTHER):
        yield layer_case(f"{name} far out and at 0", [7], {"activation": {"activation": name}}, x=steep)
    dense = {"units": 3, "kernelRegularizer": L1L2, "biasRegularizer": {"l1": 0.5}}
    yield layer_case("dense, regularized", VECTOR, {"dense": dense})
    yield layer_case("dense of a sequence", STEPS, {"dense": {"units": 2, "useBias": False}})
    yield layer_case("add", VECTOR, {"add": {"branches": [[], [{"dense": {"units": 4, "activation": "tanh"}}]]}})
    branches = [[{"dense": {"units": 3}}], [{"dense": {"units": 2, "activation": "relu"}}], []]
    yield layer_case("concatenate", VECTOR, {"concatenate": {"branches": branches}})

    for form in (
        {"padding": "causal", "dilationRate": 2},
        {"padding": "same", "strides": 2},
        {"padding": "same", "dilationRate": 2},
        {"kernelRegularizer": L1L2, "biasRegularizer": {"l2": 0.5}, "activation": "tanh"},
    ):
        yield layer_case(f"conv1d {form}", STEPS, {"conv1d": {"filters": 2, "kernelSize": 3, **form}})
    for form in (
        {"kernelSize": [3, 2], "strides": 2, "padding": "same"},
        {"kernelSize": [2, 3], "strides": [2, 1]},
        {"kernelSize": 2, "dilationRate": [2, 3], "kernelRegularizer": L1L2},
        {"kernelSize": 2, "dilationRate": 2, "padding": "same", "biasRegularizer": {"l1": 0.5}},
    ):
        yield layer_case(f"conv2d {form}", IMAGE, {"conv2d": {"filters": 3, **form}})
    for form in (
        {"kernelSize": 3, "strides": 2, "padding": "same"},
        {"kernelSize": [2, 3], "strides": [3, 2], "padding": "same", "kernelRegularizer": L1L2},
        {"kernelSize": 3, "strides": 2, "biasRegularizer": {"l1": 0.5}},
        {"kernelSize": 2, "strides": 3},
        {"kernelSize": 3},
    ):
        yield layer_case(f"conv2d_transpose {form}", [3, 2, 2], {"conv2d_transpose": {"filters": 2, **form}})
    for form in (
        {"kernelSize": 2, "depthMultiplier": 2, "depthwiseRegularizer": L1L2, "biasRegularizer": {"l2": 0.5}},
        {"kernelSize": 3, "strides": 2, "padding": "same"},
        {"kernelSize": 2, "dilationRate": 2},
    ):
        yield layer_case(f"depthwise_conv2d {form}", IMAGE, {"depthwise_conv2d": form})
    for form in (
        {"kernelSize": 2, "depthMultiplier": 2, "depthwiseRegularizer": L1L2, "pointwiseRegularizer": {"l1": 0.5}},
        {"kernelSize": 3, "strides": 2, "padding": "same", "biasRegularizer": {"l2": 0.5}},
    ):
        yield layer_case(f"separable_conv2d {form}", IMAGE, {"separable_conv2d": {"filters": 3, **form}})

    for way in ("max", "average"):
        for form in ({}, {"poolSize": 3, "strides": 2, "padding": "same"}, {"poolSize": 3, "strides": 1}):
            yield layer_case(f"{way}_pooling1d {form}", STEPS, {f"{way}_pooling1d": form})
        for form in (
            {},
            {"padding": "same"},
            {"poolSize": 3, "strides": 2, "padding": "same"},
            {"poolSize": [2, 3], "strides": [1, 2], "padding": "same"},
            {"poolSize": [3, 2], "strides": 1},
            {"poolSize": 1, "strides": 3},
        ):
            yield layer_case(f"{way}_pooling2d {form}", IMAGE, {f"{way}_pooling2d": form})
        form = {"poolSize": 3, "strides": 2, "padding": "same"}
        yield layer_case(f"{way}_pooling2d of negatives", IMAGE, {f"{way}_pooling2d": form}, low=-4, high=-1)
        yield layer_case(f"{way}_pooling1d of negatives", STEPS, {f"{way}_pooling1d": form}, low=-4, high=-1)
        yield layer_case(f"global_{way}_pooling1d", STEPS, {f"global_{way}_pooling1d": {}})
        yield layer_case(f"global_{way}_pooling2d", IMAGE, {f"global_{way}_pooling2d": {}}, low=-4, high=-1)

    for form in (
        {},
        {"momentum": 0.5, "epsilon": 0.01, "betaRegularizer": {"l1": 0.5}, "gammaRegularizer": L1L2},
        {"center": False},
        {"scale": False},
    ):
        yield layer_case(f"batch_normalization {form}", VECTOR, {"batch_normalization": form}, batch=5)
        yield layer_case(f"layer_normalization {form}", STEPS, {"layer_normalization": without(form, "momentum")})
    yield layer_case("batch_normalization of images", IMAGE, {"batch_normalization": {}})
    yield layer_case("batch_normalization, trained", VECTOR, {"batch_normalization": {}}, training=False)

    table = {"inputDim": 6, "outputDim": 2, "embeddingsRegularizer": L1L2}
    yield layer_case("embedding", [5], {"embedding": table}, whole=6)
    yield layer_case("flatten", [2, 3, 2], {"flatten": {}}, {"dense": {"units": 2}})
    yield layer_case("reshape", [2, 3, 2], {"reshape": {"targetShape": [4, -1]}}, {"dense": {"units": 2}})
    yield layer_case("permute", [2, 3, 2], {"permute": {"dims": [3, 1, 2]}}, {"dense": {"units": 2}})
    yield layer_case("zero_padding2d", [2, 3, 2], {"zero_padding2d": {"padding": [[1, 2], [0, 1]]}})
    yield layer_case("prelu", VECTOR, {"prelu": {"alphaRegularizer": L1L2}})
    yield layer_case("prelu of images", [2, 3, 2], {"prelu": {}})
    yield layer_case("leaky_re_lu", VECTOR, {"leaky_re_lu": {"alpha": 0.125}})
    yield layer_case("elu", VECTOR, {"elu": {"alpha": 0.75}})
    yield layer_case("re_lu", VECTOR, {"re_lu": {}})
    yield layer_case("re_lu to a limit", VECTOR, {"re_lu": {"maxValue": 0.5}})
    yield layer_case("softmax", STEPS, {"softmax": {}})

    for form in (
        {"groups": 2},
        {"groups": -1, "center": False, "epsilon": 0.01},
        {"groups": 4, "scale": False, "betaRegularizer": {"l1": 0.5}},
        {"groups": 1, "gammaRegularizer": L1L2},
    ):
        yield layer_case(f"group_normalization {form}", [3, 2, 4], {"group_normalization": form})
        yield layer_case(f"group_normalization of vectors {form}", [8], {"group_normalization": form})
    yield layer_case("rms_normalization", STEPS, {"rms_normalization": {}})
    yield layer_case("rms_normalization of images", IMAGE, {"rms_normalization": {"epsilon": 0.01}})
    yield layer_case("unit_normalization", STEPS, {"unit_normalization": {}})
    yield layer_case("cropping1d", STEPS, {"cropping1d": {"cropping": [1, 2]}})
    yield layer_case("cropping2d", IMAGE, {"cropping2d": {"cropping": [[1, 2], [0, 1]]}})
    yield layer_case("cropping2d of both sides", IMAGE, {"cropping2d": {"cropping": [2, 1]}})
    yield layer_case("zero_padding1d", STEPS, {"zero_padding1d": {"padding": [1, 2]}})
    yield layer_case("up_sampling1d", STEPS, {"up_sampling1d": {"size": 3}})
    yield layer_case("repeat_vector", VECTOR, {"repeat_vector": {"n": 3}}, {"dense": {"units": 2}})
    yield layer_case("positional_embedding", STEPS, {"positional_embedding": {"embeddingsRegularizer": L1L2}})
    yield layer_case("sinusoidal_encoding", [5, 4], {"sinusoidal_encoding": {}})
    yield layer_case("sinusoidal_encoding of odd channels", STEPS, {"sinusoidal_encoding": {"maxWavelength": 100}})
    attention = {"multi_head_attention": {"numHeads": 2, "keyDim": 3}}
    yield layer_case("multi_head_attention to itself", STEPS, attention)
    yield from masked_cases()
    yield from expression_cases()

    for kind in ("simple_rnn", "lstm", "gru"):
        yield from recurrent(kind)
        for mode in ("concat", "sum", "mul", "ave"):
            inner = {kind: {"units": 2, "returnSequences": mode in ("concat", "mul"), "kernelRegularizer": L1L2}}
            written = {"bidirectional": {"layer": inner, "mergeMode": mode}}
            yield layer_case(f"bidirectional {kind}, {mode}", STEPS, written)
    after = [{}, {"useBias": False}, {"goBackwards": True, "returnSequences": True, "biasRegularizer": L1L2}]
    for form in after:
        yield layer_case(f"gru, reset after {form}", STEPS, {"gru": {"units": 3, "resetAfter": True, **form}})
    inner = {"gru": {"units": 2, "resetAfter": True, "recurrentRegularizer": L1L2}}
    yield layer_case("bidirectional gru, reset after", STEPS, {"bidirectional": {"layer": inner}})

    for size in (2, 3, 5, [1, 2], [3, 2], [2, 7]):
        for interpolation in ("nearest", "bilinear"):
            form = {"size": size, "interpolation": interpolation}
            case = layer_case(f"up_sampling2d {form}", [3, 2, 2], {"up_sampling2d": form})
            same_as_torch(case, size, interpolation)
            yield case
    for shape in ([1, 1, 1], [1, 4, 1], [4, 1, 2]):
        form = {"size": [3, 2], "interpolation": "bilinear"}
        case = layer_case(f"up_sampling2d {form} of {shape}", shape, {"up_sampling2d": form})
        same_as_torch(case, [3, 2], "bilinear")
        yield case


def masked_cases():
    x = distinct(np.random.default_rng(11), (3, 5, 3), -1, 1)
    # Steps that are left out at the end, in the middle, and at the start; of one item all.
    x[0, 3:] = x[1, 2] = x[1, 0] = x[2] = 0
    for kind in ("simple_rnn", "lstm", "gru"):
        for form in ({}, {"returnSequences": True}, {"goBackwards": True}):
            yield layer_case(f"masking, {kind} {form}", STEPS, {"masking": {}}, {kind: {"units": 2, **form}}, x=x)
        inner = {"bidirectional": {"layer": {kind: {"units": 2}}}}
        yield layer_case(f"masking, bidirectional {kind}", STEPS, {"masking": {}}, inner, x=x)
    after = {"gru": {"units": 2, "resetAfter": True}}
    yield layer_case("masking, gru, reset after", STEPS, {"masking": {}}, after, x=x)
    dense = {"dense": {"units": 4, "activation": "tanh"}}
    deep = [dense, {"layer_normalization": {}}, {"lstm": {"units": 3, "returnSequences": True}}, {"gru": {"units": 2}}]
    yield layer_case("masking, through layers that pass it on", STEPS, {"masking": {}}, *deep, x=x)
    ended = [{"conv1d": {"filters": 3, "kernelSize": 2, "padding": "same"}}, {"lstm": {"units": 2}}]
    yield layer_case("masking, ended by conv1d", STEPS, {"masking": {}}, *ended, x=x)
    some = x[:2]
    yield layer_case("masking of another value", STEPS, {"masking": {"maskValue": 0.5}}, dense, x=np.where(some == 0, 0.5, some))
    yield layer_case("masking, average", STEPS, {"masking": {}}, dense, {"global_average_pooling1d": {}}, x=some)
    attention = {"multi_head_attention": {"numHeads": 2, "keyDim": 2, "causal": True}}
    ending = np.array(some)
    ending[1, 0] = ending[1, 1]
    # A step that is left out attends as the others do; what it gives is then left out.
    rest = [attention, {"global_average_pooling1d": {}}]
    yield layer_case("masking, attention", STEPS, {"masking": {}}, *rest, x=ending)
    table = {"embedding": {"inputDim": 4, "outputDim": 3, "maskZero": True}}
    yield layer_case("embedding, maskZero", [6], table, {"lstm": {"units": 2}}, whole=4)


def without(form, key):
    return {name: value for name, value in form.items() if name != key}


def same_as_torch(case, size, interpolation):
    """Two libraries that agree."""
    height, width, channels = case["input"]
    rows, columns = size if isinstance(size, list) else (size, size)
    x = torch.tensor(case["x"]).reshape(-1, height, width, channels).permute(0, 3, 1, 2).requires_grad_()
    settings = {} if interpolation == "nearest" else {"align_corners": False}
    y = torch.nn.functional.interpolate(x, size=(height * rows, width * columns), mode=interpolation, **settings)
    y = y.permute(0, 2, 3, 1)
    (gradient,) = torch.autograd.grad((y * torch.tensor(ramp(y.shape))).sum(), x)
    assert np.allclose(y.detach().numpy().ravel(), case["output"], atol=1e-7), case["name"]
    assert np.allclose(gradient.permute(0, 2, 3, 1).numpy().ravel(), case["gradient"], atol=1e-7), case["name"]


def tie_cases():
    """Equal maxima, of which PyTorch's pooling and ours give the gradient to the first: row by row, from the left."""
    flat = np.zeros((2, 4, 4, 2))
    steps = np.array([0, 1, 1, 0, 1, 0, -1, 1] * 8, np.float64).reshape(2, 4, 4, 2)
    for name, x in (("all equal", flat), ("some equal", steps)):
        images = torch.tensor(x).permute(0, 3, 1, 2).requires_grad_()
        for kind, form, pool in (
            ("global_max_pooling2d", {}, lambda t: torch.nn.functional.max_pool2d(t, 4).flatten(1)),
            ("max_pooling2d", {"poolSize": 2}, lambda t: torch.nn.functional.max_pool2d(t, 2).permute(0, 2, 3, 1)),
            (
                "max_pooling2d",
                {"poolSize": 3, "strides": 1},
                lambda t: torch.nn.functional.max_pool2d(t, 3, 1).permute(0, 2, 3, 1),
            ),
        ):
            y = pool(images)
            (gradient,) = torch.autograd.grad((y * torch.tensor(ramp(y.shape))).sum(), images)
            yield tied(f"{kind} {form}, {name}", {kind: form}, [4, 4, 2], x, y, gradient.permute(0, 2, 3, 1))
        lines = torch.tensor(x.reshape(2, 16, 2)).permute(0, 2, 1).requires_grad_()
        y = torch.nn.functional.max_pool1d(lines, 16).flatten(1)
        (gradient,) = torch.autograd.grad((y * torch.tensor(ramp(y.shape))).sum(), lines)
        yield tied(f"global_max_pooling1d, {name}", {"global_max_pooling1d": {}}, [16, 2], x, y, gradient.permute(0, 2, 1))


def tied(name, written, shape, x, y, gradient):
    case = {"name": name, "layers": [written], "input": shape, "training": True, "x": short(x), "weights": []}
    return {**case, "output": short(y.detach().numpy()), "gradient": short(gradient.numpy())}


LOSSES = {
    "mean-squared-error": lambda p, t: (p - t) ** 2,
    "mean-absolute-error": lambda p, t: jnp.abs(p - t),
    "huber": lambda p, t, delta: jnp.where(
        jnp.abs(p - t) <= delta, 0.5 * (p - t) ** 2, delta * (jnp.abs(p - t) - 0.5 * delta)
    ),
    "log-cosh": lambda p, t: jnp.logaddexp(p - t, t - p) - math.log(2),
    "binary-crossentropy": lambda p, t: -(t * jnp.log(p) + (1 - t) * jnp.log1p(-p)),
}
ACTIVATED = {"none": lambda l: l, "sigmoid": jax.nn.sigmoid, "softmax": lambda l: jax.nn.softmax(l, -1)}


def loss_cases():
    rng = np.random.default_rng(3)
    wide = grid(rng, (3, 4), -3, 3)
    target = np.clip(wide + grid(rng, (3, 4), -2, 2), -2, 2)
    target[0, :2] = wide[0, :2]
    inside = np.clip(grid(rng, (3, 4), 0, 1), 1 / 16, 15 / 16)
    shares = np.array([[0, 1, 0.25, 0.5], [1, 0, 1, 0.75], [0, 0, 1, 1]], np.float64)
    for loss, params in (
        ("mean-squared-error", {}),
        ("mean-absolute-error", {}),
        ("huber", {"delta": 1}),
        ("huber", {"delta": 0.5}),
        ("log-cosh", {}),
    ):
        for activation in ("none", "sigmoid", "softmax"):
            yield from loss_case(loss, params, activation, wide, target if activation == "none" else shares)
    yield from loss_case("binary-crossentropy", {}, "none", inside, shares)
    yield from loss_case("binary-crossentropy", {}, "sigmoid", wide, shares)
    yield from loss_case("binary-crossentropy", {}, "softmax", wide, shares)
    hot = np.eye(4)[[1, 3, 0]]
    for smoothing in (0, 0.125):
        for activation, logits in (("none", inside), ("sigmoid", wide), ("softmax", wide)):
            yield from loss_case("categorical-crossentropy", {"labelSmoothing": smoothing}, activation, logits, hot)


def loss_case(loss, params, activation, logits, target):
    def per_item(logits, reduction):
        p = ACTIVATED[activation](logits)
        if loss == "categorical-crossentropy":
            smoothing = params["labelSmoothing"]
            t = target * (1 - smoothing) + smoothing / target.shape[1]
            return -jnp.sum(t * jnp.log(p), 1)
        return getattr(jnp, reduction)(LOSSES[loss](p, target, **params), 1)

    for reduction in ("sum", "mean"):
        items = per_item(logits, reduction)
        gradient = jax.grad(lambda l: jnp.sum(per_item(l, reduction) * ramp(items.shape)))(logits)
        # At 0 a subgradient is whatever a library says; ours is 0, the middle of them.
        if loss == "mean-absolute-error" and activation == "none":
            gradient = jnp.where(logits == target, 0, gradient)
        yield {
            "loss": {loss: params},
            "activation": activation,
            "reduction": reduction,
            "shape": list(logits.shape),
            "logits": short(logits),
            "target": short(target),
            "items": short(items),
            "gradient": short(gradient),
        }


START = [0.5, -1.5, 2.0]
RATES = [1.0, 0.1, 0.1, 0.5, 0.02]


def slope(w):
    """Of Σ k·w² over k = 1, 2, 3, the last one very flat: its gradients are as small as epsilons."""
    return w * np.array([2.0, 4.0, 6e-8])


def optimizer_cases():
    k, t = keras.optimizers, torch.optim
    adam = {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7}
    yield descend("sgd", {}, keras_path(k.SGD(1.0)), 0.05)
    for nesterov in (False, True):
        form = {"momentum": 0.75, "nesterov": nesterov}
        yield descend("sgd", form, keras_path(k.SGD(1.0, **form)), 0.05)
        yield descend("sgd", {**form, "momentumForm": "pytorch"}, torch_path(t.SGD, **form), 0.05)
    yield descend("adam", {"epsilonForm": "keras"}, keras_path(k.Adam(1.0, **adam)), 0.05)
    yield descend("adam", {}, torch_path(t.Adam, betas=(0.9, 0.999), eps=1e-7), 0.05)
    decayed = k.AdamW(1.0, weight_decay=0.25, **adam)
    yield descend("adamw", {"epsilonForm": "keras", "weightDecay": 0.25}, keras_path(decayed), 0.05)
    form = {"betas": (0.9, 0.999), "eps": 1e-7, "weight_decay": 0.25}
    yield descend("adamw", {"weightDecay": 0.25}, torch_path(t.AdamW, **form), 0.05)
    yield descend("adamax", {}, keras_path(k.Adamax(1.0, **adam)), 0.05)
    yield descend("adagrad", {}, keras_path(k.Adagrad(1.0)), 0.05)
    yield descend("adadelta", {}, keras_path(k.Adadelta(1.0, rho=0.95, epsilon=1e-7)), 1)
    for form in ({}, {"momentum": 0.5}, {"centered": True, "epsilon": 1e-3}, {"centered": True, "momentum": 0.5}):
        yield descend("rmsprop", form, keras_path(k.RMSprop(1.0, **form)), 0.05)


def descend(kind, params, path, scale):
    rates = [rate * scale for rate in RATES]
    return {"optimizer": {kind: params}, "rates": rates, "path": [short(w) for w in path(rates)]}


def keras_path(optimizer):
    def path(rates):
        w = keras.Variable(np.array(START))
        for rate in rates:
            optimizer.learning_rate = rate
            optimizer.apply([jnp.asarray(slope(np.asarray(w)))], [w])
            yield np.asarray(w)

    return path


def torch_path(kind, **settings):
    def path(rates):
        w = torch.tensor(START, requires_grad=True)
        optimizer = kind([w], lr=1.0, **settings)
        for rate in rates:
            optimizer.param_groups[0]["lr"] = rate
            w.grad = torch.tensor(slope(w.detach().numpy()))
            optimizer.step()
            yield w.detach().numpy()

    return path


def write(name, content):
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in content)
    with open(os.path.join(HERE, name), "w") as file:
        file.write(f"[\n{lines}\n]\n")


FILES = {
    "layers.json": lambda: [*layer_cases(), *tie_cases()],
    "several.json": several_cases,
    "losses.json": loss_cases,
    "optimizers.json": optimizer_cases,
}
# All of them, or those that are named: `make.py several.json`.
for name in sys.argv[1:] or FILES:
    write(name, FILES[name]())
