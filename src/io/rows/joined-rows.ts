// Presents the rows of many files (parts of a data set, shards, days) as those of one, numbered consecutively.

import { FormatError } from '../../errors.js';
import type { Message } from '../../message.js';
import { bytesOfElement, type ElementType, MACHINE_IS_LITTLE_ENDIAN } from '../../rows/element-type.js';
import { type ByteSource, bytesOfFile } from '../bytes/byte-source.js';
import type { Origin } from '../columns/choose.js';
import { type JoinedFile, RowFile } from './row-file.js';
import type { FlatRows, RowStream } from './row-reader.js';
import type { RowStore } from './row-store.js';

/** A range of consecutive rows. */
interface Part {
  readonly rows: number;
  readonly offset: number;
  /** Undefined for rows in the store. */
  readonly source: ByteSource | undefined;
}

/** What all parts must have in common. */
interface Shape {
  readonly name: string;
  readonly depth: number;
  readonly type: ElementType;
  readonly rowBytes: number;
  readonly littleEndian: boolean;
  readonly origin: Origin | undefined;
}

/** Joins the rows of files that are added one after another. Decoded rows go to one store. */
export class RowJoiner {
  readonly #parts: Part[] = [];
  readonly #files: JoinedFile[] = [];
  readonly #nullRows: number[] = [];
  readonly #notUsed = new Set<string>();
  #labels: string[] | undefined = [];
  #shape: Shape | undefined;
  /** The shape of the first part without rows, in case there are no others. */
  #emptyShape: Shape | undefined;
  #emptyError: FormatError | undefined;
  #rows = 0;
  /** Number of rows of the inputs so far, including those that were skipped. */
  #inputRows = 0;
  #skipsNulls = false;

  constructor(
    private readonly store: RowStore,
    private readonly signal: AbortSignal | undefined,
  ) {}

  /** Adds the rows stored in `source`, which is closed with the joined rows. */
  addFlat(source: ByteSource, flat: FlatRows): void {
    const { rows, depth, type, rowBytes, littleEndian, origin } = flat;
    this.#agree({ name: source.name, depth, type, rowBytes, littleEndian, origin });
    this.#parts.push({ rows, offset: flat.offset, source });
    this.#end(source.name, rows, [], undefined);
  }

  /** Decodes the rows of a stream. */
  async addStream(name: string, stream: RowStream): Promise<void> {
    const { depth, type, origin, nulls, labels } = stream;
    const rowBytes = depth * bytesOfElement(type);
    const shape = { name, depth, type, rowBytes, littleEndian: MACHINE_IS_LITTLE_ENDIAN, origin };
    // For vectors without a fixed length, their depth is unknown if there are no rows.
    if (depth === 0) this.#emptyShape ??= shape;
    else this.#agree(shape);
    const offset = this.store.size;
    for await (const block of stream.blocks()) {
      this.signal?.throwIfAborted();
      await this.store.append(new Uint8Array(block.buffer, block.byteOffset, block.byteLength));
    }
    const rows = rowBytes > 0 ? (this.store.size - offset) / rowBytes : 0;
    this.#parts.push({ rows, offset, source: undefined });
    this.#skipsNulls ||= nulls?.policy === 'skip';
    this.#end(name, rows, nulls?.rows ?? [], labels);
  }

  /** Adds a file that has no rows according to `error`. */
  addEmpty(error: FormatError): void {
    this.#emptyError ??= error;
    this.#end(error.file, 0, [], undefined);
  }

