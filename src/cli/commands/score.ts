import { type Pairs, pairedSimilarity, type RowFile, scorePairs } from '../../index.js';
import { openColumn } from '../../io/records/open-texts.js';
import type { CallOptions } from '../call-options.js';
import { asInputError, InputError, UsageError } from '../exit-codes.js';
import { refuseSkip } from '../input.js';
import { answerWithPairs } from '../pairs-answer.js';

/** `allpairs score`: the scores of given pairs, or of row i of both inputs. */
export async function runScore(inputs: readonly string[], options: CallOptions, signal: AbortSignal): Promise<void> {
  const { pairs: file, against } = options;
  if (file === undefined && against === undefined) {
    throw new UsageError(
      'score compares row i of the input with row i of --against; give --against, or --pairs for other pairs',
    );
  }
  // Rows of both inputs would no longer stand side by side.
  refuseSkip('score', options.nulls);
  return answerWithPairs(
    {
      command: 'score',
      plan: () => {
        throw new UsageError('score has no plan to show; leave --dry-run out');
      },
      attempt: () => {},
      find: async ({ x, y, options: asked }): Promise<Pairs> => {
        if (file === undefined) {
          const scores = await pairedSimilarity(x, y as RowFile, asked);
          const rows = Uint32Array.from(scores.keys());
          return { rows, cols: rows, scores, length: rows.length };
        }
        const rows = await readRowNumbers(file, 'row', x.rows);
        const cols = await readRowNumbers(file, 'col', (y ?? x).rows);
        return { rows, cols, scores: await scorePairs(x, y, { rows, cols, ...asked }), length: rows.length };
      },
      alone: true,
    },
    inputs,
    options,
    signal,
  );
}

/** The row numbers in a column of a table. Throws InputError for anything else. */
async function readRowNumbers(file: string, column: string, count: number): Promise<Uint32Array> {
  const numbers: number[] = [];
  try {
    for await (const texts of openColumn(file, column, undefined)) {
      for (const text of texts) {
        const row = /^\d+$/.test(text) ? Number(text) : count;
        if (row < count) numbers.push(row);
        else throw notARow(file, column, numbers.length, count, text);
      }
    }
  } catch (error) {
    throw asInputError(error, file);
  }
  return Uint32Array.from(numbers);
}

function notARow(file: string, column: string, pair: number, count: number, text: string): InputError {
  return new InputError(
    `${file}: expected a row number below ${count} in column ${column} of pair ${pair}, got ${JSON.stringify(text)}`,
  );
}
