// What is taken out of rows before they are compared: their mean, their first principal directions, the spread of what is left.

import { describe, fail, refuse } from '../argument.js';

/** A Transform as JSON holds it. */
export interface TransformJson {
  readonly kind: 'allpairs-transform';
  readonly version: 1;
  readonly depth: number;
  readonly fittedRows: number;
  readonly mean: readonly number[];
  /** Orthonormal directions that are projected out, one after another. */
  readonly components: readonly number[];
  /** The lower triangle by which rows are whitened, row after row, and the elements that it is of. */
  readonly whitening?: { readonly elements: readonly number[]; readonly factor: readonly number[] };
}

/** Whitening by L of L Lᵀ, the covariance of the elements that are listed; the others depend on these. */
export interface Whitening {
  readonly elements: Uint32Array;
  /** Rows 0, 1, 2 ... of L up to their diagonal. */
  readonly factor: Float64Array;
}

const LEAST_SIZE = 2 ** -60;
/** What is left of a row by rounding, as a part of what it was. */
const DUST = 1e-12;

/**
 * A transformation of rows that `fitTransform` has fitted: pass it as option `transform` to any call, which then compares the transformed rows.
 *
 * A row of zeros stays one, since it stands for no information, and a row that is equal to the mean becomes one. The computation is in float64,
 * and each row is rounded to the call's `dtype` once.
 *
 * @example
 * const transform = await fitTransform(docs, { removeComponents: 2 });
 * const { indices } = await topK(queries, docs, { k: 10, transform });
 */
export class Transform {
  /** The largest element of the mean. */
  private readonly largest: number;

  /** @internal */
  constructor(
    /** Elements of a row. */
    readonly depth: number,
    /** The rows that it was fitted to: those that are neither zero nor, with `nonFinite: 'zero'`, not finite. */
    readonly fittedRows: number,
    private readonly mean: Float64Array,
    private readonly components: Float64Array,
    private readonly whitening: Whitening | undefined,
  ) {
    this.largest = largestOf(mean);
  }

  /** How many principal directions are removed. */
  get removeComponents(): number {
    return this.depth > 0 ? this.components.length / this.depth : 0;
  }

  /** Whether what is left has the same variance in every direction. */
  get whiten(): boolean {
    return this.whitening !== undefined;
  }

  /** With `whiten`, the number of directions that are left: those in which the fitted rows vary. Without, undefined. */
  get rank(): number | undefined {
    return this.whitening?.elements.length;
  }

  /**
   * Transforms `row`, `depth` long, in place. A row that is not finite stays as it is.
   *
   * @internal
   */
  apply(row: Float64Array, scratch: Float64Array): void {
    const { depth, mean, components, whitening } = this;
    const before = largestOf(row);
    if (!(before > 0 && before < Number.POSITIVE_INFINITY)) return;
    for (let k = 0; k < depth; k++) row[k] = (row[k] as number) - (mean[k] as number);
    for (let at = 0; at < components.length; at += 2 * depth) takeOut(components, at, row);
    let after = largestOf(row);
    if (after <= DUST * Math.max(before, this.largest)) {
      row.fill(0);
      return;
    }
    if (whitening) {
      whitenRow(row, whitening, scratch);
      after = largestOf(row);
    }
    scaleBy(row, after);
  }

  /** A plain object for `JSON.stringify`, every number in full. */
  toJSON(): TransformJson {
    const { depth, fittedRows, mean, components, whitening } = this;
    return {
      kind: 'allpairs-transform',
      version: 1,
      depth,
      fittedRows,
      mean: Array.from(mean),
      components: Array.from(components),
      ...(whitening && {
        whitening: { elements: Array.from(whitening.elements), factor: Array.from(whitening.factor) },
      }),
    };
  }

