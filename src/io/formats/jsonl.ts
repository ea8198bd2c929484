// JSON: one value per line (https://jsonlines.org), or one document in any layout, such as responses of embedding services and exports of
// vector databases.

import { ArgumentError, FormatError } from '../../errors.js';
import { mention, say } from '../../message.js';
import { examining } from '../blocking.js';
import type { ByteSource } from '../bytes/byte-source.js';
import { chooseWith } from '../columns/choices.js';
import { chooseColumns } from '../columns/choose.js';
import { NullRows } from '../columns/nulls.js';
import type { RecordPlaces } from '../rows/record-places.js';
import { MAX_DEPTH, type ReadOptions, type RowReader, type RowStream, type TextReader } from '../rows/row-reader.js';
import {
  columnAt,
  columnsOfRecords,
  EACH_ELEMENT,
  EACH_VALUE,
  follow,
  isNumbered,
  type JsonColumn,
  nameOfPath,
  pathOfName,
  type Step,
} from './json-columns.js';
import { findLayout, type JsonLayout } from './json-layout.js';
import { elementsOf, type JsonRecord, linesOf, nameOfField, type OnUnknown, valuesOf } from './json-records.js';
import { checkKeys, RecordRows, type RowSink } from './json-rows.js';
import { JsonFault, membersOf, skipBlanks } from './json-scan.js';
import { tableIn } from './json-tables.js';
import { longIntegerOf, parseJson, quoteLongIntegers } from './json-text.js';
import { listNames, nameValue, RowBlocks } from './query-rows.js';
import { decodeCell, TextBytes } from './text-bytes.js';

/** Number of names delivered at a time. */
const NAMES_AT_ONCE = 4096;
/** How much of a document is searched for vectors, which may follow long lists of ids and texts. */
const MIN_SAMPLE_BYTES = 2 ** 20;
const MAX_SAMPLE_BYTES = 2 ** 26;
/** Within a memory limit, it is this many times the longest record. */
const SAMPLED_RECORDS = 2;

/**
 * Reads the rows of a JSON file as float32: the only field of its records that holds vectors (arrays of numbers, or text that contains
 * them), or the field `column`, such as 'doc.embedding' or 'data[].embedding'. Records are lines, consecutive values, or the elements of
 * arrays in one document.
 */
export const readJsonl: RowReader = async (source, options) => {
  const text = await TextBytes.open(source, options.memoryBudget);
  const mostBytes = Math.min(MAX_SAMPLE_BYTES, SAMPLED_RECORDS * text.maxRecordBytes);
  // Parsed numbers take several times the memory of their text.
  let sampled = MIN_SAMPLE_BYTES;
  let layout = await findLayout(text, sampled);
  const findAgain = () => text.examine(() => findFields(source.name, layout, options));
  let found = await findAgain();
  while (sampled < mostBytes && !isEnough(layout, found)) {
    sampled = Math.min(2 * sampled, mostBytes);
    layout = await findLayout(text, sampled);
    found = await findAgain();
  }
  const { columns, named } = found;
  if (layout.kind === 'document') {
    const document = layout;
    await text.examine(() => refuseTable(source.name, document, options.column));
    if (!isEnough(document, found) && (document.cut || hasRows(found) || columns.length === 0 || mostBytes < MAX_SAMPLE_BYTES))
      throw text.tooLong(text.offset, `no two records end within the first ${mostBytes} bytes`);
  }
  const chosen = chooseColumns({ file: source.name, columns, named: true, selector: found.selector });
  const taken = chosen.columns.map((index) => columns[index] as JsonColumn);
  const [{ path, length = taken.length }] = taken as [JsonColumn];
  if (options.column === undefined && layout.kind === 'document' && chosen.kind === 'elements')
    refuseCounted(source.name, taken);
  if (chosen.kind === 'vector') refuseSeveral(source.name, layout, path, options.column);
  if (length > MAX_DEPTH)
    throw new FormatError(source.name, 'whole', `expected at most ${MAX_DEPTH} numbers in a row, got ${length}`);
  const origin = named ? { origin: chosen.origin } : {};
  const { places } = options;
  const nulls = new NullRows(source.name, options.nulls);
  const reading = { source, text, layout, columns: taken, kind: chosen.kind, nulls, places };
  const labels: string[] | undefined = path.includes(EACH_VALUE) && layout.kind === 'document' ? [] : undefined;
  return {
    kind: 'stream',
    depth: length,
    type: 'float32',
    nulls: reading.nulls,
    ...origin,
    ...(labels && { labels }),
    blocks: () => readBlocks(reading, labels),
  } satisfies RowStream;
};

