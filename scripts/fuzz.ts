// Runs the readers of all formats on mutated files.
//
//     npx tsx scripts/fuzz.ts [--inputs 100000] [--reader npy] [--from 0]
//
// A failure reports its input's number: --from NUMBER --inputs 1 repeats it. --fields changes every field of the valid files, one at a
// time; --step 7 uses every seventh of those files.

import process from 'node:process';
import { parseArgs } from 'node:util';
import { countFieldInputs, fieldInputOf, fuzzTarget, inputOf } from '../test/fuzz/run.js';
import { TARGETS } from '../test/fuzz/targets.js';

const { values } = parseArgs({
  options: {
    inputs: { type: 'string', default: '100000' },
    reader: { type: 'string' },
    from: { type: 'string', default: '0' },
    fields: { type: 'boolean', default: false },
    step: { type: 'string', default: '1' },
  },
});
const targets = TARGETS.filter(({ name }) => values.reader === undefined || name === values.reader);
if (targets.length === 0)
  throw new Error(`unknown reader ${values.reader}; expected one of ${TARGETS.map(({ name }) => name).join(', ')}`);

const row = (cells: readonly unknown[]) => console.log(cells.map((cell) => String(cell).padStart(14)).join(''));
row(['reader', 'inputs', 'accepted', 'rejected', 'slowest ms', 'of input', 'largest bytes', ' seconds']);
for (const target of targets) {
  const start = performance.now();
  const from = Number(values.from);
  const step = Number(values.step);
  const asked = values.fields
    ? Math.min(Number(values.inputs), Math.ceil((countFieldInputs(target) - from) / step))
    : Number(values.inputs);
  const report = await fuzzTarget(target, asked, from, 20, values.fields ? fieldInputOf : inputOf, values.fields ? step : 1);
  const { inputs, accepted, rejected, slowestMilliseconds, slowestInput, largestBytes, failures } = report;
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  row([target.name, inputs, accepted, rejected, slowestMilliseconds.toFixed(1), slowestInput, largestBytes, seconds]);
  for (const { input, what } of failures) console.error(`${target.name}, input ${input}: ${what}`);
  if (failures.length > 0) process.exitCode = 1;
}
