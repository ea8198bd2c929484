// The columns of an Arrow schema: structs are divided into their fields; every other field is a column, named by its path.

import type { ElementType } from '../../rows/element-type.js';
import type { Column } from '../columns/column.js';
import { parseFlatJson } from '../columns/json-nesting.js';
import type { ArrowField } from './arrow-messages.js';
import {
  booleanText,
  dateText,
  decimalText,
  floatText,
  timestampText,
  unsignedText,
  uuidText,
  type ValueText,
  wholeText,
} from './value-text.js';

/** What the cells of a column are. */
export type ArrowContent = 'number' | 'list' | 'text' | 'bytes' | 'other';

/** A field that is not a struct, and its position. */
export interface ArrowLeaf extends Column {
  readonly content: ArrowContent;
  /** The indices of fields, from the top of the schema down. */
  readonly place: readonly number[];
  readonly field: ArrowField;
}

/** Returns the leaves of a schema, in order. */
export function leavesOf(fields: readonly ArrowField[]): ArrowLeaf[] {
  const leaves: ArrowLeaf[] = [];
  const visit = (field: ArrowField, path: readonly string[], place: readonly number[]): void => {
    const names = [...path, field.name];
    if (field.type === 'Struct' && !field.dictionary && field.children.length > 0) {
      for (const [i, child] of field.children.entries()) visit(child, names, [...place, i]);
      return;
    }
    leaves.push({ ...describeField(field), name: names.join('.'), place, field });
  };
  for (const [i, field] of fields.entries()) visit(field, [], [i]);
  return leaves;
}

function describeField(field: ArrowField): Omit<ArrowLeaf, 'name' | 'place' | 'field'> {
  const content = contentOf(field);
  const type = field.dictionary ? `dictionary<${typeOf(field)}>` : typeOf(field);
  if (content !== 'number') return { kind: 'other', content, type };
  const whole = field.type === 'Int' || (field.type === 'Decimal' && field.scale <= 0);
  return { kind: whole ? 'integer' : 'float', content, type };
}

const LISTS: ReadonlySet<string> = new Set(['List', 'LargeList', 'FixedSizeList', 'ListView', 'LargeListView']);
const TEXTS: ReadonlySet<string> = new Set(['Utf8', 'LargeUtf8', 'Utf8View']);
const BYTES: ReadonlySet<string> = new Set(['Binary', 'LargeBinary', 'BinaryView', 'FixedSizeBinary']);
const TENSOR = 'arrow.fixed_shape_tensor';

export function isListType({ type }: ArrowField): boolean {
  return LISTS.has(type);
}

function contentOf(field: ArrowField): ArrowContent {
  const { type, extension } = field;
  if (isListType(field)) return elementField(field) && !hasSeveralDimensions(field) ? 'list' : 'other';
  if (TEXTS.has(type)) return 'text';
  // For other extension types, only their writers know what the numbers or bytes mean.
  if (extension !== '') return 'other';
  if (BYTES.has(type)) return type === 'FixedSizeBinary' && field.size <= 0 ? 'other' : 'bytes';
  return elementOfField(field) ? 'number' : 'other';
}

/** Returns the field of the numbers in a list or in a list of lists, or undefined if there are none. */
export function elementField(field: ArrowField): ArrowField | undefined {
  const [child] = field.children;
  // A list of fixed length 0 says nothing about the number of rows.
  if (!child || child.dictionary || field.children.length !== 1 || (field.type === 'FixedSizeList' && field.size <= 0))
    return undefined;
  // List views within lists can be in any order.
  if (isListType(child)) return child.type.includes('View') || field.type.includes('View') ? undefined : elementField(child);
  return child.extension === '' && elementOfField(child) ? child : undefined;
}

function shapeOf({ extension, extensionMetadata }: ArrowField): readonly unknown[] | undefined {
  if (extension !== TENSOR) return undefined;
  try {
    const { shape } = parseFlatJson(extensionMetadata) as { shape?: unknown };
    return Array.isArray(shape) ? shape : undefined;
  } catch {
    return undefined;
  }
}

function hasSeveralDimensions(field: ArrowField): boolean {
  return (shapeOf(field) ?? []).filter((size) => size !== 1).length > 1;
}

const FLOATS = ['float16', 'float32', 'float64'] as const;

/** Returns the element type of a field of numbers, or undefined for other fields. 64-bit integers and decimals become float64. */
export function elementOfField({ type, size, signed }: ArrowField): ElementType | undefined {
  if (type === 'Float') return FLOATS[size];
  if (type === 'Decimal') return [32, 64, 128, 256].includes(size) ? 'float64' : undefined;
  if (type !== 'Int') return undefined;
  if (size === 64) return 'float64';
  return [8, 16, 32].includes(size) ? (`${signed ? '' : 'u'}int${size}` as ElementType) : undefined;
}

/** Bytes of a value that `valueText` converts; undefined for other types. */
export function valueBytesOf({ type, size }: ArrowField): number | undefined {
  if (type === 'Int' || type === 'Decimal') return [8, 16, 32, 64, 128, 256].includes(size) ? size / 8 : undefined;
  if (type === 'Float') return [2, 4, 8][size];
  if (type === 'Date') return size === 0 ? 4 : 8;
  return type === 'Timestamp' ? 8 : undefined;
}

/** Converts a value that is neither text nor bytes to text; undefined if its meaning is unknown. */
export function valueTextOf(field: ArrowField): ValueText | undefined {
  const { type, size, signed, scale, isUtc, extension } = field;
  if (extension !== '') return extension === 'arrow.uuid' && type === 'FixedSizeBinary' && size === 16 ? uuidText : undefined;
  if (type === 'Bool') return booleanText;
  if (type === 'Date') return dateText(size === 0 ? 'days' : 'milliseconds');
  if (type === 'Timestamp') return [0, 1, 2, 3].includes(size) ? timestampText(3 * size, isUtc) : undefined;
  if (!elementOfField(field)) return undefined;
  if (type === 'Decimal') return decimalText(scale);
  if (type === 'Float') return floatText;
  return signed ? wholeText : unsignedText;
}

/** Returns the smallest element type that holds every number of `fields`. */
export function commonElement(fields: readonly ArrowField[]): ElementType {
  const types = new Set(fields.map((field) => elementOfField(field) as ElementType));
  return types.size === 1 ? ([...types][0] as ElementType) : 'float64';
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  Utf8: 'text',
  LargeUtf8: 'text',
  Utf8View: 'text',
  Binary: 'binary',
  LargeBinary: 'binary',
  BinaryView: 'binary',
  Bool: 'boolean',
  RunEndEncoded: 'run-end encoded',
};

/** Returns the type in everyday words. */
function typeOf(field: ArrowField): string {
  const { type, size, signed, precision, scale, extension, children } = field;
  const shape = shapeOf(field);
  if (shape) return `tensor of shape (${shape.join(', ')})`;
  if (isListType(field)) return `list<${children[0] ? typeOf(children[0]) : '?'}>`;
  if (extension !== '') return extension;
  if (type === 'Int') return `${signed ? '' : 'u'}int${size}`;
  if (type === 'Float') return FLOATS[size] ?? 'float';
  if (type === 'Decimal') return `decimal(${precision}, ${scale})`;
  if (type === 'FixedSizeBinary') return 'fixed-size binary';
  if (type === 'Map') return `map<${(children[0]?.children ?? []).map(typeOf).join(', ')}>`;
  return TYPE_NAMES[type] ?? type.toLowerCase();
}
