// The columns of a Parquet schema: the leaves that can be rows or names, with their levels, and the names of all other columns.

import type { ElementType } from '../../rows/element-type.js';
import type { Column } from '../columns/column.js';
import { statedCount } from './format-failure.js';
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

type ThriftStruct = Readonly<Record<`field_${number}`, unknown>>;

/** What the values of a leaf are. */
export type ParquetContent = 'number' | 'text' | 'bytes' | 'other';

/** A leaf of the schema, whose values are stored in chunks of their own. */
export interface ParquetLeaf {
  readonly name: string;
  /** Index of its chunk in each row group. */
  readonly index: number;
  readonly physical: string;
  /** Length of a FIXED_LEN_BYTE_ARRAY. */
  readonly fixedBytes: number;
  /** The highest definition and repetition levels. */
  readonly definition: number;
  readonly repetition: number;
}

const BYTES_OF: Readonly<Record<string, number>> = { INT32: 4, INT64: 8, INT96: 12, FLOAT: 4, DOUBLE: 8 };

/** Bytes of a PLAIN value, or 0 if each value has its own length. */
export function plainBytesOf({ name, physical, fixedBytes }: ParquetLeaf): number {
  if (physical === 'FIXED_LEN_BYTE_ARRAY' && fixedBytes === 0) throw new Error(`values of no bytes in column ${name}`);
  return BYTES_OF[physical] ?? fixedBytes;
}

/** A column of the schema: a leaf, or an entire map or list of structs, which takes the place of its first leaf. */
export interface ParquetColumn extends Column, ParquetLeaf {
  readonly content: ParquetContent;
  /** Converts a value that is neither text nor bytes to text; undefined if its meaning is unknown. */
  readonly valueText: ValueText | undefined;
  /** Type of a number or of the elements of a list; otherwise undefined. */
  readonly element: ElementType | undefined;
  /** True for unsigned integers, which their element type does not show. */
  readonly unsigned: boolean;
  /** Digits after the decimal point, for decimals. */
  readonly scale: number | undefined;
  /** The definition level of an element that exists, even if it is null. */
  readonly repeated: number;
}

/** A node of the schema, which is a tree. */
interface Node {
  readonly name: string;
  readonly repetition: number;
  readonly physical: string | undefined;
  readonly length: number;
  readonly converted: string | undefined;
  readonly logical: string | undefined;
  /** Parameters of the logical type. */
  readonly details: ThriftStruct;
  /** The scale of a converted type. */
  readonly scale: number | undefined;
  readonly precision: number;
  readonly children: readonly Node[];
}

const MAX_COLUMNS = 2 ** 20;
const MAX_NESTING = 32;
const OPTIONAL = 1;
const REPEATED = 2;

const PHYSICAL = ['BOOLEAN', 'INT32', 'INT64', 'INT96', 'FLOAT', 'DOUBLE', 'BYTE_ARRAY', 'FIXED_LEN_BYTE_ARRAY'];
const CONVERTED = [
  ...['UTF8', 'MAP', 'MAP_KEY_VALUE', 'LIST', 'ENUM', 'DECIMAL', 'DATE', 'TIME', 'TIME', 'TIMESTAMP', 'TIMESTAMP'],
  ...['UINT_8', 'UINT_16', 'UINT_32', 'UINT_64', 'INT_8', 'INT_16', 'INT_32', 'INT_64', 'JSON', 'BSON', 'INTERVAL'],
];
/** Logical types by field number. */
const LOGICAL: Readonly<Record<number, string>> = {
  1: 'STRING',
  2: 'MAP',
  3: 'LIST',
  4: 'ENUM',
  5: 'DECIMAL',
  6: 'DATE',
  7: 'TIME',
  8: 'TIMESTAMP',
  10: 'INTEGER',
  11: 'NULL',
  12: 'JSON',
  13: 'BSON',
  14: 'UUID',
  15: 'FLOAT16',
  16: 'VARIANT',
  17: 'GEOMETRY',
  18: 'GEOGRAPHY',
};

const decoder = new TextDecoder();

/** Returns the columns of a schema, in which each element precedes its children. */
export function readParquetSchema(elements: readonly ThriftStruct[]): ParquetColumn[] {
  const columns: ParquetColumn[] = [];
  const places = { leaf: 0 };
  for (const child of readTree(elements).children) addColumns(child, [], places, columns);
  return columns;
}

