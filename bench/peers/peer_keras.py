"""The models in Keras: arguments `jax|tensorflow`, `compiled` by XLA or `plain`, and how many steps a call of `fit` does at once.

Many at once are faster, but for convolutions, which XLA computes much slower within a loop.
"""

import os
import sys

backend, form, steps_at_once = sys.argv[2], sys.argv[3], int(sys.argv[4])
os.environ["KERAS_BACKEND"] = backend
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import numpy as np
from common import Problem, blas, gflops, serve
from keras import layers, ops

problem = Problem(sys.argv[1])
batch, steps = problem.batch, problem.steps
keras.utils.set_random_seed(1)
if backend == "tensorflow":
    import tensorflow

    tensorflow.config.threading.set_intra_op_parallelism_threads(1)
    tensorflow.config.threading.set_inter_op_parallelism_threads(1)


class Vae(keras.Model):
    """Takes images, or images and the noise to use with them."""

    def __init__(self):
        super().__init__()
        hidden = problem.weights[0].shape[1]
        self.scaled = layers.Rescaling(1 / 255)
        self.encode, self.decode = layers.Dense(hidden, "relu"), layers.Dense(hidden, "relu")
        self.mean, self.scale, self.out = layers.Dense(2), layers.Dense(2), layers.Dense(784)
        self.random = keras.random.SeedGenerator(1)

    def call(self, inputs):
        images, noise = inputs if isinstance(inputs, (list, tuple)) else (inputs, None)
        if noise is None:
            noise = keras.random.normal((batch, 2), seed=self.random)
        x = self.scaled(images)
        h = self.encode(x)
        m, s = self.mean(h), self.scale(h)
        logits = self.out(self.decode(m + ops.exp(s) * (0.1 * noise)))
        reconstruction = ops.sum(ops.softplus(logits) - logits * x, 1)
        return reconstruction - 0.5 * ops.sum(1 + s - m * m - ops.exp(s), 1)

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        return ops.mean(y_pred)

    @property
    def in_order(self):
        return [self.encode, self.mean, self.scale, self.decode, self.out]


class Cnn(keras.Model):
    def __init__(self):
        super().__init__()
        self.convolutions = [layers.Conv2D(32, 3, activation="relu"), layers.Conv2D(64, 3, activation="relu")]
        self.start = [layers.Reshape((28, 28, 1)), layers.Rescaling(1 / 255)]
        self.hidden, self.out = layers.Dense(128, "relu"), layers.Dense(10)
        self.pools, self.flatten = [layers.MaxPooling2D(2), layers.MaxPooling2D(2)], layers.Flatten()

    def call(self, x):
        for layer in self.start:
            x = layer(x)
        for convolution, pool in zip(self.convolutions, self.pools):
            x = pool(convolution(x))
        return self.out(self.hidden(self.flatten(x)))

    @property
    def in_order(self):
        return [*self.convolutions, self.hidden, self.out]


vae = problem.model == "vae"
model = Vae() if vae else Cnn()


def compile_model(at_once):
    rate, beta1, beta2, epsilon = (problem.adam[key] for key in ("learningRate", "beta1", "beta2", "epsilon"))
    model.compile(
        keras.optimizers.Adam(rate, beta1, beta2, epsilon),
        None if vae else keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        jit_compile=form == "compiled",
        steps_per_execution=at_once,
    )


def check():
    compile_model(1)
    for i, (x, y, noise) in enumerate(problem.first_batches()):
        inputs = [x, noise] if vae else x
        if i == 0:
            model(inputs)
            for layer, kernel, bias in zip(model.in_order, problem.weights[::2], problem.weights[1::2]):
                layer.set_weights([kernel, bias])
        model.reset_metrics()
        loss = model.train_on_batch(inputs, None if vae else y)
        yield np.mean(loss)
    # What follows has no noise among its inputs.
    compile_model(steps_at_once)


def epoch():
    return model.fit(problem.images, None if vae else problem.labels, batch, verbose=0).history["loss"][0]


serve(
    {
        "version": f"Keras {keras.__version__} on {backend} {sys.modules[backend].__version__}",
        "math": ", ".join(["XLA" if form == "compiled" or backend == "jax" else "oneDNN", *blas()]),
        "gflops": gflops(ops.matmul, ops.convert_to_numpy),
    },
    check,
    epoch,
)
