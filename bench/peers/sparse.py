"""Generates company-like names as TF-IDF rows of letter trigrams, and answers the questions of sparse.ts with SciPy.

    sparse.py make FOLDER NAMES       writes indptr, indices (int32), data (float64) and shape to FOLDER
    sparse.py topk FOLDER SHAPE       the ten nearest of each row: the product of 2,000 rows with all, then argpartition in each row
    sparse.py pairs FOLDER SHAPE THRESHOLD    all pairs at or above it: the same products, then a comparison

Prints one line of JSON: seconds, seconds of CPU time, and the number of results.
"""

import json
import random
import sys
import time

import numpy
import scipy.sparse

TOP = 10
BLOCK = 2000
SYLLABLES = "ba be bo ca co da de do el en er fa fo ga go ha in ka ki la le li lo ma me mi mo na ne no or pa pe po ra re ri ro sa se si so sta ta te ti to tra va ve vi vo wa we xi ya zo".split()
FORMS = "inc ltd llc gmbh corp co group holdings international services solutions partners sa ag plc".split()
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def company_names(count):
    """Words by Zipf's law; a quarter of the names are repeated with one or two typing errors."""
    chance = random.Random(7)
    words = ["".join(chance.choice(SYLLABLES) for _ in range(chance.randint(2, 4))) for _ in range(max(2000, count // 4))]
    weights = numpy.cumsum(1 / numpy.arange(1, len(words) + 1) ** 0.9)
    names = []
    while len(names) < count:
        chosen = [words[int(numpy.searchsorted(weights, chance.random() * weights[-1]))] for _ in range(chance.randint(1, 3))]
        names.append(" ".join([*chosen, chance.choice(FORMS)]))
        if chance.random() < 0.25:
            letters = list(names[-1])
            for _ in range(chance.randint(1, 2)):
                at, letter = chance.randrange(len(letters)), chance.choice(LETTERS)
                letters[at : at + chance.randint(0, 1)] = chance.choice([[letter], []])
            names.append("".join(letters))
    return names[:count]


def make(folder, count):
    from sklearn.feature_extraction.text import TfidfVectorizer

    x = TfidfVectorizer(analyzer="char", ngram_range=(3, 3)).fit_transform(company_names(count)).tocsr()
    x.indptr.astype(numpy.int32).tofile(f"{folder}/indptr")
    x.indices.astype(numpy.int32).tofile(f"{folder}/indices")
    x.data.astype(numpy.float64).tofile(f"{folder}/data")
    return x.shape


def load(folder, shape):
    parts = [numpy.fromfile(f"{folder}/{name}", dtype) for name, dtype in (("data", numpy.float64), ("indices", numpy.int32), ("indptr", numpy.int32))]
    return scipy.sparse.csr_matrix(tuple(parts), shape=shape)


def top(x):
    turned = x.T.tocsr()
    found = []
    for start in range(0, x.shape[0], BLOCK):
        product = (x[start : start + BLOCK] @ turned).tocsr()
        for row in range(product.shape[0]):
            begin, end = product.indptr[row], product.indptr[row + 1]
            scores = product.data[begin:end]
            best = numpy.argpartition(-scores, TOP)[: TOP + 1] if end - begin > TOP + 1 else numpy.arange(end - begin)
            found.append(product.indices[begin + best[numpy.argsort(-scores[best])]])
    return len(found)


def pairs(x, threshold):
    turned = x.T.tocsr()
    count = 0
    for start in range(0, x.shape[0], BLOCK):
        product = (x[start : start + BLOCK] @ turned).tocoo()
        count += int(((product.data >= threshold) & (product.row + start < product.col)).sum())
    return count


task, folder = sys.argv[1:3]
if task == "make":
    print(json.dumps({"shape": make(folder, int(sys.argv[3]))}))
else:
    rows = load(folder, json.loads(sys.argv[3]))
    start, cpu = time.perf_counter(), time.process_time()
    found = top(rows) if task == "topk" else pairs(rows, float(sys.argv[4]))
    print(json.dumps({"seconds": time.perf_counter() - start, "cpu": time.process_time() - cpu, "found": found}))