const AS_RECORDS =
  "write the table as records: with pandas, df.to_json('rows.jsonl', orient='records', lines=True), where df is the table, such as pandas.DataFrame(...)";

function refuseTable(
  file: string,
  { document, whole: isWhole }: { readonly document: unknown; readonly whole: boolean },
  column: string | undefined,
): void {
  const table = tableIn(document, isWhole, column);
  if (!table) return;
  const { what, selector } = table;
  const advice =
    selector === undefined
      ? AS_RECORDS
      : say`${AS_RECORDS}; if each list of numbers is a whole row, choose ${mention.option('column', selector)}`;
  throw new ArgumentError('column', `${file}: holds ${what}`, { advice });
}

/** Refuses a list of vectors in every record, unless the caller selects it by a path that makes several rows of each record. */
function refuseSeveral(file: string, layout: JsonLayout, path: readonly Step[], column: string | undefined): void {
  const name = nameOfPath(path);
  if (path.at(-1) !== EACH_ELEMENT || (column !== undefined && (column === name || column.endsWith('[]')))) return;
  const values = layout.kind === 'document' ? [layout.document] : layout.sample;
  const lists = values.flatMap((value) => [...follow(value, path.slice(0, -1))]).filter(Array.isArray);
  const several = lists.find((list) => list.length > 1);
  if (lists.length < 2 || !several) return;
  const held = `${file}: a record holds several vectors${name === '[]' ? '' : ` in ${JSON.stringify(name)}`} (one of them ${several.length})`;
  const reading = 'rows must be one vector a record: pool or choose the vectors of each record first';
  const advice = say`${reading}, or take each vector as a row with ${mention.option('column', name)}`;
  throw new ArgumentError('column', held, { advice });
}

/** Refuses numbers under consecutive keys of one object, which may be a column as well as a row. */
function refuseCounted(file: string, columns: readonly JsonColumn[]): void {
  const [first, second] = columns.map(({ path }) => path);
  if (!first || !second || first.some((step) => typeof step !== 'string')) return;
  const differs = first.findIndex((step, at) => step !== second[at]);
  if (differs < 0 || (differs === first.length - 1 && !/^\d+$/.test(String(first[differs])))) return;
  const selector = `${columns[0]?.name}..${columns.at(-1)?.name}`;
  const advice = say`${AS_RECORDS}; if they are one row, choose ${mention.option('column', selector)}`;
  throw new ArgumentError('column', `${file}: the numbers ${selector} may be a column of the table or one row`, { advice });
}

interface Fields {
  readonly columns: readonly JsonColumn[];
  readonly selector: string | undefined;
  /** False if records consist only of their vectors. */
  readonly named: boolean;
}

function findFields(file: string, layout: JsonLayout, { column, element }: ReadOptions): Fields {
  const isDocument = layout.kind === 'document';
  const root = isDocument ? layout.document : undefined;
  if (isDocument && (typeof root !== 'object' || root === null)) {
    throw new FormatError(file, 'whole', `expected an array or an object, got ${nameValue(root)}`);
  }
  const records = isDocument ? [root] : layout.sample;
  const columns = withUneven(columnsOfRecords(records, isDocument && !Array.isArray(root), element));
  const isWhole = !isDocument || layout.whole;
  if (isWhole && columns.every(({ kind, path }) => kind === 'null' && path.length === 0))
    throw new FormatError(file, 'whole', 'no rows');
  const [only, another] = columns;
  // Lines or elements that are vectors themselves.
  const bare = only && !another && only.path.every((step) => step === EACH_ELEMENT);
  if (column === undefined) return { columns, selector: undefined, named: !bare };
  const selector = selectorIn(columns, column);
  if (selector !== undefined) return { columns, selector, named: true };
  const path = pathOfColumn(records, column);
  if (!path) return { columns, selector: column, named: true };
  const chosen = columnAt(records, path, element);
  return { columns: [chosen, ...columns.filter(({ name }) => name !== chosen.name)], selector: chosen.name, named: true };
}

/** If a field of unequal vectors is all there is, it is taken for the rows, and its first deviation is the error. */
function withUneven(columns: readonly JsonColumn[]): readonly JsonColumn[] {
  const uneven = columns.filter(({ firstLength }) => firstLength !== undefined);
  const [only, another] = uneven;
  if (only?.firstLength === undefined || another || columns.some(({ kind }) => kind === 'vector' || kind === 'float'))
    return columns;
  const vector: JsonColumn = { ...only, kind: 'vector', length: only.firstLength };
  return columns.map((column) => (column === only ? vector : column));
}

