import type { RowSource } from './row-source.js';

/** The first NaN or infinity in rows [from, to), or undefined. */
export function findNonFinite(
  source: RowSource,
  from: number,
  to: number,
): { row: number; col: number; value: number } | undefined {
  const { depth } = source;
  const length = (to - from) * depth;
  const values = source.staged === 'float32' ? new Float32Array(length) : new Float64Array(length);
  source.copyRows(from, to, values, 0);
  const at = values.findIndex((value) => !Number.isFinite(value));
  if (at < 0) return undefined;
  return { row: from + Math.floor(at / depth), col: at % depth, value: values[at] as number };
}
