"""The models in JAX. The second argument: `scan`, an epoch is one compiled `lax.scan`; `steps`, each step is a call.

XLA's own convolution is many times slower within a loop, so in a scan it is one product of patches.
"""

import sys
from functools import partial

import jax
import jax.numpy as jnp
from common import Problem, blas, gflops, serve
from jax import lax

problem = Problem(sys.argv[1])
batch, steps = problem.batch, problem.steps


def vae_loss(weights, x, _, noise):
    into, into_bias, mean, mean_bias, scale, scale_bias, hidden, hidden_bias, out, out_bias = weights
    h = jax.nn.relu(x @ into + into_bias)
    m, s = h @ mean + mean_bias, h @ scale + scale_bias
    z = m + jnp.exp(s) * (0.1 * noise)
    logits = jax.nn.relu(z @ hidden + hidden_bias) @ out + out_bias
    reconstruction = jnp.sum(jax.nn.softplus(logits) - logits * x, 1)
    kl = -0.5 * jnp.sum(1 + s - m * m - jnp.exp(s), 1)
    return jnp.mean(reconstruction + kl)


def own_conv(x, kernel):
    return lax.conv_general_dilated(x, kernel, (1, 1), "VALID", dimension_numbers=("NHWC", "HWIO", "NHWC"))


def product_conv(x, kernel):
    n, height, width, channels = x.shape
    rows, columns, _, filters = kernel.shape
    height, width = height - rows + 1, width - columns + 1
    shifted = [x[:, i : i + height, j : j + width] for i in range(rows) for j in range(columns)]
    patches = jnp.concatenate(shifted, -1).reshape(-1, rows * columns * channels)
    return (patches @ kernel.reshape(-1, filters)).reshape(n, height, width, filters)


conv = {"scan": product_conv, "steps": own_conv}[sys.argv[2]]


def pool(x):
    """Whole windows only. As a maximum over axes: its gradient is much faster on a processor than that of `reduce_window`."""
    n, height, width, channels = x.shape
    x = x[:, : height // 2 * 2, : width // 2 * 2]
    return jnp.max(x.reshape(n, height // 2, 2, width // 2, 2, channels), (2, 4))


def cnn_loss(weights, x, labels, _):
    first, first_bias, second, second_bias, hidden, hidden_bias, out, out_bias = weights
    x = pool(jax.nn.relu(conv(x.reshape(-1, 28, 28, 1), first) + first_bias))
    x = pool(jax.nn.relu(conv(x, second) + second_bias)).reshape(x.shape[0], -1)
    logits = jax.nn.relu(x @ hidden + hidden_bias) @ out + out_bias
    return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(logits), labels[:, None], 1))


loss_of = {"vae": vae_loss, "cnn": cnn_loss}[problem.model]


def step(state, data):
    weights, means, squares, count = state
    images, labels, noise = data
    loss, gradients = jax.value_and_grad(loss_of)(weights, images.astype(jnp.float32) / 255, labels, noise)
    rate, beta1, beta2, epsilon = (problem.adam[key] for key in ("learningRate", "beta1", "beta2", "epsilon"))
    count += 1
    size = rate * jnp.sqrt(1 - beta2**count) / (1 - beta1**count)
    floor = epsilon * jnp.sqrt(1 - beta2**count)
    means = [beta1 * m + (1 - beta1) * g for m, g in zip(means, gradients)]
    squares = [beta2 * v + (1 - beta2) * g * g for v, g in zip(squares, gradients)]
    weights = [w - size * m / (jnp.sqrt(v) + floor) for w, m, v in zip(weights, means, squares)]
    return (weights, means, squares, count), loss


@jax.jit
def shuffled(images, labels, key):
    for_order, for_noise = jax.random.split(key)
    order = jax.random.permutation(for_order, problem.items)[: steps * batch]
    noise = jax.random.normal(for_noise, (steps, batch, 2))
    return images[order].reshape(steps, batch, -1), labels[order].reshape(steps, batch), noise


@partial(jax.jit, donate_argnums=0)
def scanned(state, data):
    state, losses = lax.scan(step, state, data)
    return state, jnp.mean(losses)


one_step = jax.jit(step, donate_argnums=0)


def stepped(state, data):
    total = 0
    for i in range(steps):
        state, loss = one_step(state, [part[i] for part in data])
        total += loss
    return state, total / steps


run_epoch = {"scan": scanned, "steps": stepped}[sys.argv[2]]


def zeros():
    return [jnp.zeros_like(w) for w in problem.weights]


state = ([jnp.asarray(w) for w in problem.weights], zeros(), zeros(), jnp.float32(0))
images, labels = jnp.asarray(problem.images), jnp.asarray(problem.labels)
key = jax.random.key(1)


def check():
    one = jax.jit(step)
    now = state
    for data in problem.first_batches():
        now, loss = one(now, data)
        yield loss


def epoch():
    global state, key
    key, own = jax.random.split(key)
    state, loss = run_epoch(state, shuffled(images, labels, own))
    return loss.block_until_ready()


serve(
    {
        "version": f"JAX {jax.__version__}",
        "math": ", ".join(["XLA", *blas()]),
        "gflops": gflops(jax.jit(jnp.matmul), lambda result: result.block_until_ready()),
    },
    check,
    epoch,
)
