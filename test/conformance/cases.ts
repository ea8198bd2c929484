// The single table of cases that every backend, dtype and thread count runs (numeric contract in docs/architecture.md). Sizes are
// derived from each backend's panels, tiles and depth blocks.

import type { DType, Rows } from 'allpairs';
import type { Backend } from '#src/backends/backend.js';
import { randomRows, randomSource } from '../random.js';

export interface Case {
  readonly name: string;
  readonly x: Rows;
  readonly y?: Rows;
  /** Float32 cannot represent the rows. */
  readonly float64Only?: boolean;
}

/** The steps of a backend's kernels for one dtype. */
export interface Steps {
  /** Rows packed side by side. */
  readonly panel: number;
  /** Tiles begin at multiples of this. */
  readonly tileStep: number;
  /** Rows of the largest tile for short rows. */
  readonly tile: number;
  /** Products added before a sum restarts; Infinity if it never does. */
  readonly depthBlock: number;
}

export function stepsOf(backend: Backend, dtype: DType): Steps {
  return {
    panel: backend.panelRows(dtype),
    tileStep: backend.tileStep(dtype),
    tile: backend.tileRows(dtype, SHORT),
    depthBlock: backend.depthBlock,
  };
}

/** Elements per row in cases about the number of rows. */
const SHORT = 19;

/** Every case for a dtype: sizes around the backend's steps, one dimension at a time, and cases that all backends share. */
export function casesOf(dtype: DType, steps: Steps): readonly Case[] {
  return [...sizesAround(steps), ...SHARED.filter(({ float64Only }) => dtype === 'float64' || !float64Only)];
}

/** Up to nine rows, for micro-kernels of 3, 4 or 8 rows. */
const FEW_ROWS = [0, 1, 2, 3, 4, 5, 7, 8, 9];
const FEW_ELEMENTS = [0, 1, 2, 3, 4, 5, 7, 64];
/** Cases that do not depend on a backend. */
const CROSS: readonly Cross[] = [
  [0, 5, 3],
  [5, 0, 3],
  [1, 1, 1],
  [1, 300, 17],
  [300, 1, 17],
  [13, 7, 64],
  [97, 150, 33],
  [12, 24, 0],
];
type Cross = readonly [rows: number, cols: number, depth: number];

/** Backends with the same steps share cases, so that what a test derives from the rows can be kept for them. */
const known = new Map<string, Case>();

function sizedCase(name: string, rows: () => Pick<Case, 'x' | 'y'>): Case {
  const sized = known.get(name) ?? { name, ...rows() };
  known.set(name, sized);
  return sized;
}

function sizesAround({ panel, tileStep, tile, depthBlock }: Steps): Case[] {
  const rows = sizes([...FEW_ROWS, ...around(panel), 2 * panel + 1, ...around(tileStep), ...around(tile)]);
  const depths = sizes([...FEW_ELEMENTS, ...around(depthBlock), 2 * depthBlock + 1]);
  const cross: readonly Cross[] = [
    ...CROSS,
    [panel + 1, tile + 1, 8],
    [tile + 1, panel - 1, 8],
    [2 * panel + 1, 3 * panel - 1, Number.isFinite(depthBlock) ? depthBlock + 1 : 257],
  ];
  return [
    ...rows.map((count) => sizedCase(`${count} x ${SHORT}`, () => ({ x: randomRows(count, SHORT, count + 1) }))),
    ...depths.map((depth) => sizedCase(`29 x ${depth}`, () => ({ x: randomRows(29, depth, depth + 1) }))),
    ...cross.map(([count, cols, depth]) =>
      sizedCase(`${count} x ${depth} against ${cols} x ${depth}`, () => ({
        x: randomRows(count, depth, 5),
        y: randomRows(cols, depth, 6),
      })),
    ),
    sizedCase(`${2 * tile + 8} x 5, more than two tiles`, () => ({ x: randomRows(2 * tile + 8, 5, 7) })),
  ];
}

function around(size: number): number[] {
  return [size - 1, size, size + 1];
}

