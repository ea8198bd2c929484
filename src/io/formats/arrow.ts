// Arrow IPC, files (.arrow, Feather version 2) and streams: rows from a column of lists or bytes, or from many columns of
// numbers; names from a column of text. Read where they lie, one block of rows at a time.
//
// https://arrow.apache.org/docs/format/Columnar.html

import { ArgumentError } from '../../errors.js';
import type { RowReader, TextReader } from '../row-reader.js';
import { type ArrowField, openArrow } from './arrow-messages.js';
import { commonElement, elementOfField, findDepth, readNumberRows, readWholeRows } from './arrow-rows.js';
import { readTexts } from './arrow-texts.js';
import { type ColumnCandidate, chooseColumns, findColumn } from './column-choice.js';

/** Rows of an Arrow file; see `chooseColumns` for which columns they are. */
export const readArrow: RowReader = async (source, options) => {
  const file = await openArrow(source);
  const chosen = chooseColumns(source.name, file.fields.map(describeField), options.column);
  const selection = { source, file, chosen };
  const fields = chosen.map((i) => file.fields[i] as ArrowField);
  const [only] = fields;
  if (only && describeField(only).kind === 'rows') {
    const type = (only.children[0] && elementOfField(only.children[0])) ?? 'float32';
    const depth = await findDepth(selection);
    return { kind: 'stream', depth, type, blocks: () => readWholeRows(selection, depth, type) };
  }
  const type = commonElement(fields);
  return { kind: 'stream', depth: fields.length, type, blocks: () => readNumberRows(selection, type) };
};

/** The text (or the numbers) of one column of an Arrow file; nulls are empty. */
export const readArrowText: TextReader = async function* (source, name) {
  const file = await openArrow(source);
  const columns = file.fields.map(describeField);
  const index = findColumn(source.name, columns, name);
  const field = file.fields[index] as ArrowField;
  const isText = ['Utf8', 'LargeUtf8', 'Utf8View'].includes(field.type) && !field.dictionary;
  if (!isText && !elementOfField(field)) {
    throw new ArgumentError('column', `column ${name} holds ${columns[index]?.type}, which cannot be names`);
  }
  yield* readTexts({ source, file, chosen: [index] });
};

function describeField(field: ArrowField): ColumnCandidate {
  const { name, type, size, dictionary, children } = field;
  const element = children[0] && elementOfField(children[0]);
  const isList = ['FixedSizeList', 'List', 'LargeList'].includes(type) && children.length === 1;
  const isBytes = type === 'Binary' || type === 'LargeBinary' || (type === 'FixedSizeBinary' && size > 0 && size % 4 === 0);
  const isRows = (isList && element !== undefined && (type !== 'FixedSizeList' || size > 0)) || isBytes;
  const inner = isList ? ` of ${element ?? children[0]?.type.toLowerCase()}` : '';
  return {
    name,
    kind: dictionary ? 'other' : isRows ? 'rows' : elementOfField(field) ? 'number' : 'other',
    type: dictionary ? `dictionary of ${type.toLowerCase()}` : (elementOfField(field) ?? type.toLowerCase() + inner),
  };
}