/** Returns all leaves of a schema, in the order of their chunks. */
export function readParquetLeaves(elements: readonly ThriftStruct[]): ParquetLeaf[] {
  const leaves: ParquetLeaf[] = [];
  const addLeaves = (node: Node, above: readonly Node[]) => {
    const path = [...above, node];
    for (const child of node.children) addLeaves(child, path);
    if (node.physical !== undefined) leaves.push(leafOf(path, leaves.length));
  };
  for (const child of readTree(elements).children) addLeaves(child, []);
  return leaves;
}

function leafOf(path: readonly Node[], index: number): ParquetLeaf {
  const leaf = path.at(-1) as Node;
  return {
    name: path.map((part) => part.name).join('.'),
    index,
    physical: leaf.physical as string,
    fixedBytes: leaf.physical === 'FIXED_LEN_BYTE_ARRAY' ? leaf.length : 0,
    definition: countLevels(path, path.length),
    repetition: path.filter((node) => node.repetition === REPEATED).length,
  };
}

/** Returns the root of the schema. */
function readTree(elements: readonly ThriftStruct[]): Node {
  if (elements.length > MAX_COLUMNS) throw new Error(`a schema of ${elements.length} elements`);
  let next = 0;
  const readNode = (depth: number): Node => {
    const element = elements[next++];
    if (!element || !(element.field_4 instanceof Uint8Array)) throw new Error('the schema ends before its columns do');
    if (depth > MAX_NESTING) throw new Error(`columns nested more than ${MAX_NESTING} deep`);
    const count = statedCount(element.field_5 ?? 0, 'the number of children of a column', elements.length);
    const [logical, details] = logicalOf(element.field_10);
    return {
      name: decoder.decode(element.field_4),
      repetition: Number(element.field_3 ?? 0),
      physical: count > 0 ? undefined : PHYSICAL[element.field_1 as number],
      length: statedCount(element.field_2 ?? 0, 'the length of a value', 2 ** 26),
      converted: CONVERTED[element.field_6 as number],
      logical,
      details,
      scale: element.field_7 === undefined ? undefined : Number(element.field_7),
      precision: Number(element.field_8 ?? 0),
      children: Array.from({ length: count }, () => readNode(depth + 1)),
    };
  };
  if (elements.length === 0) throw new Error('a schema without elements');
  return readNode(0);
}

function logicalOf(value: unknown): [type: string | undefined, details: ThriftStruct] {
  if (typeof value !== 'object' || value === null) return [undefined, {}];
  const [entry] = Object.entries(value);
  if (!entry) return [undefined, {}];
  const field = Number(entry[0].slice('field_'.length));
  return [LOGICAL[field] ?? 'UNKNOWN', (typeof entry[1] === 'object' ? entry[1] : {}) as ThriftStruct];
}

/** Index of the next leaf in a row group. */
interface Places {
  leaf: number;
}

/** Adds the columns below `node`, whose ancestors are `above`. Structs are divided into their fields; other nested types stay whole. */
function addColumns(node: Node, above: readonly Node[], places: Places, columns: ParquetColumn[]): void {
  const path = [...above, node];
  const isStruct = node.physical === undefined && node.repetition !== REPEATED && !isList(node) && !isMap(node);
  if (isStruct && node.children.length > 0) {
    for (const child of node.children) addColumns(child, path, places, columns);
    return;
  }
  const index = places.leaf;
  places.leaf += leavesOf(node);
  const name = path.map((part) => part.name).join('.');
  const inner = elementPath(node);
  if (!inner) {
    columns.push({ ...NOTHING, name, index, type: isMap(node) ? mapType(node) : nestedType(node) });
    return;
  }
  columns.push(describeLeaf(name, index, [...path, ...inner]));
}

function leavesOf(node: Node): number {
  return node.physical !== undefined ? 1 : node.children.reduce((sum, child) => sum + leavesOf(child), 0);
}

const NOTHING = {
  kind: 'other',
  content: 'other',
  valueText: undefined,
  physical: '',
  element: undefined,
  unsigned: false,
  scale: undefined,
  fixedBytes: 0,
  definition: 0,
  repetition: 0,
  repeated: 0,
} as const;

