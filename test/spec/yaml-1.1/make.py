"""Writes words.json: what PyYAML (6.0, YAML 1.1) makes of texts that stand bare in a file. python make.py"""

import json
from pathlib import Path

import yaml

WORDS = """y Y n N yes Yes YES no No NO true True TRUE false False FALSE on On ON off Off OFF
null Null NULL ~ = << 0 1 -1 +1 00 0777 0o7 0x1F 0b101 1_000 12:30 1:2:3 1:30.5 190:20:30 +12:30 1e-7 1E5 1e+7 1.0e-7 1.e5 1. .5 +.5 5.0e3
.inf -.inf +.Inf .nan .NaN 2024-01-01 2001-12-14t21:59:43.10-05:00 2024-1-1 0.1 685_230.15 1__0 0x 0b 08 - -- --- ... ? : e5 relu nan inf
a:b a#b conv2d MNIST-2 v1.2 1.2.3 1e 0x1G 20240101 0.0.1 123abc""".split()


def read(word: str):
    try:
        value = yaml.safe_load(f"[{word}]")[0] if word not in ("---", "...") else None
    except yaml.YAMLError:
        return {"error": True}
    return {"text": value} if isinstance(value, str) else {"type": type(value).__name__}


Path(__file__).with_name("words.json").write_text(
    json.dumps({word: read(word) for word in WORDS}, indent=1) + "\n"
)