/** Each finite size once, in order. */
function sizes(wanted: readonly number[]): number[] {
  return [...new Set(wanted)].filter(Number.isFinite).sort((a, b) => a - b);
}

const SHARED: readonly Case[] = [
  { name: 'long rows of either sign', x: randomRows(5, 65536, 8) },
  { name: 'long positive rows', x: positiveRows(5, 65536) },
  { name: 'zero rows', x: withZeroRows() },
  { name: 'only zero rows', x: { data: new Float32Array(14 * 9), shape: [14, 9] } },
  { name: 'equal, opposite and scaled rows', x: parallelRows() },
  { name: 'rows that are opposite to all others', x: oppositeRows() },
  { name: 'rows as separate arrays', x: separate(randomRows(30, 21, 9)) },
  { name: 'rows as plain numbers', x: separate(randomRows(30, 21, 10)).map((row) => Array.from(row)) },
  { name: 'bytes', x: { data: Uint8Array.from({ length: 40 * 64 }, (_, i) => (i * i) % 17), shape: [40, 64] } },
  { name: 'large integers', x: { data: Int32Array.from({ length: 20 * 9 }, (_, i) => i * i * 65537), shape: [20, 9] } },
  { name: 'an offset into a larger buffer', x: { data: randomRows(31, 21, 11).data.subarray(21), dims: [30, 21] } },
  { name: 'columns first', x: { data: randomRows(30, 21, 12).data, shape: [21, 30], stride: [1, 21] } },
  { name: 'rows backwards', x: { data: randomRows(30, 21, 13).data, shape: [30, 21], stride: [-21, 1], offset: 29 * 21 } },
  { name: 'float64 rows', x: { data: Float64Array.from(randomRows(40, 70, 14).data, (v) => v / 3), shape: [40, 70] } },
  { name: 'float32 rows of every size', x: extremeRows(Float32Array, [2 ** -149, 1e-42, 1e-38, 1e-20, 1, 1e18, 1e25, 3e38]) },
  {
    name: 'float64 rows of every size',
    x: extremeRows(Float64Array, [5e-324, 1e-310, 1e-300, 1e-160, 1, 1e150, 1e200, 1.7e308]),
    float64Only: true,
  },
];

function positiveRows(rows: number, depth: number): Rows {
  const random = randomSource(20);
  return { data: Float32Array.from({ length: rows * depth }, random), shape: [rows, depth] };
}

function withZeroRows(): Rows {
  const rows = randomRows(50, 33, 21);
  for (const zero of [0, 7, 8, 31, 49]) rows.data.fill(zero % 2 ? 0 : -0, zero * 33, (zero + 1) * 33);
  return rows;
}

/** Three directions, each unchanged, negated, and scaled by powers of two. */
function parallelRows(): Rows {
  const { data } = randomRows(3, 77, 22);
  const factors = [1, -1, 2 ** 20, -(2 ** -20), 1, 2 ** 100];
  return factors.flatMap((factor) => [0, 1, 2].map((row) => data.slice(row * 77, (row + 1) * 77).map((v) => v * factor)));
}

/** One row against many opposite ones: all scores are -1, and rounding would put some below. */
function oppositeRows(): Rows {
  const { data } = randomRows(1, 7, 24);
  return [data, ...Array.from({ length: 15 }, (_, i) => data.map((value) => -value * (i + 3)))];
}

function separate({ data, shape }: { data: Float32Array; shape: [number, number] }): Float32Array[] {
  const [rows, depth] = shape;
  return Array.from({ length: rows }, (_, i) => data.subarray(i * depth, (i + 1) * depth));
}

/** Small integers, which even subnormal rows hold exactly, times each size that keeps them finite. */
function extremeRows(array: { from(values: number[]): Float32Array | Float64Array }, sizes: number[]): Rows {
  const random = randomSource(23);
  return sizes.flatMap((size) => {
    const largest = size > 1 ? 1 : 9;
    return Array.from({ length: 3 }, () =>
      array.from(Array.from({ length: 13 }, () => Math.round((random() - 0.5) * 2 * largest) * size)),
    );
  });
}
