// Random tables in every format that npm packages can write: the rows are exactly the vectors, or the file is refused with a reason. The
// tables are always the same, a small part of those that scripts/fuzz-tables.ts can try.

import { expect, test } from 'vitest';
import { FORMATS, type Outcome, tryTable } from './tables/trial.js';

/** Tables of each format; fewer for slower formats. */
const TABLES = 60;
const FEWER: Readonly<Record<string, number>> = { duckdb: 20, sqlite: 40, parquet: 40 };

/**
 * At least this fraction of plain files (vectors in a usual form next to ordinary columns) must be read. Otherwise a reader that refuses
 * everything would pass.
 */
const FLOOR = 0.9;
/** Text in cells contains separators, quotes and numbers, and a tensor of one number a row may be the rows. */
const FLOORS: Readonly<Record<string, number>> = { npz: 0.8, safetensors: 0.8 };

test.each(Object.keys(FORMATS))('%s is read correctly or refused', async (format) => {
  const outcomes: Outcome[] = [];
  for (let seed = 0; seed < (FEWER[format] ?? TABLES); seed++) outcomes.push(await tryTable(format, seed));
  expect(outcomes.flatMap(({ kind, what }, seed) => (kind === 'wrong' ? [`table ${seed}: ${what}`] : []))).toEqual([]);
  const easy = outcomes.filter((outcome) => outcome.easy);
  expect(easy.length).toBeGreaterThan(0);
  const refused = easy.filter(({ kind }) => kind === 'refused').map(({ what }) => what);
  expect(refused.length / easy.length, refused.join('\n')).toBeLessThanOrEqual(1 - (FLOORS[format] ?? FLOOR));
});
