// Computes all eigenvalues of a symmetric matrix without its eigenvectors: Householder reflections and implicit QL steps, like tred2
// and tql2 of EISPACK. A library would compute the eigenvectors too, which takes ten times as long.

import type { Steps } from '../engine/turns.js';

const MAX_ROUNDS = 60;

/** Returns the eigenvalues, largest first. Reads only the lower triangle of `matrix`, and overwrites it. */
export function* eigenvaluesOf(matrix: Float64Array, size: number): Steps<Float64Array> {
  const diagonal = new Float64Array(size);
  const beside = new Float64Array(size);
  const vector = new Float64Array(size);
  const product = new Float64Array(size);
  for (let last = size - 1; last > 0; last--) {
    beside[last - 1] = reflect(matrix, size, last, vector, product);
    diagonal[last] = matrix[last * size + last] as number;
    yield;
  }
  if (size > 0) diagonal[0] = matrix[0] as number;
  iterate(diagonal, beside);
  return diagonal.sort().reverse();
}

/** Zeroes row `last` of the matrix except for its last two elements, and returns the one next to the diagonal. */
function reflect(a: Float64Array, size: number, last: number, v: Float64Array, p: Float64Array): number {
  const row = last * size;
  let scale = 0;
  for (let k = 0; k < last; k++) scale = Math.max(scale, Math.abs(a[row + k] as number));
  if (scale === 0 || last === 1) return a[row + last - 1] as number;
  let squares = 0;
  for (let k = 0; k < last; k++) {
    const value = (a[row + k] as number) / scale;
    v[k] = value;
    squares += value * value;
  }
  const end = v[last - 1] as number;
  const length = end >= 0 ? -Math.sqrt(squares) : Math.sqrt(squares);
  v[last - 1] = end - length;
  const half = squares - end * length;
  multiply(a, size, last, v, p);
  let along = 0;
  for (let k = 0; k < last; k++) {
    p[k] = (p[k] as number) / half;
    along += (p[k] as number) * (v[k] as number);
  }
  const part = along / (2 * half);
  for (let k = 0; k < last; k++) p[k] = (p[k] as number) - part * (v[k] as number);
  for (let i = 0; i < last; i += 2) subtract(a, size, i, last, v, p);
  return scale * length;
}

/** Subtracts v pᵀ + p vᵀ from row i and the next one, up to their diagonals. */
function subtract(a: Float64Array, size: number, i: number, count: number, v: Float64Array, p: Float64Array): void {
  const first = i * size;
  const second = first + size;
  const v0 = v[i] as number;
  const p0 = p[i] as number;
  if (i + 1 < count) {
    const v1 = v[i + 1] as number;
    const p1 = p[i + 1] as number;
    for (let j = 0; j <= i; j++) {
      const vj = v[j] as number;
      const pj = p[j] as number;
      a[first + j] = (a[first + j] as number) - v0 * pj - p0 * vj;
      a[second + j] = (a[second + j] as number) - v1 * pj - p1 * vj;
    }
    a[second + i + 1] = (a[second + i + 1] as number) - 2 * v1 * p1;
    return;
  }
  for (let j = 0; j <= i; j++) a[first + j] = (a[first + j] as number) - v0 * (p[j] as number) - p0 * (v[j] as number);
}

/** Sets p to the product of the leading `count` rows and columns of the symmetric matrix a with v, two rows at a time. */
function multiply(a: Float64Array, size: number, count: number, v: Float64Array, p: Float64Array): void {
  p.fill(0, 0, count);
  for (let i = 0; i < count; i += 2) {
    const first = i * size;
    const v0 = v[i] as number;
    let s0 = 0;
    if (i + 1 === count) {
      for (let j = 0; j < i; j++) {
        const a0 = a[first + j] as number;
        s0 += a0 * (v[j] as number);
        p[j] = (p[j] as number) + a0 * v0;
      }
      p[i] = (p[i] as number) + s0 + (a[first + i] as number) * v0;
      return;
    }
    const second = first + size;
    const v1 = v[i + 1] as number;
    let s1 = 0;
    for (let j = 0; j < i; j++) {
      const a0 = a[first + j] as number;
      const a1 = a[second + j] as number;
      const vj = v[j] as number;
      s0 += a0 * vj;
      s1 += a1 * vj;
      p[j] = (p[j] as number) + a0 * v0 + a1 * v1;
    }
    const between = a[second + i] as number;
    p[i] = (p[i] as number) + s0 + (a[first + i] as number) * v0 + between * v1;
    p[i + 1] = (p[i + 1] as number) + s1 + between * v0 + (a[second + i + 1] as number) * v1;
  }
}

/** Implicit QL steps: replaces `d` by the eigenvalues of the tridiagonal matrix with diagonal `d` and off-diagonal `e`. */
function iterate(d: Float64Array, e: Float64Array): void {
  const size = d.length;
  for (let first = 0; first < size; first++) {
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const last = endOfBlock(d, e, first);
      if (last === first) break;
      step(d, e, first, last);
    }
  }
}

/** Returns the row at which the block that begins at `first` splits off. */
function endOfBlock(d: Float64Array, e: Float64Array, first: number): number {
  let last = first;
  for (; last < d.length - 1; last++) {
    const around = Math.abs(d[last] as number) + Math.abs(d[last + 1] as number);
    if (Math.abs(e[last] as number) <= Number.EPSILON * around) break;
  }
  return last;
}

function step(d: Float64Array, e: Float64Array, first: number, last: number): void {
  const d0 = d[first] as number;
  const e0 = e[first] as number;
  const ratio = ((d[first + 1] as number) - d0) / (2 * e0);
  const root = Math.hypot(ratio, 1);
  let g = (d[last] as number) - d0 + e0 / (ratio + (ratio >= 0 ? root : -root));
  let sine = 1;
  let cosine = 1;
  let shift = 0;
  for (let i = last - 1; i >= first; i--) {
    const f = sine * (e[i] as number);
    const b = cosine * (e[i] as number);
    const length = Math.hypot(f, g);
    e[i + 1] = length;
    if (length === 0) {
      d[i + 1] = (d[i + 1] as number) - shift;
      e[last] = 0;
      return;
    }
    sine = f / length;
    cosine = g / length;
    g = (d[i + 1] as number) - shift;
    const r = ((d[i] as number) - g) * sine + 2 * cosine * b;
    shift = sine * r;
    d[i + 1] = g + shift;
    g = cosine * r - b;
  }
  d[first] = (d[first] as number) - shift;
  e[first] = g;
  e[last] = 0;
}
