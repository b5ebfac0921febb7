"""Makes weights.safetensors with the format's own library, and values.json with what it must be read as.

pip install safetensors numpy, then: python test/data/weights/make.py
"""
import json
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

here = Path(__file__).parent
arrays = {
    "net.0.weight": np.array([[0.1, -2.5, 3e-8], [1e30, -0.0, 7]], np.float32),
    "net.0.bias": np.array([1.5, -0.333, 6e-8, 65504], np.float16),
    "double": np.array(0.1, np.float64),
}
save_file(arrays, here / "weights.safetensors", metadata={"format": "np"})
values = {name: {"shape": list(a.shape), "values": a.astype(np.float64).ravel().tolist()} for name, a in arrays.items()}
(here / "values.json").write_text(json.dumps(values, indent=1) + "\n")
