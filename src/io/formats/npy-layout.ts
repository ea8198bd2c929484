// Locates the rows in a .npy file: an entire array, or one field of its records.

import { ArgumentError, FormatError } from '../../errors.js';
import { bytesOfElement } from '../../rows/element-type.js';
import { chooseColumns, type Origin } from '../columns/choose.js';
import type { Column } from '../columns/column.js';
import { elementTypeOf, type NpyField, type NpyHeader, type NpyType, shapeOfRows, squeezed } from '../rows/npy.js';
import { checkDepth } from './bin.js';

/** Rows of numbers in a .npy file. */
export interface NpyLayout {
  readonly rows: number;
  readonly depth: number;
  readonly type: NpyType;
  readonly littleEndian: boolean;
  /** Positions from the beginning of the .npy: of the first element with all its fields, and of the first number of a row. */
  readonly dataOffset: number;
  readonly offset: number;
  /** Distance between rows. */
  readonly rowBytes: number;
  /** True if the elements are in column order. */
  readonly byColumns: boolean;
  readonly origin?: Origin;
}

/**
 * Returns the layout of a two-dimensional array, or of the field `column` of an array of records. Throws FormatError with a position from
 * the beginning of the .npy, and ArgumentError for `column`.
 */
export function layoutOf(header: NpyHeader, column: string | undefined, file: string): NpyLayout {
  const { type, shape, fortranOrder, dataOffset } = header;
  if (type === 'record') return layoutOfField(header, column, file);
  if (column !== undefined) {
    throw new ArgumentError('column', `${file}: no column ${column}; the file holds one matrix, without names`);
  }
  const [rows, depth] = shapeOfRows(header, file);
  checkDepth({ name: file }, 0, depth);
  // With only one row or column, both orders are the same.
  const byColumns = fortranOrder && squeezed(shape).every((size) => size > 1);
  const littleEndian = header.littleEndian !== false;
  const rowBytes = depth * bytesOfElement(elementTypeOf(type));
  return { rows, depth, type, littleEndian, dataOffset, offset: dataOffset, rowBytes, byColumns };
}

function layoutOfField(header: NpyHeader, column: string | undefined, file: string): NpyLayout {
  const { fields, shape, itemBytes, dataOffset } = header;
  const rows = header.length;
  if (shape.filter((size) => size !== 1).length > 1) {
    throw new FormatError(file, 0, `expected records in one dimension, got shape (${shape.slice(0, 8).join(', ')})`);
  }
  const { columns, kind, origin } = chooseColumns({ file, columns: fields.map(describeField), named: true, selector: column });
  const chosen = columns.map((index) => fields[index] as NpyField);
  const [first] = chosen as [NpyField, ...NpyField[]];
  const type = first.type as NpyType;
  const size = bytesOfElement(elementTypeOf(type));
  const together = chosen.every(
    (field, i) => field.type === type && field.littleEndian === first.littleEndian && field.offset === first.offset + i * size,
  );
  if (!together) {
    const names = `[${chosen.slice(0, 3).map(({ name }) => `'${name}'`)}${chosen.length > 3 ? ', ...' : ''}]`;
    throw new ArgumentError('column', `${file}: the fields are of several types, or not next to each other`, {
      advice: `join them: np.save(path, np.stack([a[n] for n in ${names}], axis=1))`,
    });
  }
  const depth = kind === 'vector' ? lengthOf(first) : chosen.length;
  checkDepth({ name: file }, 0, depth);
  const littleEndian = first.littleEndian !== false;
  const offset = dataOffset + first.offset;
  return { rows, depth, type, littleEndian, dataOffset, offset, rowBytes: itemBytes, byColumns: false, origin };
}

function lengthOf({ shape }: NpyField): number {
  return shape.reduce((product, size) => product * size, 1);
}

function describeField(field: NpyField): Column {
  const { name, type, descr, shape } = field;
  const named = `${descr}${shape.length > 0 ? ` [${shape.slice(0, 8).join(', ')}]` : ''}`;
  if (type === undefined) return { name, kind: 'other', type: named };
  if (shape.length === 0)
    return { name, kind: type.startsWith('f') ? 'float' : type === 'b1' ? 'other' : 'integer', type: named };
  if (shape.filter((size) => size !== 1).length <= 1) return { name, kind: 'vector', type: named, length: lengthOf(field) };
  return { name, kind: 'other', type: named };
}
