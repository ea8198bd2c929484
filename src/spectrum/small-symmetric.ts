// Eigenvectors of a small symmetric matrix by Jacobi rotations, which are as accurate as the input.

const MAX_SWEEPS = 60;

/** Returns the eigenvalues, largest first, with the eigenvector of each as a row. */
export function diagonalise(matrix: Float64Array, size: number): { values: Float64Array; vectors: Float64Array } {
  const a = matrix.slice();
  const v = new Float64Array(size * size);
  for (let i = 0; i < size; i++) v[i * size + i] = 1;
  const at = (row: number, col: number) => a[row * size + col] as number;
  for (let sweep = 0; sweep < MAX_SWEEPS; sweep++) {
    let off = 0;
    let whole = 0;
    for (let i = 0; i < size; i++) for (let j = 0; j < size; j++) if (i !== j) off += at(i, j) ** 2;
    for (let i = 0; i < size; i++) whole += at(i, i) ** 2;
    if (off <= 1e-32 * whole) break;
    for (let p = 0; p < size; p++) {
      for (let q = p + 1; q < size; q++) {
        const apq = at(p, q);
        if (apq === 0) continue;
        const theta = (at(q, q) - at(p, p)) / (2 * apq);
        const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.hypot(theta, 1));
        const c = 1 / Math.hypot(t, 1);
        rotateColumns(a, size, p, q, c, t * c);
        rotateRows(a, size, p, q, c, t * c);
        rotateRows(v, size, p, q, c, t * c);
      }
    }
  }
  const order = Array.from({ length: size }, (_, i) => i).sort((i, j) => at(j, j) - at(i, i) || i - j);
  const values = Float64Array.from(order, (i) => at(i, i));
  const vectors = new Float64Array(size * size);
  for (const [to, i] of order.entries()) vectors.set(v.subarray(i * size, (i + 1) * size), to * size);
  return { values, vectors };
}

function rotateRows(m: Float64Array, size: number, p: number, q: number, c: number, s: number): void {
  for (let k = 0; k < size; k++) {
    const [x, y] = [m[p * size + k] as number, m[q * size + k] as number];
    m[p * size + k] = c * x - s * y;
    m[q * size + k] = s * x + c * y;
  }
}

function rotateColumns(m: Float64Array, size: number, p: number, q: number, c: number, s: number): void {
  for (let k = 0; k < size; k++) {
    const [x, y] = [m[k * size + p] as number, m[k * size + q] as number];
    m[k * size + p] = c * x - s * y;
    m[k * size + q] = s * x + c * y;
  }
}
