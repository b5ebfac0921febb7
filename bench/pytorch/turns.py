"""Trains a benchmark's model in PyTorch, a few steps whenever it is asked to.

    python3 bench/pytorch/turns.py vae-64|cnn|cnn-channels-last BATCH

Prints the version of PyTorch, then reads numbers of steps, one a line, and answers each with the seconds taken.
One thread, data made up, like the engines that it is compared with.
"""

import sys
import time

import torch
from torch import nn
from vae import Vae


def cnn():
    return nn.Sequential(
        nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(1600, 128), nn.ReLU(), nn.Linear(128, 10),
    )  # fmt: skip


def trainer(name, batch):
    """The model, its data and the loss of one batch."""
    pixels = torch.rand(batch, 784) * (torch.rand(batch, 784) < 0.2)
    if name == "vae-64":
        model = Vae(64)
        return model, lambda: sum(model(pixels))
    layout = torch.channels_last if name == "cnn-channels-last" else torch.contiguous_format
    model = cnn().to(memory_format=layout)
    images = pixels.view(batch, 1, 28, 28).to(memory_format=layout)
    labels = torch.randint(10, (batch,))
    return model, lambda: nn.functional.cross_entropy(model(images), labels)


def main():
    torch.set_num_threads(1)
    model, loss = trainer(sys.argv[1], int(sys.argv[2]))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.001, eps=1e-7)
    print(torch.__version__, flush=True)
    for line in sys.stdin:
        start = time.perf_counter()
        for _ in range(int(line)):
            optimizer.zero_grad()
            loss().backward()
            optimizer.step()
        print(time.perf_counter() - start, flush=True)


main()
