// The methods that the original idea was compared with, in plain TypeScript. Used only by tests and benchmarks, to show what the usual
// methods return and how long they take in the same language.

/** N rows of D elements in one array. */
export interface RowBlock {
  readonly data: Float32Array | Float64Array;
  readonly shape: readonly [rows: number, depth: number];
}

type Scores = Float32Array | Float64Array;

/** Returns the element type of the input, as the libraries do. */
function zeros({ data }: RowBlock, length: number): Scores {
  return data instanceof Float32Array ? new Float32Array(length) : new Float64Array(length);
}

/** One dot product and two norms per pair, like loops around the cosine of SciPy, NumPy or PyTorch. */
export function perPairLoop(x: RowBlock): Scores {
  const { data } = x;
  const [rows, depth] = x.shape;
  const result = zeros(x, rows * rows);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < rows; j++) {
      let dot = 0;
      let squaresI = 0;
      let squaresJ = 0;
      for (let k = 0; k < depth; k++) {
        const a = data[i * depth + k] as number;
        const b = data[j * depth + k] as number;
        dot += a * b;
        squaresI += a * a;
        squaresJ += b * b;
      }
      const cosine = dot / (Math.sqrt(squaresI) * Math.sqrt(squaresJ));
      result[i * rows + j] = Number.isNaN(cosine) ? 0 : cosine;
    }
  }
  return result;
}

/**
 * The matrix formula written literally, like the NumPy and PyTorch versions: Gram matrix, square root of its diagonal, outer product of
 * the norms, quotient, NaN to zero. Each step rounds to the element type, as in those libraries.
 */
export function matrixFormula(x: RowBlock): Scores {
  const [rows] = x.shape;
  const gram = gramMatrix(x);
  const norms = zeros(x, rows);
  for (let i = 0; i < rows; i++) norms[i] = Math.sqrt(gram[i * rows + i] as number);
  const outer = zeros(x, rows * rows);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < rows; j++) outer[i * rows + j] = (norms[i] as number) * (norms[j] as number);
  }
  const result = zeros(x, rows * rows);
  for (let at = 0; at < result.length; at++) {
    result[at] = (gram[at] as number) / (outer[at] as number);
    if (Number.isNaN(result[at])) result[at] = 0;
  }
  return result;
}

/** Unit rows and one matrix product, as in scikit-learn. */
export function normaliseThenMultiply(x: RowBlock): Scores {
  const { data } = x;
  const [rows, depth] = x.shape;
  const unit = zeros(x, rows * depth);
  for (let i = 0; i < rows; i++) {
    let squares = 0;
    for (let k = 0; k < depth; k++) squares += (data[i * depth + k] as number) ** 2;
    const norm = Math.sqrt(squares) || 1;
    for (let k = 0; k < depth; k++) unit[i * depth + k] = (data[i * depth + k] as number) / norm;
  }
  return gramMatrix({ data: unit, shape: x.shape });
}

function gramMatrix(x: RowBlock): Scores {
  const { data } = x;
  const [rows, depth] = x.shape;
  const gram = zeros(x, rows * rows);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < rows; j++) {
      let dot = 0;
      for (let k = 0; k < depth; k++) dot += (data[i * depth + k] as number) * (data[j * depth + k] as number);
      gram[i * rows + j] = dot;
    }
  }
  return gram;
}