  /** Returns all rows under one name. Throws FormatError if no file has any. */
  async finish(name: string): Promise<RowFile> {
    const shape = this.#shape ?? this.#emptyShape;
    if (!shape) throw this.#emptyError ?? new FormatError(name, 'whole', 'no rows');
    const { depth, type, rowBytes, littleEndian, origin } = shape;
    const stored = await this.store.finish(name);
    const parts = this.#parts.map(({ rows, offset, source }) => ({ rows, offset, source: source ?? stored }));
    const from = origin && { ...origin, notUsed: [...this.#notUsed] };
    const layout: FlatRows = {
      ...({ kind: 'flat', rows: this.#rows, depth, type, littleEndian, offset: 0, rowBytes } as const),
      ...(from && { origin: from }),
    };
    const labels = this.#labels && this.#labels.length > 0 ? this.#labels : undefined;
    return new RowFile(
      name,
      bytesOfParts(name, parts, rowBytes, depth * bytesOfElement(type), stored),
      layout,
      this.store.heldBytes,
      {
        nullRows: this.#nullRows,
        skipsNulls: this.#skipsNulls,
        files: this.#files,
        ...(labels && { labels }),
      },
    );
  }

  /** Closes what was added. */
  async discard(): Promise<void> {
    await this.store.discard();
    for (const { source } of this.#parts) await source?.close();
  }

  #agree(shape: Shape): void {
    this.#shape ??= shape;
    for (const name of shape.origin?.notUsed ?? []) this.#notUsed.add(name);
    const first = this.#shape;
    const refuse = (what: string, here: string, there: string) => {
      throw disagreement(shape.name, first.name, what, [here, there]);
    };
    if (shape.depth !== first.depth) refuse('rows of', `${shape.depth} numbers`, `${first.depth}`);
    if (shape.type !== first.type) refuse('rows of', shape.type, first.type);
    const [here, there] = [shape.origin, first.origin];
    if (here?.columns && there?.columns) {
      const at = here.columns.findIndex((column, i) => column !== there.columns?.[i]);
      if (at >= 0) refuse('rows from', ...unlikeColumns(here.columns, there.columns, at));
    } else if (partOf(here) !== partOf(there)) {
      refuse('rows from', partOf(here) ?? 'the whole file', partOf(there) ?? 'the whole file');
    }
    if (shape.rowBytes !== first.rowBytes || shape.littleEndian !== first.littleEndian) {
      refuse('rows in', `another layout (${layoutOf(shape)})`, layoutOf(first));
    }
  }

  #end(name: string, rows: number, nullRows: readonly number[], labels: readonly string[] | undefined): void {
    for (const row of nullRows) this.#nullRows.push(this.#inputRows + row);
    const inputRows = rows + (this.#skipsNulls ? nullRows.length : 0);
    this.#files.push({ name, firstRow: this.#inputRows, rows: inputRows });
    this.#rows += rows;
    this.#inputRows += inputRows;
    if (rows === 0) return;
    if (labels?.length !== rows) this.#labels = undefined;
    else for (const label of labels) this.#labels?.push(label);
  }
}

/** Returns why a file cannot be joined with those before it. */
export function disagreement(
  file: string,
  first: string,
  what: string,
  [here, there]: readonly [here: string, there: string],
  advice?: Message,
): FormatError {
  const found = what === '' ? here : `${what} ${here}`;
  return new FormatError(file, 'whole', `${found}, where ${first} has ${there}; files that are read as one must agree`, {
    advice,
  });
}

/** Returns which part of their file the rows are, or undefined if they are all of it. */
export function partOf(origin: Origin | undefined): string | undefined {
  return origin?.columns && origin.notUsed.length === 0 ? undefined : origin?.from;
}

/** Returns both lists from the point where they begin to differ. */
function unlikeColumns(here: readonly string[], there: readonly string[], at: number): [here: string, there: string] {
  if (here.length === 1 && there.length === 1) return [`column ${here[0]}`, `column ${there[0]}`];
  return [`columns with ${here[at]} as number ${at + 1}`, `${there[at]}`];
}

function layoutOf({ rowBytes, littleEndian }: Shape): string {
  return `${rowBytes} bytes a row, ${littleEndian ? 'little' : 'big'}-endian`;
}

/** Errors of readers for text tables without rows and for empty files; Spark writes such parts. */
const NO_ROWS = /: (no rows( below the line of names.*)?|the file is empty; expected data as (csv|tsv|json|jsonl|svmlight))$/;

/** Returns the error of a part without rows, for `addEmpty`; throws any other error. */
export function emptyPart(error: unknown): FormatError {
  if (error instanceof FormatError && NO_ROWS.test(error.message)) return error;
  throw error;
}

type OpenPart = Part & { readonly source: ByteSource };

/** The bytes of parts, one after another, in rows of `rowBytes`; the last row may end after `lastBytes`. */
function bytesOfParts(
  name: string,
  parts: readonly OpenPart[],
  rowBytes: number,
  lastBytes: number,
  stored: ByteSource,
): ByteSource {
  const starts: number[] = [];
  let size = 0;
  for (const { rows } of parts) {
    starts.push(size);
    size += rows * rowBytes;
  }
  const sources = new Set([...parts.map(({ source }) => source), stored]);
  const file = {
    async read(into: Uint8Array<ArrayBuffer>, at: number, length: number, position: number): Promise<{ bytesRead: number }> {
      const index = starts.findLastIndex((start, part) => start <= position && (parts[part] as OpenPart).rows > 0);
      const part = parts[index] as OpenPart;
      const within = position - (starts[index] as number);
      const count = Math.min(length, part.rows * rowBytes - within);
      // What follows the numbers of the last row may be missing; it is never used.
      const there = Math.min(count, Math.max(0, (part.rows - 1) * rowBytes + lastBytes - within));
      if (there > 0) {
        const bytes = await part.source.read(part.offset + within, there);
        into.set(bytes, at);
      }
      return { bytesRead: count };
    },
    async close() {
      for (const source of sources) await source.close();
    },
  };
  return bytesOfFile(file, name, size);
}
