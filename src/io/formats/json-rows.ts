// Reads the vectors of one record: directly from its bytes if they are an array of numbers in plain fields, otherwise from the parsed
// value.

import { decodeElements } from '../columns/bytes-element.js';
import { DecimalReader } from '../columns/decimal-bytes.js';
import { isTinyRow, MIN_NORMAL, TINY_ROW } from '../columns/tiny-rows.js';
import { isNullText, parseNumber, parseVectorText, vectorOfJson } from '../columns/vector-text.js';
import { checkNumbers, EACH_ELEMENT, EACH_VALUE, follow, type JsonColumn, type Step } from './json-columns.js';
import { nameOfField } from './json-records.js';
import { endOfMember, JsonFault, MemberWalk, membersOf, skipBlanks } from './json-scan.js';
import { parseJson } from './json-text.js';
import { nameValue } from './query-rows.js';
import { decodeCell } from './text-bytes.js';

/** Receives the location of each row, and whether the record has one (false if it is null). */
export interface RowSink {
  nextRow(): Float32Array;
  isNull(): void;
}

const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

export class RecordRows {
  readonly #depth: number;
  readonly #paths: readonly (readonly Step[])[];
  readonly #columns: readonly JsonColumn[];
  readonly #vector: JsonColumn | undefined;
  readonly #reader = new DecimalReader();
  /** The names of the fields that lead to the vector, if the path has only names. */
  readonly #names: readonly string[] | undefined;
  readonly #scratch: Float32Array;
  /** True if the scratch buffer holds the vector of the record. */
  #found = false;

  /** `columns` is one column of vectors or several of numbers; their paths begin in the record, after the first `skipped` steps. */
  constructor(kind: 'vector' | 'elements', columns: readonly JsonColumn[], skipped: number) {
    this.#columns = columns;
    this.#paths = columns.map(({ path }) => path.slice(skipped));
    const [path = []] = this.#paths;
    this.#vector = kind === 'vector' ? columns[0] : undefined;
    this.#depth = this.#vector?.length ?? columns.length;
    this.#scratch = new Float32Array(this.#depth);
    const plain = this.#vector && path.every((step) => typeof step === 'string');
    this.#names = plain ? (path as readonly string[]) : undefined;
  }

  get depth(): number {
    return this.#depth;
  }

