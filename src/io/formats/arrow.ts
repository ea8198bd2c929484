// Arrow IPC, as files (.arrow, Feather version 2) and streams: rows from a column of lists, bytes or text, or from many columns of numbers,
// and names from a column of text. Files are read in place, one block of rows at a time.
//
// https://arrow.apache.org/docs/format/Columnar.html

import { ArgumentError } from '../../errors.js';
import type { NumericArray } from '../../rows/dtype.js';
import type { ElementType } from '../../rows/element-type.js';
import { chooseColumns } from '../columns/choose.js';
import type { Column } from '../columns/column.js';
import { NullRows } from '../columns/nulls.js';
import { selectColumns } from '../columns/select.js';
import type { ReadOptions, RowReader, TextReader } from '../rows/row-reader.js';
import { createMemoryStore } from '../rows/row-store.js';
import { type ArrowLeaf, commonElement, elementField, elementOfField, leavesOf, valueTextOf } from './arrow-fields.js';
import { type ArrowField, openArrow } from './arrow-messages.js';
import {
  type ArrowSelection,
  readCells,
  readLists,
  readNumberRows,
  readTexts,
  sampleCells,
  sampleLists,
} from './arrow-rows.js';
import { sampleBytes, sampleTexts, type VectorCells } from './vector-cells.js';
import { heldBytesFor } from './work-limit.js';

/** Reads the rows of an Arrow file; `chooseColumns` decides which columns they are. */
export const readArrow: RowReader = async (source, options) => {
  const file = await openArrow(source);
  const leaves = leavesOf(file.fields);
  const heldBytes = heldBytesFor(options.memoryBudget);
  const { createStore = createMemoryStore } = options;
  const select = (chosen: readonly ArrowLeaf[]): ArrowSelection => ({ source, file, chosen, heldBytes, createStore });
  const { column: selector } = options;
  // Columns that are not selected are described by their type alone.
  const sampled = new Set(selector === undefined ? leaves.keys() : selectColumns(source.name, leaves, selector));
  const described: Described[] = [];
  for (const [index, leaf] of leaves.entries()) {
    described.push(sampled.has(index) ? await describe(select([leaf]), leaf, options) : { column: leaf });
  }
  const columns = described.map(({ column }) => column);
  const { kind, columns: chosen, origin } = chooseColumns({ file: source.name, columns, named: true, selector });
  const nulls = new NullRows(source.name, options.nulls);
  const taken = chosen.map((index) => leaves[index] as ArrowLeaf);
  const stream = (depth: number, type: ElementType, blocks: () => AsyncGenerator<NumericArray, void, undefined>) =>
    ({ kind: 'stream', depth, type, blocks, nulls, origin }) as const;
  const selection = select(taken);
  if (kind === 'elements') {
    const type = commonElement(taken.map(({ field }) => field));
    return stream(taken.length, type, () => readNumberRows(selection, type, nulls));
  }
  const { cells, column } = described[chosen[0] as number] as Described;
  if (cells) return stream(cells.depth, cells.type, () => readCells(selection, cells, nulls));
  const [leaf] = taken as [ArrowLeaf];
  const type = elementOfField(elementField(leaf.field) as ArrowField) as ElementType;
  const depth = column.length ?? 0;
  return stream(depth, type, () => readLists(selection, depth, type, nulls));
};

interface Described {
  readonly column: Column;
  /** The rows of each column whose cells are whole vectors. */
  readonly cells?: VectorCells;
}

/** Describes a column by its type and a sample of its rows. */
async function describe(selection: ArrowSelection, leaf: ArrowLeaf, { element }: ReadOptions): Promise<Described> {
  const { name, type, content, field } = leaf;
  if (content === 'list') {
    const { shortest, longest, mostlyEqual, nested } = await sampleLists(selection);
    if (nested) return { column: { ...leaf, type: `${type} of several lists a row` } };
    if (shortest !== longest) {
      const unlike = { ...leaf, type: `${type} of ${shortest} to ${longest} numbers` };
      return { column: mostlyEqual ? { ...unlike, mostly: 'vector' } : unlike };
    }
    const length = longest ?? fixedLength(field);
    return { column: { ...leaf, kind: 'vector', ...(length !== undefined && { length }) } };
  }
  if (content === 'bytes') return sampleBytes(name, type, await sampleCells(selection), element);
  if (content !== 'text') return { column: leaf };
  const decoder = new TextDecoder();
  const texts = (await sampleCells(selection)).map((cell) => decoder.decode(cell));
  return sampleTexts(name, type, texts, element);
}

/** Number of elements per row, if the type states it. */
function fixedLength({ type, size, children }: ArrowField): number | undefined {
  if (type !== 'FixedSizeList') return undefined;
  const [child] = children as [ArrowField];
  if (child.children.length === 0) return size;
  const inner = fixedLength(child);
  return inner === undefined ? undefined : size * inner;
}

/** Yields the text (or the numbers) of one column of an Arrow file; nulls become empty. */
export const readArrowText: TextReader = async function* (source, name, _missing, seen) {
  const file = await openArrow(source);
  const leaves = leavesOf(file.fields);
  const [index] = selectColumns(source.name, leaves, name);
  const leaf = leaves[index as number] as ArrowLeaf;
  if (leaf.content !== 'text' && !valueTextOf({ ...leaf.field, dictionary: undefined })) {
    throw new ArgumentError(
      'column',
      `column ${name} holds ${leaf.type}, which is neither text nor a number, a truth value, a date or a timestamp`,
    );
  }
  if (seen && leaf.content !== 'number') seen.texts = true;
  yield* readTexts({ source, file, chosen: [leaf], heldBytes: heldBytesFor(), createStore: createMemoryStore });
};
