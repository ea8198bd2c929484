import type { PairArrays } from '../../cluster/merge/pairs-buffer.js';
import { pairedSimilarity, type RowFile, scorePairs } from '../../index.js';
import { openColumn } from '../../io/records/open-texts.js';
import type { RowValues } from '../../io/records/row-values.js';
import type { CallOptions } from '../call-options.js';
import { asInputError, InputError, UsageError } from '../exit-codes.js';
import { refuseSkip } from '../input.js';
import { answerWithPairs } from '../pairs-answer.js';
import type { RowNames } from '../result-names.js';

/** `allpairs score`: the scores of given pairs, or of row i of both inputs. */
export async function runScore(inputs: readonly string[], options: CallOptions, signal: AbortSignal): Promise<void> {
  const { pairs: file, against } = options;
  if (file === undefined && against === undefined) {
    throw new UsageError(
      'score compares row i of the input with row i of --against; give --against, or --pairs for other pairs',
    );
  }
  // Otherwise rows of the two inputs would no longer correspond.
  refuseSkip('score', options.nulls);
  return answerWithPairs(
    {
      command: 'score',
      plan: () => {
        throw new UsageError('score has no plan to show; leave --dry-run out');
      },
      attempt: () => {},
      find: async ({ x, y, rowNames, colNames, options: asked }): Promise<PairArrays> => {
        if (file === undefined) {
          const scores = await pairedSimilarity(x, y as RowFile, asked);
          const rows = Uint32Array.from(scores.keys());
          return { rows, cols: rows, scores };
        }
        const rows = await readListedRows(file, 'row', x.rows, rowNames, signal);
        const cols = await readListedRows(file, 'col', (y ?? x).rows, colNames, signal);
        return { rows, cols, scores: await scorePairs(x, y, { rows, cols, ...asked }) };
      },
      alone: true,
    },
    inputs,
    options,
    signal,
  );
}

/** Reads the rows in a column of a table, by their ids if they have any, otherwise by number. Throws InputError for anything else. */
async function readListedRows(
  file: string,
  column: string,
  count: number,
  { ids }: RowNames,
  signal: AbortSignal,
): Promise<Uint32Array> {
  const numbers: number[] = [];
  const places = ids && placesOfIds(ids);
  try {
    for await (const texts of openColumn(file, column, { signal })) {
      for (const text of texts) {
        const row = places ? (places.get(text) ?? count) : /^\d+$/.test(text) ? Number(text) : count;
        if (row < count) numbers.push(row);
        else throw notARow(file, column, numbers.length, places ? 'an id of the rows' : `a row number below ${count}`, text);
      }
    }
  } catch (error) {
    throw asInputError(error, file);
  }
  return Uint32Array.from(numbers);
}

function placesOfIds({ texts }: RowValues): ReadonlyMap<string, number> {
  const places = new Map<string, number>();
  for (const [row, id] of texts.entries()) {
    const other = places.get(id);
    if (other !== undefined) {
      throw new InputError(
        `rows ${other} and ${row} both have the id ${JSON.stringify(id)}; --pairs needs ids that only one row has`,
      );
    }
    places.set(id, row);
  }
  return places;
}

function notARow(file: string, column: string, pair: number, expected: string, text: string): InputError {
  return new InputError(`${file}: expected ${expected} in column ${column} of pair ${pair}, got ${JSON.stringify(text)}`);
}
