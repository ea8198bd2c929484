// Checks, before anything is computed, that the files of an answer can hold the names of its rows.

import { COMMAND_WORDING } from '../command-wording.js';
import { messageIn } from '../errors.js';
import { AllpairsError } from '../index.js';
import { checkXmlText } from '../io/formats/graphml.js';
import { npyTypeOf } from '../io/formats/npy-values.js';
import { InputError, UsageError } from './exit-codes.js';
import { CSR, GRAPHML } from './graph.js';
import { besideRows, idOf, type ResultNames, type RowNames } from './result-names.js';

const NUMPY = ['.npy', '.npz', CSR];

/** Throws UsageError or InputError for names that a file of `format` cannot hold. */
export function checkNames(format: string | undefined, { rows, cols }: Pick<ResultNames, 'rows' | 'cols'>): void {
  if (format === undefined) return;
  for (const names of cols === rows ? [rows] : [rows, cols]) {
    if (NUMPY.includes(format)) checkNumpy(format, names, names === rows ? '--' : '--against-');
    if (format === GRAPHML) checkGraphml(names);
  }
}

function checkNumpy(format: string, { ids, labelsGiven, carried }: RowNames, prefix: string): void {
  const option = carried.length > 0 ? 'carry' : labelsGiven ? 'labels' : undefined;
  if (option !== undefined) {
    throw new UsageError(
      `${prefix}${option}: ${format} holds only numbers and ids; write .csv, .jsonl, .parquet or .arrow, or leave ${prefix}${option} out`,
    );
  }
  if (ids) asInputError(() => npyTypeOf({ ...ids, name: `${prefix}ids ${ids.name}` }));
}

function checkGraphml(names: RowNames): void {
  for (const { name, texts } of [...(names.ids ? [names.ids] : []), ...besideRows(names)]) {
    asInputError(() => {
      checkXmlText(name, 'the name of a column');
      for (const [row, text] of texts.entries()) checkXmlText(text, `${name} of row ${row}`);
    });
  }
}

function asInputError(check: () => unknown): void {
  try {
    check();
  } catch (error) {
    throw error instanceof AllpairsError ? new InputError(messageIn(error, COMMAND_WORDING)) : error;
  }
}

/** Throws InputError for ids that cannot be lines of the file of --keep. */
export function checkKeptNames(keep: string | undefined, names: RowNames): void {
  const row = keep === undefined ? -1 : (names.ids?.texts.findIndex((id) => /[\r\n]/.test(id)) ?? -1);
  if (row < 0) return;
  const id = JSON.stringify(idOf(row, names));
  throw new InputError(`--keep: the id of row ${row} has several lines, ${id}; leave --ids out`);
}
