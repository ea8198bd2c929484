// Writes random tables in every format for which npm packages have a writer, and checks that the readers return the right rows or
// refuse.
//
//     npx tsx scripts/fuzz-tables.ts [--tables 10000] [--from 0] [--format csv] [--refused] [--keep FILE]
//
// A failure reports its number: --from NUMBER --tables 1 repeats it, and --keep writes its file. --refused lists the reasons for which
// plain tables were refused.

import { writeFileSync } from 'node:fs';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { FORMATS, tryTable } from '../test/io/tables/trial.js';

const { values } = parseArgs({
  options: {
    tables: { type: 'string', default: '10000' },
    from: { type: 'string', default: '0' },
    format: { type: 'string' },
    refused: { type: 'boolean', default: false },
    keep: { type: 'string' },
  },
});
const formats = Object.keys(FORMATS).filter((format) => values.format === undefined || format === values.format);
if (formats.length === 0)
  throw new Error(`unknown format ${values.format}; expected one of ${Object.keys(FORMATS).join(', ')}`);

const row = (cells: readonly unknown[]) => console.log(cells.map((cell) => String(cell).padStart(18)).join(''));
row(['format', 'tables', 'read', 'refused', 'wrong', 'easy', 'easy read', 'seconds']);
for (const format of formats) {
  const start = performance.now();
  const counts = { right: 0, refused: 0, wrong: 0 };
  let easy = 0;
  let easyRead = 0;
  const from = Number(values.from);
  for (let seed = from; seed < from + Number(values.tables); seed++) {
    const outcome = await tryTable(format, seed);
    counts[outcome.kind] += 1;
    if (outcome.easy) easy += 1;
    if (outcome.easy && outcome.kind === 'right') easyRead += 1;
    if (values.keep !== undefined) writeFileSync(values.keep, outcome.bytes);
    if (outcome.kind === 'wrong') console.error(`${format}, table ${seed}: ${outcome.what}`);
    else if (values.refused && outcome.easy && outcome.kind === 'refused')
      console.log(`${format}, table ${seed}: ${outcome.what}`);
  }
  if (counts.wrong > 0) process.exitCode = 1;
  const share = easy === 0 ? '-' : `${((100 * easyRead) / easy).toFixed(1)} %`;
  row([
    format,
    values.tables,
    counts.right,
    counts.refused,
    counts.wrong,
    easy,
    share,
    ((performance.now() - start) / 1000).toFixed(1),
  ]);
}