  /**
   * Returns the transform that `toJSON` wrote.
   *
   * @param json what `JSON.parse` read
   * @throws {ArgumentError} where it is no transform, or a damaged one
   * @example const transform = Transform.fromJSON(JSON.parse(await readFile('transform.json', 'utf8')));
   */
  static fromJSON(json: TransformJson): Transform {
    if (typeof json !== 'object' || json === null || json.kind !== 'allpairs-transform') {
      fail('json', "a transform, with kind 'allpairs-transform'", describe(json));
    }
    if (json.version !== 1) fail('json.version', '1, the version that this release reads', describe(json.version));
    const { depth, fittedRows, whitening } = json;
    for (const [name, value] of Object.entries({ depth, fittedRows })) {
      if (!Number.isSafeInteger(value) || value < 0) fail(`json.${name}`, 'a whole number', describe(value));
    }
    const mean = numbers('json.mean', json.mean, depth);
    const components = numbers('json.components', json.components);
    if (depth > 0 ? components.length % depth !== 0 : components.length > 0) {
      fail('json.components', `a multiple of ${depth} numbers`, `${components.length}`);
    }
    if (whitening === undefined) return new Transform(depth, fittedRows, mean, components, undefined);
    const given = numbers('json.whitening.elements', whitening?.elements);
    const elements = Uint32Array.from(given);
    if (given.length > depth || given.some((value, at) => value !== elements[at] || value >= depth)) {
      refuse('json.whitening.elements', `\`json.whitening.elements\` does not number elements of rows of ${depth}`);
    }
    const rank = elements.length;
    const factor = numbers('json.whitening.factor', whitening.factor, (rank * (rank + 1)) / 2);
    for (let row = 0; row < rank; row++) {
      if (!((factor[(row * (row + 3)) / 2] as number) > 0)) {
        refuse('json.whitening.factor', '`json.whitening.factor` has a diagonal that is not positive');
      }
    }
    return new Transform(depth, fittedRows, mean, components, { elements, factor });
  }
}

function numbers(argument: string, list: unknown, length?: number): Float64Array {
  if (!Array.isArray(list)) fail(argument, 'a list of numbers', describe(list));
  const bad = list.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) fail(argument, 'finite numbers', `${describe(list[bad])} at index ${bad}`);
  if (length !== undefined && list.length !== length) fail(argument, `${length} numbers`, `${list.length}`);
  return Float64Array.from(list as number[]);
}

/** Projects out the direction of `components` at `at`, and the one after it: two together take little longer than one. */
function takeOut(components: Float64Array, at: number, row: Float64Array): void {
  const depth = row.length;
  const next = at + depth;
  if (next === components.length) {
    const part = dot(components, at, row, depth);
    for (let k = 0; k < depth; k++) row[k] = (row[k] as number) - part * (components[at + k] as number);
    return;
  }
  let a0 = 0;
  let a1 = 0;
  let b0 = 0;
  let b1 = 0;
  let k = 0;
  for (; k + 1 < depth; k += 2) {
    const first = row[k] as number;
    const second = row[k + 1] as number;
    a0 += first * (components[at + k] as number);
    a1 += second * (components[at + k + 1] as number);
    b0 += first * (components[next + k] as number);
    b1 += second * (components[next + k + 1] as number);
  }
  if (k < depth) {
    a0 += (row[k] as number) * (components[at + k] as number);
    b0 += (row[k] as number) * (components[next + k] as number);
  }
  const a = a0 + a1;
  const b = b0 + b1;
  for (k = 0; k < depth; k++) {
    row[k] = (row[k] as number) - (a * (components[at + k] as number) + b * (components[next + k] as number));
  }
}

/** Solves L y = the listed elements: y takes the first places of the row, zeros the rest. */
function whitenRow(row: Float64Array, { elements, factor }: Whitening, scratch: Float64Array): void {
  const rank = elements.length;
  let at = 0;
  for (let i = 0; i < rank; i++) {
    const rest = (row[elements[i] as number] as number) - dot(factor, at, scratch, i);
    at += i + 1;
    scratch[i] = rest / (factor[at - 1] as number);
  }
  row.fill(0);
  row.set(scratch.subarray(0, rank));
}

/** Four sums at a time: one would wait for its last addition each time. */
function dot(a: Float64Array, from: number, b: Float64Array, length: number): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let k = 0;
  for (; k + 3 < length; k += 4) {
    s0 += (a[from + k] as number) * (b[k] as number);
    s1 += (a[from + k + 1] as number) * (b[k + 1] as number);
    s2 += (a[from + k + 2] as number) * (b[k + 2] as number);
    s3 += (a[from + k + 3] as number) * (b[k + 3] as number);
  }
  for (; k < length; k++) s0 += (a[from + k] as number) * (b[k] as number);
  return s0 + s1 + (s2 + s3);
}

/** NaN or infinity where the row has one. */
function largestOf(row: Float64Array): number {
  let largest = 0;
  for (let k = 0; k < row.length; k++) largest = Math.max(largest, Math.abs(row[k] as number));
  return largest;
}

/** Brings rows whose largest element, `largest`, is far from 1 near it, where neither float32 overflows nor digits are lost. */
function scaleBy(row: Float64Array, largest: number): void {
  if (largest >= LEAST_SIZE && largest <= 1 / LEAST_SIZE) return;
  const exponent = Math.max(-1000, Math.min(1000, Math.floor(Math.log2(largest))));
  const factor = 2 ** -exponent;
  for (let k = 0; k < row.length; k++) row[k] = (row[k] as number) * factor;
}
