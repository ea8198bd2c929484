"""Runs the Python rivals in one process, driven over a pipe so that their runs interleave with ours.

Reads one JSON request per line on stdin and writes one JSON answer per line to stdout:
  {"load": path, "shape": [n, d]}                  float32 rows, raw
  {"time": method, "iterations": k} -> {"seconds": ...}
  {"fresh": method, "calls": k, "warmUp": w} -> {"firstSeconds": ..., "seconds": ..., "warmSeconds": ...}     one call, the mean of
      k more, and after w more the mean of another w
  {"rows": method, "indices": [...]} -> {"scores": base64 of float32}
  {"peak": true} -> {"bytes": ...}                 the peak resident size of this process so far
Arguments: the number of threads (also in OMP_NUM_THREADS); the task: "original" (all scores, with loops and formulas), "dense" (all
scores), "cross" (the rows against themselves in reverse order, as another array) or "top-k" (the scores of the TOP other rows of each
row, best first); and, to measure the memory of one method, the name of the only method to import.
"""

import base64
import importlib
import json
import resource
import sys
import time

threads = int(sys.argv[1])
task = sys.argv[2]
only = sys.argv[3] if len(sys.argv) > 3 else None
TOP = 10

rows = {}


def pytorch_formula():
    x = rows["torch"]
    gram = x @ x.T
    norms = torch.sqrt(torch.diag(gram))
    return torch.nan_to_num(gram / torch.outer(norms, norms))


def numpy_formula():
    x = rows["numpy"]
    gram = x @ x.T
    norms = numpy.sqrt(numpy.diag(gram))
    return numpy.nan_to_num(gram / numpy.outer(norms, norms))


def sklearn():
    return pairwise.cosine_similarity(rows["numpy"])


# The loops: each covers all pairs and creates a new output in every run, like the formulas.


def scipy_loop():
    x = rows["numpy"]
    n = len(x)
    out = numpy.zeros((n, n), dtype=x.dtype)
    for i in range(n):
        for j in range(n):
            # SciPy returns the distance; the similarity is 1 minus it.
            out[i, j] = 1 - distance.cosine(x[i], x[j])
    return out


def numpy_loop():
    x = rows["numpy"]
    n = len(x)
    out = numpy.zeros((n, n), dtype=x.dtype)
    for i in range(n):
        for j in range(n):
            out[i, j] = numpy.dot(x[i], x[j]) / (numpy.linalg.norm(x[i]) * numpy.linalg.norm(x[j]))
    return out


def torch_loop():
    x = rows["torch"]
    n = len(x)
    out = torch.zeros((n, n), dtype=x.dtype)
    for i in range(n):
        for j in range(n):
            out[i, j] = torch.nn.functional.cosine_similarity(x[i], x[j], dim=0)
    return out


def without_self(scores):
    """Removes one score of 1 from each row: a row is among its own best, or rows equal to it are."""
    return scores[:, 1:]


def faiss_flat():
    x = rows["numpy"].copy()
    faiss.normalize_L2(x)
    index = faiss.IndexFlatIP(x.shape[1])
    index.add(x)
    scores, _ = index.search(x, TOP + 1)
    return without_self(scores)


def sklearn_neighbors():
    x = rows["numpy"]
    found = neighbors.NearestNeighbors(n_neighbors=TOP + 1, metric="cosine", algorithm="brute", n_jobs=threads).fit(x)
    distances, _ = found.kneighbors(x)
    return without_self(1 - distances)


def numpy_product():
    """Not an answer: only the product of rows that are not normalised, as a lower bound of the time."""
    return rows["numpy"] @ rows["other"].T


def sklearn_cross():
    return pairwise.cosine_similarity(rows["numpy"], rows["other"])


MODULES = {
    "numpy": "numpy",
    "torch": "torch",
    "pairwise": "sklearn.metrics.pairwise",
    "neighbors": "sklearn.neighbors",
    "distance": "scipy.spatial.distance",
    "faiss": "faiss",
}
FORMULAS = {
    "scikit-learn": (sklearn, "pairwise"),
    "PyTorch formula": (pytorch_formula, "torch"),
    "NumPy formula": (numpy_formula, "numpy"),
}
TASKS = {
    "original": {
        "SciPy loop": (scipy_loop, "distance"),
        "NumPy loop": (numpy_loop, "numpy"),
        "PyTorch loop": (torch_loop, "torch"),
        **FORMULAS,
    },
    "dense": FORMULAS,
    "cross": {"NumPy x @ y.T alone": (numpy_product, "numpy"), "scikit-learn": (sklearn_cross, "pairwise")},
    "top-k": {
        "FAISS IndexFlatIP": (faiss_flat, "faiss"),
        "scikit-learn NearestNeighbors": (sklearn_neighbors, "neighbors"),
    },
}

METHODS = {}
missing = {}
versions = {}
for method, (function, module) in TASKS[task].items():
    if only and method != only:
        continue
    try:
        for name in ("numpy", module):
            globals()[name] = importlib.import_module(MODULES[name])
            package = MODULES[name].split(".")[0]
            versions[package] = importlib.import_module(package).__version__
        METHODS[method] = function
    except ImportError as error:
        missing[method] = str(error)
if "torch" in globals():
    torch.set_num_threads(threads)
if "faiss" in globals():
    faiss.omp_set_num_threads(threads)


def peak_bytes():
    """On Linux, ru_maxrss includes the memory of the parent before exec, and VmHWM does not."""
    try:
        with open("/proc/self/status") as status:
            return 1024 * next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
    except OSError:
        unit = 1 if sys.platform == "darwin" else 1024
        return unit * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def answer(request):
    if "methods" in request:
        return {"methods": list(METHODS), "missing": missing, "versions": versions}
    if "load" in request:
        rows["numpy"] = numpy.fromfile(request["load"], dtype=numpy.float32).reshape(request["shape"])
        if "torch" in globals():
            rows["torch"] = torch.from_numpy(rows["numpy"])
        if task == "cross":
            rows["other"] = numpy.ascontiguousarray(rows["numpy"][::-1])
        return {}
    if "peak" in request:
        return {"bytes": peak_bytes()}
    if "time" in request:
        method = METHODS[request["time"]]
        start = time.perf_counter()
        for _ in range(request["iterations"]):
            method()
        return {"seconds": time.perf_counter() - start}
    if "fresh" in request:
        method = METHODS[request["fresh"]]
        start = time.perf_counter()
        method()
        first = time.perf_counter() - start
        start = time.perf_counter()
        for _ in range(request["calls"]):
            method()
        seconds = (time.perf_counter() - start) / request["calls"]
        for _ in range(request["warmUp"]):
            method()
        start = time.perf_counter()
        for _ in range(request["warmUp"]):
            method()
        warm = (time.perf_counter() - start) / request["warmUp"]
        return {"firstSeconds": first, "seconds": seconds, "warmSeconds": warm}
    scores = numpy.asarray(METHODS[request["rows"]]())[request["indices"]]
    return {"scores": base64.b64encode(scores.astype(numpy.float32).tobytes()).decode()}


for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)
