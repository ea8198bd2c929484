// The layout of rows in one array: shape, strides, offset and order, in the terms of NumPy, @stdlib, ndarray and tensor libraries.

import { describe, describeShape, fail, refuse } from './argument.js';
import type { ShapedRows } from './types.js';

/** Element (i, k) is at `offset + i * rowStride + k * elementStride`. */
export interface Layout {
  readonly rows: number;
  readonly depth: number;
  readonly offset: number;
  readonly rowStride: number;
  readonly elementStride: number;
  /** True for a shape with one dimension: a vector. */
  readonly lone: boolean;
}

type Order = 'row-major' | 'column-major';

/** Returns the layout of `value`, whose array has `length` elements of `elementBytes` bytes. */
export function checkLayout(argument: string, value: ShapedRows, length: number, elementBytes: number): Layout {
  const shape = checkShape(argument, value);
  const strides = checkStrides(argument, value, shape);
  const order = checkOrder(argument, value, strides);
  const kept = keptDimensions(argument, shape);
  const at = (list: readonly number[], axis: number, fallback: number) => list[kept[axis] as number] ?? fallback;
  const lone = kept.length === 1;
  const rows = lone ? 1 : at(shape, 0, 1);
  const depth = at(shape, lone ? 0 : 1, 1);
  const [rowStride, elementStride] = strides
    ? [lone ? depth : at(strides, 0, 1), at(strides, lone ? 0 : 1, 1)]
    : order === 'column-major' && !lone
      ? [1, rows]
      : [depth, 1];
  if (strides && order) checkAgreement(argument, order, rows, depth, rowStride, elementStride);
  const { offset } = value;
  const layout = { rows, depth, offset: offset ?? 0, rowStride, elementStride, lone };
  if (!strides && offset === undefined) checkWhole(argument, layout, length);
  else checkBounds(argument, layout, length, strides ? elementBytes : 1);
  return layout;
}

function checkShape(argument: string, { shape, dims }: ShapedRows): readonly number[] {
  const given = shape ?? dims;
  if (shape !== undefined && dims !== undefined && !sameNumbers(shape, dims)) {
    refuse(
      argument,
      `\`${argument}.shape\` ${describeShape(shape)} and \`${argument}.dims\` ${describeShape(dims)} differ`,
      'leave one out',
    );
  }
  const sizes = asNumbers(given);
  if (!sizes?.every((size) => Number.isSafeInteger(size) && size >= 0) || sizes.length === 0) {
    return fail(argument, 'a shape (or dims) of [rows, depth]', describeShape(given));
  }
  return sizes;
}

function checkStrides(argument: string, value: ShapedRows, shape: readonly number[]): readonly number[] | undefined {
  const { strides } = value;
  // A method of tensors of transformers.js.
  const stride = typeof value.stride === 'function' ? value.stride() : value.stride;
  if (stride !== undefined && strides !== undefined && !sameNumbers(stride, strides)) {
    refuse(
      argument,
      `\`${argument}.stride\` ${describeShape(stride)} and \`${argument}.strides\` ${describeShape(strides)} differ`,
      'leave one out',
    );
  }
  const given = strides ?? stride;
  if (given === undefined) return undefined;
  const steps = asNumbers(given);
  if (!steps?.every(Number.isSafeInteger) || steps.length !== shape.length) {
    const count = shape.length === 2 ? 'two integers' : `${shape.length} integers (one for each dimension)`;
    return fail(argument, `a stride of ${count}`, describeShape(given));
  }
  return steps;
}

const ORDERS: Readonly<Record<string, Order>> = {
  'row-major': 'row-major',
  c: 'row-major',
  'column-major': 'column-major',
  f: 'column-major',
};

function checkOrder(argument: string, rows: ShapedRows, strides: readonly number[] | undefined): Order | undefined {
  const { order, fortranOrder } = rows;
  // NumPy's spelling, and the name in other libraries.
  for (const name of ['fortran_order', 'layout']) {
    if ((rows as unknown as Readonly<Record<string, unknown>>)[name] !== undefined) {
      refuse(argument, `\`${argument}.${name}\` is not read`, `use \`order\`: 'row-major' or 'column-major'`);
    }
  }
  // ndarray's `order` lists the dimensions by stride, so it adds nothing to its strides.
  if (Array.isArray(order) && strides) return undefined;
  const named = order === undefined ? undefined : ORDERS[String(order).toLowerCase()];
  if (order !== undefined && !named) {
    fail(argument, "an order of 'row-major' ('C') or 'column-major' ('F')", describeShape(order));
  }
  if (fortranOrder === undefined) return named;
  const flagged: Order = fortranOrder ? 'column-major' : 'row-major';
  if (named && named !== flagged) {
    refuse(
      argument,
      `\`${argument}.order\` '${order}' and \`${argument}.fortranOrder\` ${fortranOrder} differ`,
      'leave one out',
    );
  }
  return flagged;
}

