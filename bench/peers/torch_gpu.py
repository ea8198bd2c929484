"""PyTorch on the GPU, or on the processor without one: x @ x.T of normalised rows, and top-10 by chunks of rows, in float32 without TF32."""

import json
import sys
import time

import torch

few, many, depth, repeats = map(int, sys.argv[1:])
device = "cuda" if torch.cuda.is_available() else "cpu"
torch.backends.cuda.matmul.allow_tf32 = False
name = torch.cuda.get_device_name() if device == "cuda" else "the processor"


def timed(what, rows, call):
    call()
    times = []
    for _ in range(repeats):
        if device == "cuda":
            torch.cuda.synchronize()
        start = time.perf_counter()
        call()
        if device == "cuda":
            torch.cuda.synchronize()
        times.append(1000 * (time.perf_counter() - start))
    return {"what": f"{what} on {name}", "rows": rows, "ms": sorted(times)[repeats // 2]}


def top10(x, chunk=4096):
    best = []
    for start in range(0, len(x), chunk):
        scores = x[start : start + chunk] @ x.T
        scores[torch.arange(len(scores)), torch.arange(start, start + len(scores))] = -2
        best.append(scores.topk(10).indices.cpu())
    return torch.cat(best)


def unit(rows):
    return torch.nn.functional.normalize(torch.randn(rows, depth)).to(device)


small, large = unit(few), unit(many)
results = [
    timed("x @ x.T, the result on the card", few, lambda: small @ small.T),
    timed("x @ x.T, the result in memory", few, lambda: (small @ small.T).cpu()),
    timed("top-10 by chunks", many, lambda: top10(large)),
]
print(json.dumps(results))
