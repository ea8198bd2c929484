import { type Histogram, histogram, type Options, plan } from '../../index.js';
import type { AtomicFile } from '../../io/bytes/atomic-file.js';
import { writeRecords } from '../../io/records/record-file.js';
import type { Batch, Column } from '../../io/records/record-sink.js';
import { namedArray, writeNpz } from '../../io/rows/npz-file.js';
import { type AnswerTask, withAnswer } from '../answer.js';
import type { Call } from '../call.js';
import type { CallOptions } from '../call-options.js';
import { dim, formatCount, formatTable, print, printJson } from '../output.js';

export interface HistogramCommandOptions extends CallOptions {
  readonly bins: number;
}

/** Length of the longest bar in characters. */
const WIDTH = 40;
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** `allpairs histogram`: the distribution of the scores. */
export function runHistogram(inputs: readonly string[], options: HistogramCommandOptions, signal: AbortSignal): Promise<void> {
  const { bins } = options;
  const planOf = ({ x, y }: Call, call: Options) => plan.histogram(x, y, { ...call, bins });
  const task: AnswerTask<Histogram> = {
    command: 'histogram',
    plan: planOf,
    compute: (call, run) => histogram(call.x, call.y, { ...call.options, bins, checkpoint: run?.checkpoint }),
    facts: ({ counts, total, minimum, maximum, mean }) => ({ bins: counts.length, total, minimum, maximum, mean }),
    write: (file, format, found) => write(file, format, found, signal),
    print: async (found) => printJson(toJson(found)),
    show,
  };
  return withAnswer(task, inputs, options, signal);
}

async function write(file: AtomicFile, format: string, found: Histogram, signal: AbortSignal): Promise<void> {
  if (format === '.npz') await writeNpz(file, format, arraysOf(found), signal);
  else await writeRecords(file, format, COLUMNS, [recordsOf(found)], signal);
}

function toJson({ total, minimum, maximum, mean, ...arrays }: Histogram): unknown {
  const plain = Object.fromEntries(Object.entries(arrays).map(([name, values]) => [name, Array.from(values)]));
  return { total, minimum, maximum, mean, ...plain };
}

function arraysOf({ edges, counts, atOrAbove }: Histogram) {
  return Object.entries({ edges, counts, atOrAbove }).map(([name, data]) => namedArray(name, data));
}

const COLUMNS: readonly Column[] = [
  { name: 'from', type: 'f8' },
  { name: 'to', type: 'f8' },
  { name: 'count', type: 'f8' },
  { name: 'at_or_above', type: 'f8' },
];

function recordsOf({ edges, counts, atOrAbove }: Histogram): Batch {
  return { length: counts.length, columns: [edges, edges.subarray(1), counts, atOrAbove] };
}

/** Shows the bins from the first to the last that is not empty. */
function show({ edges, counts, atOrAbove, total, minimum, maximum, mean }: Histogram): void {
  if (total === 0) {
    print('no scores');
    return;
  }
  const first = counts.findIndex((count) => count > 0);
  const last = counts.findLastIndex((count) => count > 0);
  const largest = counts.reduce((most, count) => Math.max(most, count), 0);
  const lines = [[dim('from'), '', dim('scores'), dim('at or above')]];
  for (let b = first; b <= last; b++) {
    const share = ((counts[b] as number) / largest) * WIDTH;
    lines.push([
      (edges[b] as number).toFixed(digitsFor(counts.length)),
      `${'█'.repeat(share)}${EIGHTHS[Math.floor((share % 1) * 8)]}`,
      formatCount(counts[b] as number),
      formatCount(atOrAbove[b] as number),
    ]);
  }
  print(`\n${formatTable(lines, ['right', 'left', 'right', 'right'])}\n`);
  const facts = { minimum, mean, maximum };
  print(
    Object.entries(facts)
      .map(([name, value]) => `${dim(name)} ${value.toFixed(4)}`)
      .join('   '),
  );
}

/** Returns enough digits to distinguish the edges. */
function digitsFor(bins: number): number {
  return Math.max(2, Math.ceil(Math.log10(bins / 2)));
}
