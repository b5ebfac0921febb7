"""What the peers share: the problem as the benchmark wrote it, and how they answer.

A peer is started with the path of `problem.json`, says who it is in one line of JSON, and answers each line that it reads:

    check     trains the first steps from the given weights, on the given batches and noise: {"losses": [...]}
    epoch     trains an epoch, shuffled, with noise of its own: {"seconds": of the core, "wall": by the clock, "loss": mean}
"""

import json
import os
import re
import sys
import time

import numpy as np


class Problem:
    """`problem.json`, and the arrays that it names."""

    def __init__(self, path):
        with open(path) as file:
            self.told = json.load(file)
        self.folder = os.path.dirname(path)
        self.model, self.batch, self.items = (self.told[key] for key in ("model", "batch", "items"))
        self.adam = self.told["adam"]
        self.steps = self.items // self.batch
        self.images = self._idx(self.told["images"], 16).reshape(-1, 784)[: self.items]
        self.labels = self._idx(self.told["labels"], 8)[: self.items].astype(np.int32)
        flat = np.fromfile(os.path.join(self.folder, "weights.bin"), np.float32)
        ends = np.cumsum([int(np.prod(shape)) for shape in self.told["weights"]])
        parts = np.split(flat, ends[:-1])
        self.weights = [part.reshape(shape) for part, shape in zip(parts, self.told["weights"])]

    @staticmethod
    def _idx(path, header):
        return np.fromfile(path, np.uint8)[header:]

    def first_batches(self):
        """Bytes, labels and noise of each step of the check."""
        noise = np.fromfile(os.path.join(self.folder, "noise.bin"), np.float32).reshape(-1, self.batch, 2)
        for step in range(self.told["checkSteps"]):
            items = slice(step * self.batch, (step + 1) * self.batch)
            yield self.images[items], self.labels[items], noise[step]


def gflops(product, sync=lambda result: result, size=1024):
    """How fast square products are: tells a library that computes from one that only is correct."""
    a = np.random.default_rng(1).random((size, size), np.float32)
    sync(product(a, a))
    seconds = []
    for _ in range(5):
        start = time.perf_counter()
        sync(product(a, a))
        seconds.append(time.perf_counter() - start)
    return 2 * size**3 / min(seconds) / 1e9


def blas():
    """The linear algebra libraries in this process. Ends it where there is the reference one and no other."""
    if not os.path.exists("/proc/self/maps"):
        return ["unknown BLAS"]
    with open("/proc/self/maps") as maps:
        files = {line.split()[-1] for line in maps if "/" in line}
    # Whose it is may be in the name of the file or, of `libblas.so.3`, in that of its folder.
    names = ["/" + "/".join(os.path.realpath(file).split("/")[-2:]) for file in files]
    # NumPy brings its own, which no peer trains with.
    names = [name for name in names if "numpy" not in name and "scipy" not in name]
    fast = sorted({match[0] for name in names for match in [re.search("openblas|mkl|blis|atlas", name.lower())] if match})
    if not fast and any(re.search(r"/lib(c?blas)\.so", name) for name in names):
        sys.exit("this is the reference BLAS, which is many times slower than any other: install OpenBLAS")
    return fast


def serve(about, check, epoch):
    """Answers until the input ends."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    print(json.dumps({"cores": cores, **about}), flush=True)
    for line in sys.stdin:
        if line.strip() == "check":
            answer = {"losses": [float(loss) for loss in check()]}
        else:
            start, wall = time.process_time(), time.perf_counter()
            loss = float(epoch())
            answer = {"seconds": time.process_time() - start, "wall": time.perf_counter() - wall, "loss": loss}
        print(json.dumps(answer), flush=True)
