"""The rivals that live in Python, kept alive over a pipe so that their runs interleave with ours.

One JSON request a line on stdin, one JSON answer a line on stdout:
  {"load": path, "shape": [n, d]}                  float32 rows, raw
  {"time": method, "iterations": k} -> {"seconds": ...}
  {"rows": method, "indices": [...]} -> {"scores": base64 of float32}
Arguments: how many threads (OMP_NUM_THREADS too), and the task: "dense" (all scores), "cross" (of the rows with themselves in
reverse order, as another array) or "top-k" (of each row the TOP other rows, their scores, best first).
"""

import base64
import importlib
import json
import sys
import time

threads = int(sys.argv[1])
task = sys.argv[2]
TOP = 10


def optional(name):
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


numpy = optional("numpy")
torch = optional("torch")
pairwise = optional("sklearn.metrics.pairwise")
if torch:
    torch.set_num_threads(threads)

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


def without_self(scores):
    """A row is among its own best, or others equal to it are: one of the ones goes."""
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
    """Not an answer: the product alone, of rows that are not normalised, to compare with the time of nothing else."""
    return rows["numpy"] @ rows["other"].T


def sklearn_cross():
    return pairwise.cosine_similarity(rows["numpy"], rows["other"])


METHODS = {}
if task == "cross":
    if numpy:
        METHODS["NumPy x @ y.T alone"] = numpy_product
    if numpy and pairwise:
        METHODS["scikit-learn"] = sklearn_cross
elif task == "dense":
    if numpy:
        METHODS["NumPy formula"] = numpy_formula
    if numpy and torch:
        METHODS["PyTorch formula"] = pytorch_formula
    if numpy and pairwise:
        METHODS["scikit-learn"] = sklearn
else:
    faiss = optional("faiss")
    neighbors = optional("sklearn.neighbors")
    if numpy and faiss:
        faiss.omp_set_num_threads(threads)
        METHODS["FAISS IndexFlatIP"] = faiss_flat
    if numpy and neighbors:
        METHODS["scikit-learn NearestNeighbors"] = sklearn_neighbors


def answer(request):
    if "methods" in request:
        versions = {m.__name__: m.__version__ for m in (numpy, torch, optional("sklearn"), optional("faiss")) if m}
        return {"methods": list(METHODS), "versions": versions}
    if "load" in request:
        rows["numpy"] = numpy.fromfile(request["load"], dtype=numpy.float32).reshape(request["shape"])
        if torch:
            rows["torch"] = torch.from_numpy(rows["numpy"])
        if task == "cross":
            rows["other"] = numpy.ascontiguousarray(rows["numpy"][::-1])
        return {}
    if "time" in request:
        method = METHODS[request["time"]]
        start = time.perf_counter()
        for _ in range(request["iterations"]):
            method()
        return {"seconds": time.perf_counter() - start}
    scores = numpy.asarray(METHODS[request["rows"]]())[request["indices"]]
    return {"scores": base64.b64encode(scores.astype(numpy.float32).tobytes()).decode()}


for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)