function isList(node: Node): boolean {
  return node.converted === 'LIST' || node.logical === 'LIST';
}

function isMap(node: Node): boolean {
  return node.converted === 'MAP' || node.converted === 'MAP_KEY_VALUE' || node.logical === 'MAP';
}

/** Returns the nodes between a column and its only leaf, or undefined if it has several leaves. */
function elementPath(node: Node): Node[] | undefined {
  if (isMap(node)) return undefined;
  if (node.physical !== undefined) return [];
  const [only] = node.children;
  // Any other node with children is a struct.
  if (node.children.length !== 1 || !only || (!isList(node) && node.repetition !== REPEATED)) return undefined;
  const rest = elementPath(only);
  return rest && [only, ...rest];
}

function mapType(node: Node): string {
  const [key, value] = node.children[0]?.children ?? [];
  return `map<${key ? nestedType(key) : '?'}, ${value ? nestedType(value) : '?'}>`;
}

function nestedType(node: Node): string {
  if (node.physical !== undefined) return leafType(node);
  if (isMap(node)) return mapType(node);
  const [only] = node.children;
  if (isList(node) && only) {
    // A list has three levels: the list, the repeated group and the element. Old writers omit one.
    const element = only.children.length === 1 ? (only.children[0] as Node) : only;
    return `list<${nestedType(element)}>`;
  }
  return node.repetition === REPEATED ? 'list<struct>' : 'struct';
}

function describeLeaf(name: string, index: number, path: readonly Node[]): ParquetColumn {
  const leaf = path.at(-1) as Node;
  const stored = leafOf(path, index);
  const { repetition, definition } = stored;
  const lastRepeated = path.findLastIndex((node) => node.repetition === REPEATED);
  const type = 'list<'.repeat(repetition) + leafType(leaf) + '>'.repeat(repetition);
  const content = contentOf(leaf);
  const scale = isDecimal(leaf) ? scaleOf(leaf) : undefined;
  const scalar = repetition > 0 || content !== 'number' ? 'other' : isWhole(leaf, scale) ? 'integer' : 'float';
  return {
    ...stored,
    name,
    kind: scalar,
    type,
    content,
    valueText: repetition > 0 ? undefined : valueTextOf(leaf),
    element: content === 'number' ? elementOf(leaf) : undefined,
    unsigned: isUnsigned(leaf),
    scale,
    repeated: lastRepeated < 0 ? definition : countLevels(path, lastRepeated + 1),
  };
}

/** Every node that is optional or repeated adds a level. */
function countLevels(path: readonly Node[], end: number): number {
  return path.slice(0, end).filter(({ repetition }) => repetition === OPTIONAL || repetition === REPEATED).length;
}

function isDecimal({ converted, logical }: Node): boolean {
  return converted === 'DECIMAL' || logical === 'DECIMAL';
}

function scaleOf({ logical, details, scale }: Node): number {
  return (logical === 'DECIMAL' && details.field_1 !== undefined ? Number(details.field_1) : scale) ?? 0;
}

/** Says how the logical type and the converted type, which older programs read, differ about the values; undefined if they agree. */
function contradiction(leaf: Node): string | undefined {
  const { converted, logical, scale } = leaf;
  if (converted === undefined || logical === undefined) return undefined;
  const [one, other] = [logical.toLowerCase(), converted.toLowerCase()];
  if (isDecimal(leaf)) {
    if (logical !== converted) return `both ${one} and ${other}`;
    return scale === undefined || scale === scaleOf(leaf)
      ? undefined
      : `decimal with two scales, ${scaleOf(leaf)} and ${scale}`;
  }
  if (logical !== 'INTEGER') return undefined;
  return isUnsigned(leaf) === converted.startsWith('UINT_') ? undefined : `${other} with another sign`;
}

function isWhole({ physical }: Node, scale: number | undefined): boolean {
  return scale === undefined ? physical === 'INT32' || physical === 'INT64' : scale <= 0;
}

function isUnsigned({ converted, logical, details }: Node): boolean {
  return logical === 'INTEGER' ? details.field_2 === false : (converted ?? '').startsWith('UINT_');
}