  /** Reads the rows of a record. Throws JsonFault. */
  readBytes(bytes: Uint8Array, sink: RowSink): void {
    const start = skipBlanks(bytes, 0);
    this.#reader.seenTiny = false;
    if (this.#names && this.#readPlain(bytes, start)) {
      if (this.#reader.seenTiny && this.#scratch.every((value) => Math.abs(value) < MIN_NORMAL))
        throw new JsonFault(start, TINY_ROW);
      sink.nextRow().set(this.#scratch);
      return;
    }
    const value = parseJson(decodeCell(bytes), (fault) => {
      throw new JsonFault(start, fault);
    });
    checkKeys(bytes, start, this.#paths);
    this.readValue(value, sink);
  }

  /** Reads the rows of a parsed record. Throws JsonFault. */
  readValue(value: unknown, sink: RowSink): void {
    checkNumbers(value, this.#paths[0] as readonly Step[]);
    if (this.#vector) {
      for (const each of follow(value, this.#paths[0] as readonly Step[])) this.#put(each, sink);
      return;
    }
    const columns = this.#paths.map((path) => [...follow(value, path)]);
    const [first] = columns as [unknown[]];
    for (let row = 0; row < first.length; row++) {
      const numbers = columns.map((values, at) => this.#numberOf(values[row], at));
      if (numbers.some((each) => each === undefined)) sink.isNull();
      else putRow(numbers as number[], sink);
    }
  }

  /** Returns true if the bytes contain the vector as an array of numbers, which are then in the scratch buffer. */
  #readPlain(bytes: Uint8Array, start: number): boolean {
    this.#found = false;
    // If the record is the array itself, nothing else has examined what follows.
    if (this.#names?.length === 0) return this.#readList(bytes, start) && skipBlanks(bytes, this.#reader.at) === bytes.length;
    if (bytes[start] !== OPEN_BRACE) return false;
    checkEnd(bytes, this.#readPlainValue(bytes, start, 0));
    return this.#found;
  }

  /** Reads the value at `at`, to which the first `depth` names have led. Returns the index after it. */
  #readPlainValue(bytes: Uint8Array, at: number, depth: number): number {
    const name = this.#names?.[depth];
    // The end of an array of numbers is known once they have been read.
    if (name === undefined && this.#readList(bytes, at)) {
      this.#found = true;
      return this.#reader.at;
    }
    if (name === undefined || bytes[at] !== OPEN_BRACE) return endOfMember(bytes, at);
    const walk = new MemberWalk(bytes, at);
    let seen = false;
    while (walk.next()) {
      if (isName(walk.name, name)) {
        if (seen) throw new JsonFault(walk.at, `the field ${JSON.stringify(name)} occurs twice`);
        seen = true;
        walk.at = this.#readPlainValue(bytes, walk.at, depth + 1);
      } else walk.at = endOfMember(bytes, walk.at);
    }
    return walk.at;
  }

  #readList(bytes: Uint8Array, at: number): boolean {
    if (bytes[at] !== OPEN_BRACKET) return false;
    return this.#reader.list(bytes, at + 1, bytes.length, this.#scratch, CLOSE_BRACKET) === this.#depth;
  }

  #put(value: unknown, sink: RowSink): void {
    const vector = this.#vectorOf(value);
    if (vector === undefined) {
      sink.isNull();
      return;
    }
    if (vector.length !== this.#depth) throw new JsonFault(0, `expected ${this.#depth} numbers, got ${vector.length}`);
    putRow(vector, sink);
  }

  /** Returns undefined if it is null. */
  #vectorOf(value: unknown): ArrayLike<number> | undefined {
    const { element } = this.#vector as JsonColumn;
    if (value === null || value === undefined || isEmpty(value)) return undefined;
    if (typeof value === 'string') {
      if (isNullText(value)) return undefined;
      const found = parseVectorText(value);
      if (found.kind === 'vector' && element === undefined) return found.values;
      const decoded = found.kind === 'bytes' && element !== undefined ? decodeElements(found.bytes, element) : undefined;
      if (decoded) return decoded;
      throw new JsonFault(0, `expected a vector, got ${nameValue(value)}`);
    }
    const vector = element === undefined ? vectorOfJson(value) : undefined;
    if (vector) return vector;
    if (!Array.isArray(value)) throw new JsonFault(0, `expected an array of numbers, got ${nameValue(value)}`);
    const odd = value.findIndex((each) => typeof each !== 'number');
    if (value[odd] === null) {
      throw new JsonFault(
        0,
        `element ${odd + 1} is null; give it a number, or make the whole vector null, which nulls can leave out`,
      );
    }
    throw new JsonFault(0, `expected a number as element ${odd + 1}, got ${nameValue(value[odd])}`);
  }

  #numberOf(value: unknown, at: number): number | undefined {
    if (typeof value === 'number') return value;
    const isNull = value === null || value === undefined || (typeof value === 'string' && isNullText(value));
    const number = typeof value === 'string' ? parseNumber(value) : undefined;
    if (number !== undefined) return number;
    if (isNull) return undefined;
    throw new JsonFault(0, `field ${JSON.stringify(this.#columns[at]?.name)}: expected a number, got ${nameValue(value)}`);
  }
}

function putRow(numbers: ArrayLike<number>, sink: RowSink): void {
  if (isTinyRow(numbers)) throw new JsonFault(0, TINY_ROW);
  sink.nextRow().set(numbers);
}

/** Throws if an object on one of `paths`, all of which pass through it, repeats a key on a path. */
export function checkKeys(bytes: Uint8Array, at: number, paths: readonly (readonly Step[])[], depth = 0): void {
  const steps = new Set(paths.map((path) => path[depth]));
  const [step] = steps;
  if (step === undefined) return;
  const isObject = bytes[at] === 0x7b;
  if (!isObject && bytes[at] !== OPEN_BRACKET) return;
  const deeper = paths.some((path) => path.length > depth + 1);
  const seen = new Set<string>();
  let index = 0;
  for (const member of membersOf(bytes, at)) {
    const name = isObject ? nameOfField(member.name) : index++;
    if (step !== EACH_ELEMENT && step !== EACH_VALUE && !steps.has(name)) continue;
    if (typeof name === 'string') {
      if (seen.has(name)) throw new JsonFault(member.start, `the field ${JSON.stringify(name)} occurs twice`);
      seen.add(name);
    }
    if (!deeper) continue;
    const each = step === EACH_ELEMENT || step === EACH_VALUE;
    checkKeys(bytes, member.start, each ? paths : paths.filter((path) => path[depth] === name), depth + 1);
  }
}

/** Throws if a record continues after its value, which ends before `end`. */
function checkEnd(bytes: Uint8Array, end: number): void {
  const next = skipBlanks(bytes, end);
  const byte = bytes[next];
  if (byte === undefined) return;
  const what =
    byte === 0x7b || byte === OPEN_BRACKET
      ? 'expected a new line before the next value'
      : 'expected the end of the line after the value';
  throw new JsonFault(next, `not valid JSON: ${what}`);
}

/** [] and {}, which Qdrant writes for a point without a vector. */
function isEmpty(value: unknown): boolean {
  // The keys of a long array take several times its memory.
  if (Array.isArray(value)) return value.length === 0;
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

/** Compares without decoding, because nearly all names are ASCII without escapes. */
function isName(bytes: Uint8Array, name: string): boolean {
  if (bytes.length === name.length) {
    let i = 0;
    while (i < name.length && bytes[i] === name.charCodeAt(i) && (bytes[i] as number) < 0x80) i += 1;
    if (i === name.length) return true;
  }
  return (bytes.includes(0x5c) || bytes.length > name.length) && nameOfField(bytes) === name;
}
