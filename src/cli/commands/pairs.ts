import { type Pairs, pairs, streamPairs } from '../../index.js';
import { writeNpz } from '../../io/npz-file.js';
import { type Call, type CallOptions, describeWork, prepareCall } from '../call.js';
import { nameOf } from '../labels.js';
import { dim, formatCount, formatScore, formatTable, print, wantsJson } from '../output.js';
import { type Batch, type Column, outputFormat, printRecords, RECORD_FORMATS, writeRecords } from '../records.js';

export interface PairsCommandOptions extends CallOptions {
  readonly threshold: number;
}

/** Pairs that are shown on a terminal. */
const SHOWN = 20;

/** `allpairs pairs`: every pair at or above a threshold. */
export async function runPairs(input: string, options: PairsCommandOptions, signal: AbortSignal): Promise<void> {
  const format = outputFormat(options.output, [...RECORD_FORMATS, '.npz']);
  const call = await prepareCall(input, options, signal);
  const started = performance.now();
  const found = new Found();
  const work = { ...call.options, threshold: options.threshold };
  try {
    if (format === '.npz') {
      await writeArrays(options.output as string, await pairs(call.x, call.y, work), found, signal);
    } else {
      const batches = found.watch(streamPairs(call.x, call.y, work));
      const columns = columnsOf(call, options);
      if (format !== undefined) await writeRecords(options.output as string, columns, batches, signal);
      else if (options.output === '-' || wantsJson(options)) return await printRecords(columns, batches, signal);
      else for await (const _ of batches);
    }
  } finally {
    call.finish();
  }
  if (options.quiet && format !== undefined) return;
  print(describeWork(call, (performance.now() - started) / 1000, options.backend));
  print(`${formatCount(found.count)} pairs at or above ${options.threshold}`);
  if (format !== undefined) print(`written to ${options.output}`);
  else found.show(call);
}

async function writeArrays(path: string, all: Pairs, found: Found, signal: AbortSignal): Promise<void> {
  found.add(all);
  const { rows, cols, scores, length } = all;
  const named = Object.entries({ rows, cols, scores });
  await writeNpz(
    path,
    named.map(([name, data]) => ({ name, data, shape: [length] })),
    signal,
  );
}

function columnsOf({ x, y, labels, otherLabels }: Call, { dtype }: PairsCommandOptions): Column[] {
  const exact = (dtype ?? ([x, y].some((rows) => rows?.data instanceof Float64Array) ? 'float64' : 'float32')) === 'float64';
  return [
    { name: 'row', type: 'u4', labels },
    { name: 'col', type: 'u4', labels: otherLabels },
    { name: 'score', type: exact ? 'f8' : 'f4' },
  ];
}

/** How many pairs there were, and the best of them. */
class Found {
  count = 0;
  private best: { row: number; col: number; score: number }[] = [];

  async *watch(batches: AsyncIterable<Pairs>): AsyncGenerator<Batch> {
    for await (const batch of batches) {
      this.add(batch);
      yield { length: batch.length, columns: [batch.rows, batch.cols, batch.scores] };
    }
  }

  add({ rows, cols, scores, length }: Pairs): void {
    this.count += length;
    for (let at = 0; at < length; at++) {
      const score = scores[at] as number;
      if (this.best.length === SHOWN && score <= (this.best[SHOWN - 1]?.score as number)) continue;
      // Behind its equals: pairs come by (row, col).
      const place = this.best.findIndex((other) => other.score < score);
      this.best.splice(place < 0 ? this.best.length : place, 0, { row: rows[at] as number, col: cols[at] as number, score });
      this.best.length = Math.min(this.best.length, SHOWN);
    }
  }

  show({ labels, otherLabels }: Call): void {
    if (this.count === 0) return;
    const lines = this.best.map(({ row, col, score }) => [
      formatScore(score),
      dim(`${row} ${col}`),
      labels ? nameOf(row, labels, 44) : '',
      otherLabels ? nameOf(col, otherLabels, 44) : '',
    ]);
    print(`\n${formatTable(lines, ['right', 'left', 'left', 'left'])}`);
    if (this.count > SHOWN) print(dim(`\nand ${formatCount(this.count - SHOWN)} more: -o pairs.csv (or .jsonl, .npy, .npz)`));
  }
}