function hasRows(fields: Fields): boolean {
  return columnsOfRows(fields).length > 0;
}

function columnsOfRows({ columns, selector }: Fields): readonly JsonColumn[] {
  if (selector !== undefined) return columns.filter(({ name }) => name === selector);
  return columns.filter(({ kind }) => kind === 'vector' || kind === 'float');
}

/**
 * True if the sample shows where the rows are. In the beginning of a document, only the second record shows that there are records: before
 * it, the document may be a record itself, or one of several.
 */
function isEnough(layout: JsonLayout, fields: Fields): boolean {
  if (layout.kind !== 'document' || layout.whole) return true;
  return columnsOfRows(fields).some(({ path }) => {
    const [first, second] = follow(layout.document, path.slice(0, stepsToRecords(path)));
    return first !== undefined && second !== undefined;
  });
}

/**
 * Returns the name of the column that `column` means: the full name, or the only one that ends with it, as 'embedding' for
 * 'data[].embedding'.
 */
function selectorIn(columns: readonly JsonColumn[], column: string): string | undefined {
  if (columns.some(({ name }) => name === column)) return column;
  const ending = columns.filter(({ name }) => name.endsWith(`.${column}`) || name === `${column}[]`);
  return ending.length === 1 ? ending[0]?.name : undefined;
}

/** Returns the path of a field that `column` names in some record: by a name that contains dots, or by a path with indices. */
function pathOfColumn(records: readonly unknown[], column: string): readonly Step[] | undefined {
  const dotted = pathOfName(column).map((step) => (typeof step === 'string' && /^\d+$/.test(step) ? Number(step) : step));
  const paths: (readonly Step[])[] = [[column], dotted, [EACH_ELEMENT, column], [EACH_ELEMENT, ...dotted]];
  return paths.find((path) =>
    records.some((record) => [...follow(record, path)].some((value) => value !== undefined && value !== null)),
  );
}

interface Reading {
  readonly source: ByteSource;
  readonly text: TextBytes;
  readonly layout: JsonLayout;
  readonly kind: 'vector' | 'elements';
  readonly columns: readonly JsonColumn[];
  readonly nulls: NullRows;
  readonly places: RecordPlaces | undefined;
}

/** Number of steps before the first that stands for many values. In a document, these lead to the records. */
function stepsToRecords(path: readonly Step[]): number {
  return path.findIndex((step) => step === EACH_ELEMENT || step === EACH_VALUE) + 1;
}

async function* readBlocks(reading: Reading, labels: string[] | undefined): AsyncGenerator<Float32Array, void, undefined> {
  const { layout, text, columns, kind, nulls, places } = reading;
  const [{ path }] = columns as [JsonColumn];
  const streamed = layout.kind === 'document' && !layout.whole;
  const skipped = streamed ? stepsToRecords(path) : 0;
  const rows = new RecordRows(kind, columns, skipped);
  const blocks = new RowBlocks(rows.depth);
  let row = 0;
  let record: JsonRecord | undefined;
  if (places) describePlaces(places, text, layout);
  const sink: RowSink = {
    nextRow: () => {
      places?.add(record?.offset ?? text.offset);
      row += 1;
      return blocks.nextRow();
    },
    isNull: () => {
      places?.add(record?.offset ?? text.offset);
      const zero = nulls.add(row++, record?.offset ?? 0, nullWords(record, nameOfPath(path)));
      if (zero) blocks.nextRow().fill(0);
    },
  };
  if (layout.kind === 'document' && layout.whole) {
    // The position used in errors.
    const whole: JsonRecord = { bytes: text.head, offset: text.offset, line: undefined };
    const paths = columns.map((each) => each.path);
    await text.examine(() => faultsAt(reading, whole, () => checkKeys(text.head, skipBlanks(text.head, 0), paths)));
    if (labels) labels.push(...keysOf(layout.document, path));
    await text.examine(() => faultsAt(reading, undefined, () => rows.readValue(layout.document, sink)));
    yield* blocks.takeRest();
    return;
  }
  const records = streamed
    ? elementsOf(text, path.slice(0, skipped), unknownFields(reading, path, skipped))
    : recordsOf(layout, text);
  // The last sampled element may be truncated.
  const elements = streamed ? [...follow(layout.document, path.slice(0, skipped))].slice(0, -1) : sampleOf(layout);
  const numbers = isNumbered(elements) ? new IndexOrder(text, path[skipped - 2] === 'data') : undefined;
  for await (record of records) {
    const { bytes, key } = record;
    const done = examining(bytes.length, () =>
      faultsAt(reading, record, () => {
        numbers?.add(record as JsonRecord);
        rows.readBytes(bytes, sink);
      }),
    );
    // Waiting for every short record would take longer than reading it.
    if (done) await done;
    if (key !== undefined) labels?.push(key);
    yield* blocks.takeFull();
  }
  numbers?.end();
  yield* blocks.takeRest();
}