function isInteger({ converted, logical }: Node): boolean {
  return (converted === undefined || /^U?INT_/.test(converted)) && (logical === undefined || logical === 'INTEGER');
}

function contentOf(leaf: Node): ParquetContent {
  const { physical, converted, logical, length } = leaf;
  if (contradiction(leaf)) return 'other';
  if (isDecimal(leaf))
    return DECIMALS.has(physical) && !(physical === 'FIXED_LEN_BYTE_ARRAY' && length === 0) ? 'number' : 'other';
  if (physical === 'FIXED_LEN_BYTE_ARRAY' && logical === 'FLOAT16') return length === 2 ? 'number' : 'other';
  const plain = converted === undefined && logical === undefined;
  if (physical === 'FLOAT' || physical === 'DOUBLE') return plain ? 'number' : 'other';
  if (physical === 'INT32' || physical === 'INT64') return isInteger(leaf) ? 'number' : 'other';
  if (physical === 'BYTE_ARRAY') {
    if (plain) return 'bytes';
    return TEXT.has(logical ?? converted ?? '') ? 'text' : 'other';
  }
  return physical === 'FIXED_LEN_BYTE_ARRAY' && plain && length > 0 ? 'bytes' : 'other';
}

/** Also undefined for times with only a converted type, because writers disagree on whether they are in UTC. */
function valueTextOf(leaf: Node): ValueText | undefined {
  const { physical, converted, logical, details, length } = leaf;
  if (contradiction(leaf)) return undefined;
  if (isDecimal(leaf)) return decimalText(scaleOf(leaf), physical === 'INT32' || physical === 'INT64');
  if (physical === 'BOOLEAN') return booleanText;
  if (physical === 'INT32' && (logical ?? converted) === 'DATE') return dateText('days');
  if (physical === 'INT64' && logical === 'TIMESTAMP')
    return timestampText(digitsOf(details.field_2), details.field_1 === true);
  if (logical === 'UUID') return length === 16 ? uuidText : undefined;
  if (contentOf(leaf) !== 'number') return undefined;
  if (physical !== 'INT32' && physical !== 'INT64') return floatText;
  return isUnsigned(leaf) ? unsignedText : wholeText;
}

/** Digits of the fraction of a second, for milliseconds, microseconds or nanoseconds. */
function digitsOf(unit: unknown): number {
  const [field = ''] = Object.keys(typeof unit === 'object' && unit ? unit : {});
  return field === 'field_1' ? 3 : field === 'field_2' ? 6 : 9;
}

const DECIMALS: ReadonlySet<string | undefined> = new Set(['INT32', 'INT64', 'BYTE_ARRAY', 'FIXED_LEN_BYTE_ARRAY']);
const TEXT = new Set(['STRING', 'UTF8', 'JSON', 'ENUM']);

function elementOf(leaf: Node): ElementType {
  if (isDecimal(leaf) || leaf.physical === 'DOUBLE' || leaf.physical === 'INT64') return 'float64';
  if (leaf.physical === 'FLOAT') return 'float32';
  if (leaf.physical === 'FIXED_LEN_BYTE_ARRAY') return 'float16';
  return isUnsigned(leaf) ? 'uint32' : 'int32';
}

/** Returns the type in everyday words. */
function leafType(leaf: Node): string {
  const { physical, converted, logical, details, precision } = leaf;
  const contradicting = contradiction(leaf);
  if (contradicting !== undefined) return contradicting;
  if (isDecimal(leaf)) return `decimal(${Number(details.field_2 ?? precision)}, ${scaleOf(leaf)})`;
  if (logical === 'INTEGER') return `${isUnsigned(leaf) ? 'u' : ''}int${details.field_1 ?? ''}`;
  if (isInteger(leaf) && converted !== undefined) return converted.toLowerCase().replace('_', '');
  const name = logical ?? converted;
  if (name === 'STRING' || name === 'UTF8') return 'text';
  if (name !== undefined) return name.toLowerCase();
  if (physical === 'FIXED_LEN_BYTE_ARRAY') return 'fixed-size binary';
  return physical === 'BYTE_ARRAY' ? 'binary' : physical === 'INT96' ? 'timestamp' : String(physical).toLowerCase();
}
