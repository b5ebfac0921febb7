"""The models in PyTorch, with its fused Adam; the second argument is `eager` or `compiled`."""

import sys

import numpy as np
import torch
from common import Problem, blas, gflops, serve
from torch import nn
from torch.nn import functional

problem = Problem(sys.argv[1])
compiled = sys.argv[2] == "compiled"
batch, steps = problem.batch, problem.steps
torch.set_num_threads(1)
torch.manual_seed(1)


class Vae(nn.Module):
    def __init__(self):
        super().__init__()
        hidden = problem.weights[0].shape[1]
        self.encode, self.mean, self.scale = nn.Linear(784, hidden), nn.Linear(hidden, 2), nn.Linear(hidden, 2)
        self.decode, self.out = nn.Linear(2, hidden), nn.Linear(hidden, 784)

    def forward(self, images, _, noise):
        x = images.float() / 255
        h = torch.relu(self.encode(x))
        m, s = self.mean(h), self.scale(h)
        z = m + torch.exp(s) * (0.1 * noise)
        logits = self.out(torch.relu(self.decode(z)))
        reconstruction = functional.binary_cross_entropy_with_logits(logits, x, reduction="sum")
        kl = -0.5 * torch.sum(1 + s - m * m - torch.exp(s))
        return (reconstruction + kl) / len(x)

    def load(self):
        for layer, kernel, bias in zip(self.children(), problem.weights[::2], problem.weights[1::2]):
            layer.weight.data.copy_(torch.from_numpy(kernel.T.copy()))
            layer.bias.data.copy_(torch.from_numpy(bias))


class Cnn(nn.Module):
    """Channels last: much faster on a processor."""

    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Conv2d(1, 32, 3), nn.Conv2d(32, 64, 3)
        self.hidden, self.out = nn.Linear(1600, 128), nn.Linear(128, 10)
        self.to(memory_format=torch.channels_last)

    def forward(self, images, labels, _):
        x = (images.float() / 255).view(-1, 1, 28, 28).to(memory_format=torch.channels_last)
        x = functional.max_pool2d(torch.relu(self.first(x)), 2)
        x = functional.max_pool2d(torch.relu(self.second(x)), 2)
        return functional.cross_entropy(self.out(torch.relu(self.hidden(x.flatten(1)))), labels)

    def load(self):
        first, first_bias, second, second_bias, hidden, hidden_bias, out, out_bias = problem.weights
        # Rows of the kernel after `flatten` are in the order of this library: channels first.
        hidden = hidden.reshape(5, 5, 64, 128).transpose(2, 0, 1, 3).reshape(1600, 128)
        kernels = [first.transpose(3, 2, 0, 1), second.transpose(3, 2, 0, 1), hidden.T, out.T]
        for layer, kernel, bias in zip(self.children(), kernels, [first_bias, second_bias, hidden_bias, out_bias]):
            layer.weight.data.copy_(torch.from_numpy(np.ascontiguousarray(kernel)))
            layer.bias.data.copy_(torch.from_numpy(bias))


model = {"vae": Vae, "cnn": Cnn}[problem.model]()
model.load()
loss_of = torch.compile(model) if compiled else model
rate, beta1, beta2, epsilon = (problem.adam[key] for key in ("learningRate", "beta1", "beta2", "epsilon"))
optimizer = torch.optim.Adam(model.parameters(), lr=rate, betas=(beta1, beta2), eps=epsilon, fused=True)
images, labels = torch.from_numpy(problem.images), torch.from_numpy(problem.labels).long()


def step(*data):
    optimizer.zero_grad()
    loss = loss_of(*data)
    loss.backward()
    optimizer.step()
    return loss.detach()


def check():
    for x, y, noise in problem.first_batches():
        yield step(torch.from_numpy(x), torch.from_numpy(y).long(), torch.from_numpy(noise))


def epoch():
    total = torch.zeros(())
    order = torch.randperm(problem.items)
    for chosen in order[: steps * batch].view(steps, batch):
        total += step(images[chosen], labels[chosen], torch.randn(batch, 2))
    return total / steps


def product(a, b):
    return torch.from_numpy(a) @ torch.from_numpy(b)


serve(
    {
        "version": f"PyTorch {torch.__version__.split('+')[0]}",
        "math": ", ".join(sorted({*blas(), *(["MKL"] if torch.backends.mkl.is_available() else []), "oneDNN"})),
        "threads": torch.get_num_threads(),
        "gflops": gflops(product),
    },
    check,
    epoch,
)