/** A single object is treated like a line. */
function describePlaces(places: RecordPlaces, { exact }: TextBytes, layout: JsonLayout): void {
  places.extensions = ['.jsonl', '.ndjson'];
  if (!exact) places.refuse('the file is UTF-16');
  const isLine = layout.kind === 'document' && layout.whole && !Array.isArray(layout.document);
  if (layout.kind === 'values') places.refuse('its values are not one on each line');
  else if (layout.kind === 'document' && !isLine) places.refuse('it is one JSON document, not JSON lines');
}

function sampleOf(layout: JsonLayout): readonly unknown[] {
  return layout.kind === 'document' ? [] : layout.sample;
}

function recordsOf(layout: JsonLayout, text: TextBytes): AsyncGenerator<JsonRecord, void, undefined> {
  return layout.kind === 'lines' ? linesOf(text) : valuesOf(text);
}

/** Calls `work` and adds the position to faults it throws. */
function faultsAt({ source, text, columns }: Reading, record: JsonRecord | undefined, work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error;
    const name = nameOfPath((columns[0] as JsonColumn).path);
    const place = [record?.line !== undefined ? `line ${record.line}` : '', name === '' ? '' : `field ${JSON.stringify(name)}`];
    const where = place.filter((each) => each !== '').join(', ');
    const message = `${where}${where === '' ? '' : ': '}${error.message}`;
    if (!record) throw new FormatError(source.name, 'whole', message);
    throw text.error(record.offset + error.at, message);
  }
}

function nullWords(record: JsonRecord | undefined, name: string): string {
  const line = record?.line === undefined ? '' : ` (line ${record.line})`;
  return `${line.trimStart()}${line === '' ? '' : ' '}has no vector${name === '' ? '' : ` in ${JSON.stringify(name)}`}`;
}

/** Numbered embeddings of a service, which are too many to be sorted here. */
class IndexOrder {
  readonly #seen = new Set<number>();
  #count = 0;
  #odd: { readonly record: JsonRecord; readonly at: number; readonly index: number } | undefined;

  /** With `strict`, they must be numbered from 0. */
  constructor(
    private readonly text: TextBytes,
    private readonly strict: boolean,
  ) {}

