"""The reference VAE in PyTorch: an independent check of the losses, and what a user would run instead.

    python3 bench/pytorch/vae.py DATA_DIR HIDDEN EPOCHS [THREADS]

DATA_DIR holds the four uncompressed MNIST IDX files. Prints one JSON object an epoch:
losses in nats per image, seconds of training.
"""

import json
import math
import os
import sys
import time

import torch
from torch import nn


def read_idx(path, header):
    with open(path, "rb") as file:
        return torch.frombuffer(bytearray(file.read()), dtype=torch.uint8)[header:]


def images(folder, name):
    flat = read_idx(os.path.join(folder, name), 16)
    return flat.view(-1, 784)


class Vae(nn.Module):
    """Encoder 784-hidden-(2, 2), decoder 2-hidden-784; z = m + exp(s) * e, e ~ N(0, 0.1^2)."""

    def __init__(self, hidden):
        super().__init__()
        self.encode = nn.Linear(784, hidden)
        self.mean = nn.Linear(hidden, 2)
        self.scale = nn.Linear(hidden, 2)
        self.decode = nn.Linear(2, hidden)
        self.out = nn.Linear(hidden, 784)
        for layer in (self.encode, self.mean, self.scale, self.decode, self.out):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, x):
        h = torch.relu(self.encode(x))
        m, s = self.mean(h), self.scale(h)
        z = m + torch.exp(s) * 0.1 * torch.randn_like(s)
        logits = self.out(torch.relu(self.decode(z)))
        reconstruction = nn.functional.binary_cross_entropy_with_logits(logits, x, reduction="sum")
        kl = -0.5 * torch.sum(1 + s - m * m - torch.exp(s))
        return reconstruction / len(x), kl / len(x)


def main():
    folder, hidden, epochs = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    torch.set_num_threads(int(sys.argv[4]) if len(sys.argv) > 4 else 1)
    torch.manual_seed(1)
    train = images(folder, "train-images-idx3-ubyte").float() / 255
    test = images(folder, "t10k-images-idx3-ubyte").float() / 255
    model = Vae(hidden)
    # Keras and TensorFlow.js use epsilon 1e-7, PyTorch 1e-8 by default.
    optimizer = torch.optim.Adam(model.parameters(), lr=0.001, eps=1e-7)
    for epoch in range(1, epochs + 1):
        start = time.perf_counter()
        total = [0.0, 0.0]
        order = torch.randperm(len(train))
        for at in range(0, len(train), 32):
            batch = train[order[at : at + 32]]
            reconstruction, kl = model(batch)
            optimizer.zero_grad()
            (reconstruction + kl).backward()
            optimizer.step()
            total[0] += reconstruction.item() * len(batch)
            total[1] += kl.item() * len(batch)
        seconds = time.perf_counter() - start
        with torch.no_grad():
            parts = [part.item() for part in model(test)]
        line = {
            "epoch": epoch,
            "train": {"loss": sum(total) / len(train), "reconstruction": total[0] / len(train), "kl": total[1] / len(train)},
            "test": {"loss": sum(parts), "reconstruction": parts[0], "kl": parts[1]},
            "seconds": round(seconds, 3),
        }
        if not math.isfinite(line["train"]["loss"]):
            raise SystemExit("the loss is not finite")
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