/**
 * Returns which dimensions are rows and depth. If there are more than two, those of size 1 are dropped, because models put them around a
 * batch.
 */
function keptDimensions(argument: string, shape: readonly number[]): readonly number[] {
  const all = Array.from(shape.keys());
  if (shape.length <= 2) return all;
  const others = all.filter((axis) => shape[axis] !== 1);
  if (others.length === 2) return others;
  const last = shape.length - 1;
  // One vector in a batch of one, or one number: all dimensions but the last are 1.
  if (others.every((axis) => axis === last)) return [last - 1, last];
  const found = describeShape(shape);
  if (others.length < 2) {
    refuse(
      argument,
      `\`${argument}\` has the shape ${found}, which may be one row or one column`,
      'reshape it to [rows, depth]',
    );
  }
  return refuse(
    argument,
    `\`${argument}\` has the shape ${found}, of ${others.length} dimensions beyond 1, and rows have two: [rows, depth].`,
    "Reduce it to one vector a row; with transformers.js, { pooling: 'mean' } does.",
  );
}

/** Refuses an order that contradicts the strides; dimensions of size 1 are ignored. */
function checkAgreement(
  argument: string,
  order: Order,
  rows: number,
  depth: number,
  rowStride: number,
  elementStride: number,
): void {
  if (rows < 2 || depth < 2) return;
  const [outer, inner] = [Math.abs(rowStride), Math.abs(elementStride)];
  if (order === 'row-major' ? outer >= inner : inner >= outer) return;
  refuse(
    argument,
    `\`${argument}\` is declared ${order}, but its strides [${rowStride}, ${elementStride}] are not`,
    'leave the order out if the strides are right',
  );
}

function checkWhole(argument: string, { rows, depth }: Layout, length: number): void {
  if (length === rows * depth) return;
  fail(argument, `${rows} x ${depth} = ${rows * depth} elements in \`${argument}.data\``, `${length}`);
}

/** `elementBytes` is 1 if strides cannot be in bytes. */
function checkBounds(argument: string, layout: Layout, length: number, elementBytes: number): void {
  if (!Number.isSafeInteger(layout.offset)) fail(argument, 'an integer offset', describe(layout.offset));
  const { rows, depth, offset, rowStride, elementStride } = layout;
  if (rows === 0 || depth === 0) return;
  const [first, last] = extent(layout);
  if (first >= 0 && last < length) return;
  const inElements = {
    ...layout,
    offset: offset / elementBytes,
    rowStride: rowStride / elementBytes,
    elementStride: elementStride / elementBytes,
  };
  const areBytes = elementBytes > 1 && extent(inElements).every((at) => Number.isInteger(at) && at >= 0 && at < length);
  fail(
    argument,
    `offset and stride within the ${length} elements of \`${argument}.data\``,
    `elements ${first} to ${last}${areBytes ? `; strides count elements, these look like bytes: divide them by ${elementBytes}` : ''}`,
  );
}

/** Returns the first and the last element that belong to rows. */
function extent({ rows, depth, offset, rowStride, elementStride }: Layout): readonly [first: number, last: number] {
  const rowSpan = (rows - 1) * rowStride;
  const elementSpan = (depth - 1) * elementStride;
  return [offset + Math.min(0, rowSpan) + Math.min(0, elementSpan), offset + Math.max(0, rowSpan) + Math.max(0, elementSpan)];
}

function asNumbers(list: unknown): readonly number[] | undefined {
  if (Array.isArray(list)) return list;
  return ArrayBuffer.isView(list) ? Array.from(list as Int32Array) : undefined;
}

function sameNumbers(one: unknown, other: unknown): boolean {
  const [a, b] = [asNumbers(one), asNumbers(other)];
  return a?.length === b?.length && a?.every((value, at) => value === b?.[at]) === true;
}
