// Runs the readers of formats on changed files, each in a process of its own, which starts again after an input that ended it.
//
//     npm run fuzz -- [--inputs 1000000] [--reader npy] [--from 0] [--by structure]
//
// Files are changed by the structure of their format (`--by structure`), by their bytes (`--by bytes`), or half of them each way (`mixed`, the
// default). With `--by fields` every byte and word of the valid files is changed, one at a time; --step 7 uses every seventh of those files.
// A failure reports its input's number: --from NUMBER --inputs 1 repeats it.

import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import type { ChildMessage, ChildOrder } from '../test/fuzz/child.js';
import { TARGET_NAMES, targetOf } from '../test/fuzz/libraries.js';
import { countFieldInputs, type FuzzReport } from '../test/fuzz/run.js';

const { values } = parseArgs({
  options: {
    inputs: { type: 'string', default: '100000' },
    reader: { type: 'string' },
    from: { type: 'string', default: '0' },
    by: { type: 'string', default: 'mixed' },
    step: { type: 'string', default: '1' },
  },
});
const names = TARGET_NAMES.filter((name) => values.reader === undefined || name === values.reader);
if (names.length === 0) throw new Error(`unknown reader ${values.reader}; expected one of ${TARGET_NAMES.join(', ')}`);

/** In memory where the system has a folder for that. */
const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'allpairs-fuzz-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

const CHILD = fileURLToPath(new URL('../build/fuzz/child.mjs', import.meta.url));
const SOURCE = fileURLToPath(new URL('../test/fuzz/child.ts', import.meta.url));
mkdirSync(fileURLToPath(new URL('../build/fuzz', import.meta.url)), { recursive: true });
await build({
  entryPoints: [SOURCE],
  outfile: CHILD,
  bundle: true,
  format: 'esm',
  platform: 'node',
  packages: 'external',
  external: ['#src/*'],
  // The seeds are found next to the sources.
  define: { 'import.meta.url': JSON.stringify(pathToFileURL(SOURCE).href) },
});

interface Outcome {
  readonly last: number;
  readonly hang: number | undefined;
  readonly report: FuzzReport | undefined;
}

/** Runs a child until it ends. */
function runChild(order: ChildOrder): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    // Readers create temporary files too.
    const env = { ...process.env, TMPDIR: folder };
    const child = spawn(process.execPath, [CHILD, JSON.stringify(order)], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    let last = order.from;
    let hang: number | undefined;
    let report: FuzzReport | undefined;
    const lines = createInterface({ input: child.stdout });
    lines.on('line', (line) => {
      const message = JSON.parse(line) as ChildMessage;
      if ('at' in message) last = message.at;
      else if ('hang' in message) hang = message.hang;
      else report = message.report;
    });
    child.on('error', reject);
    lines.on('close', () => resolve({ last, hang, report }));
  });
}

const EVERY = 1000;
const PART = 50_000;
const MOST_ENDED = 20;

/** Runs all inputs of one reader. Returns what the children reported, and the inputs that ended one. */
async function fuzzReader(reader: string, inputs: number, from: number) {
  const common = { reader, by: values.by as ChildOrder['by'], step: Number(values.step), folder };
  const reports: FuzzReport[] = [];
  const failures: { readonly input: number; readonly what: string }[] = [];
  let hangs = 0;
  let crashes = 0;
  const end = from + inputs * common.step;
  let every = EVERY;
  // In parts, so that an input that ends the process loses few reports.
  for (let at = from, part = PART; at < end; ) {
    const count = Math.min(part, Math.ceil((end - at) / common.step));
    const { last, hang, report } = await runChild({ ...common, inputs: count, from: at, counting: false, every });
    if (report) {
      reports.push(report);
      failures.push(...report.failures);
      for (const input of report.slow) {
        const { report: counted } = await runChild({ ...common, inputs: 1, from: input, counting: true, every: 1 });
        failures.push(...(counted?.failures ?? [{ input, what: 'ended the process, slowly' }]));
      }
      at += report.inputs * common.step;
      part = PART;
      every = EVERY;
      if (at < end) console.error(`${reader}: ${at - from} inputs, ${failures.length} failures`);
      if (report.failures.length >= MOST_ENDED) break;
      continue;
    }
    const ended = hang ?? last;
    if (hang === undefined && every > 1) {
      // Reporting each input shows which of some thousand ended the process.
      if (last > at)
        reports.push(
          (await runChild({ ...common, inputs: (last - at) / common.step, from: at, counting: false, every }))
            .report as FuzzReport,
        );
      at = last;
      every = 1;
      part = EVERY;
      continue;
    }
    if (hang === undefined) crashes++;
    else hangs++;
    failures.push({ input: ended, what: hang === undefined ? 'ended the process' : 'never ends' });
    console.error(`${reader}, input ${ended}: ${failures.at(-1)?.what}`);
    if (ended > at) {
      const before = await runChild({ ...common, inputs: (ended - at) / common.step, from: at, counting: false, every: EVERY });
      if (before.report) reports.push(before.report);
    }
    at = ended + common.step;
    if (hangs + crashes >= MOST_ENDED) break;
  }
  return { reports, failures, hangs, crashes };
}

const row = (cells: readonly unknown[]) => console.log(cells.map((cell) => String(cell).padStart(14)).join(''));
row([
  'reader',
  'inputs',
  'accepted',
  'rejected',
  'ended',
  'hangs',
  'crashes',
  'slowest ms',
  'of input',
  'largest bytes',
  ' seconds',
]);
for (const name of names) {
  const target = await targetOf(name, folder);
  const start = performance.now();
  const from = Number(values.from);
  const step = Number(values.step);
  const fields = values.by === 'fields' ? Math.ceil((countFieldInputs(target) - from) / step) : Number.POSITIVE_INFINITY;
  const { reports, failures, hangs, crashes } = await fuzzReader(name, Math.min(Number(values.inputs), fields), from);
  const sum = (count: (report: FuzzReport) => number) => reports.reduce((total, report) => total + count(report), 0);
  const slowest = reports.reduce<FuzzReport | undefined>(
    (most, report) => (most && most.slowestMilliseconds >= report.slowestMilliseconds ? most : report),
    undefined,
  );
  row([
    name,
    sum(({ inputs }) => inputs) + hangs + crashes,
    sum(({ accepted }) => accepted),
    sum(({ rejected }) => rejected),
    reports.filter(({ ended }) => ended).length,
    hangs,
    crashes,
    slowest?.slowestMilliseconds.toFixed(1),
    slowest?.slowestInput,
    Math.max(0, ...reports.map(({ largestBytes }) => largestBytes)),
    ((performance.now() - start) / 1000).toFixed(0),
  ]);
  for (const { input, what } of failures) console.error(`${name}, input ${input}: ${what}`);
  if (failures.length > 0) process.exitCode = 1;
}