  add(record: JsonRecord): void {
    const index = indexIn(record.bytes);
    if (index !== this.#count) this.#odd ??= { record, at: this.#count, index };
    this.#seen.add(index);
    this.#count += 1;
    if (this.strict) this.#throwOdd();
  }

  /** Throws if the numbers are those from 0 but out of order; other numbers mean something else. */
  end(): void {
    const isOrder = this.#seen.size === this.#count && [...this.#seen].every((each) => each >= 0 && each < this.#count);
    if (isOrder) this.#throwOdd();
  }

  #throwOdd(): void {
    if (!this.#odd) return;
    const { record, at, index } = this.#odd;
    const what = record.line === undefined ? `element ${at}` : `line ${record.line}`;
    const number = Number.isNaN(index) ? 'no index' : `the index ${index}`;
    throw this.text.error(record.offset, `${what} has ${number}`, { advice: 'sort the embeddings by their index first' });
  }
}

/** Returns the index in a record, or NaN if it has none. */
function indexIn(bytes: Uint8Array): number {
  const start = skipBlanks(bytes, 0);
  if (bytes[start] !== 0x7b) return Number.NaN;
  for (const { name, start: at, end } of membersOf(bytes, start)) {
    if (name.length === 5 && nameOfField(name) === 'index') return Number(decodeCell(bytes.subarray(at, end)));
  }
  return Number.NaN;
}

/** Examines fields that the beginning of a document did not show: another field with vectors makes the choice ambiguous. */
function unknownFields(reading: Reading, path: readonly Step[], skipped: number): OnUnknown {
  const { source, layout } = reading;
  const known = new Set<string>();
  for (let depth = 0; depth < skipped && layout.kind === 'document'; depth++) {
    for (const value of follow(layout.document, path.slice(0, depth)))
      for (const name of Object.keys(value ?? {})) known.add(name);
  }
  const vectorIn = (name: string, { bytes, offset }: JsonRecord) => {
    const value = parseJson(decodeCell(bytes), (fault) => {
      throw new FormatError(source.name, offset, fault);
    });
    return columnsOfRecords([{ [name]: value }], true, undefined).find(({ kind }) => kind === 'vector');
  };
  return async (name, value) => {
    if (known.has(name)) return;
    const other = await examining(value.bytes.length, () => vectorIn(name, value));
    if (!other) return;
    const choices = [nameOfPath(path), other.name];
    throw new ArgumentError('column', `${source.name}: more than one part can be the rows: ${choices.join(', ')}`, {
      advice: chooseWith(choices),
    });
  };
}

/** Returns the keys of the objects whose values are rows, one key per row. */
function keysOf(document: unknown, path: readonly Step[]): string[] {
  const at = path.indexOf(EACH_VALUE);
  return [...follow(document, path.slice(0, at))].flatMap((value) => Object.keys(value ?? {}));
}

/** Yields the text or number in the field `column` of each record: '' for null and, with `missing` set to 'empty', for a missing field. */
export const readJsonlText: TextReader = async function* (source, column, missing = 'throw', seen = { texts: false }, places) {
  const text = await TextBytes.open(source);
  const layout = await findLayout(text);
  if (places) describePlaces(places, text, layout);
  let names: string[] = [];
  for await (const { value, place } of textsOf(source, text, layout, column)) {
    places?.add(place?.offset ?? text.offset);
    const long = longIntegerOf(value);
    seen.texts ||= typeof value === 'string' && long === undefined;
    if (long !== undefined) names.push(long);
    else if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') names.push(String(value));
    else if (value === null || (value === undefined && missing === 'empty')) names.push('');
    else
      throw new FormatError(
        source.name,
        place?.offset ?? 'whole',
        `${place?.line === undefined ? '' : `line ${place.line}, `}field ${JSON.stringify(column)}: expected text, got ${nameValue(value)}`,
      );
    if (names.length < NAMES_AT_ONCE) continue;
    yield names;
    names = [];
  }
  if (names.length > 0) yield names;
};

async function* textsOf(
  source: ByteSource,
  text: TextBytes,
  layout: JsonLayout,
  column: string,
): AsyncGenerator<{ readonly value: unknown; readonly place?: JsonRecord }, void, undefined> {
  const sample = layout.kind === 'document' ? [layout.document] : layout.sample;
  const path = pathOfTexts(source.name, sample, column);
  if (layout.kind === 'document' && layout.whole) {
    const document = await text.examine(() =>
      parseJson(quoteLongIntegers(decodeCell(text.head)), (fault) => {
        throw text.error(text.offset, fault);
      }),
    );
    for (const value of follow(document, path)) yield { value };
    return;
  }
  const skipped = layout.kind === 'document' ? stepsToRecords(path) : 0;
  const records = skipped > 0 ? elementsOf(text, path.slice(0, skipped), () => {}) : recordsOf(layout, text);
  for await (const place of records) {
    const parse = () =>
      parseJson(quoteLongIntegers(decodeCell(place.bytes)), (fault) => {
        throw text.error(place.offset, place.line === undefined ? fault : `line ${place.line}: ${fault}`);
      });
    const parsed = await examining(place.bytes.length, parse);
    for (const value of follow(parsed, path.slice(skipped))) yield { value, place };
  }
}

function pathOfTexts(file: string, sample: readonly unknown[], column: string): readonly Step[] {
  const columns = columnsOfRecords(sample, sample.length === 1, undefined);
  const selector = selectorIn(columns, column);
  const path = columns.find(({ name }) => name === selector)?.path ?? pathOfColumn(sample, column);
  if (path) {
    // A list of texts that accompanies the list of vectors, as in Chroma. In a record, a list is not text.
    const [value] = follow(sample[0], path);
    return sample.length === 1 && Array.isArray(value) ? [...path, EACH_ELEMENT] : path;
  }
  const names = listNames(columns.map(({ name }) => name).filter((name) => name !== ''));
  throw new ArgumentError('column', `${file}: no field ${column}; there are ${names || 'none'}`);
}
