import { planWork, streamPairs } from '../../index.js';
import { type NamedArray, writeNpz } from '../../io/npz-file.js';
import { RECORD_FORMATS, writeRecords } from '../../io/record-file.js';
import type { Batch, Column } from '../../io/record-sink.js';
import { type Call, describeWork, scoreType, withCall } from '../call.js';
import type { CallOptions } from '../call-options.js';
import { nameOf } from '../labels.js';
import { dim, formatCount, formatScore, formatTable, print, wantsJson } from '../output.js';
import { printPlan } from '../plan.js';
import { printRecords } from '../records.js';
import { type PairArrays, SavedPairs } from '../saved-pairs.js';
import type { SavedRun } from '../saved-run.js';

export interface PairsCommandOptions extends CallOptions {
  readonly threshold: number;
}

/** Pairs that are shown on a terminal. */
const SHOWN = 20;

/** `allpairs pairs`: every pair at or above a threshold. */
export function runPairs(input: string, options: PairsCommandOptions, signal: AbortSignal): Promise<void> {
  return withCall('pairs', [...RECORD_FORMATS, '.npz'], input, options, signal, async (call, format, run) => {
    const work = { ...call.options, threshold: options.threshold };
    if (options.dryRun) return printPlan(planWork('streamPairs', call.x, call.y, work), options);
    await call.begin(run);
    const started = performance.now();
    const found = new Found();
    if (format !== undefined && run) {
      await writePairs(run, format, call, options, found, signal);
      if (options.quiet) return;
    } else {
      const batches = found.watch(streamPairs(call.x, call.y, work));
      if (options.output === '-' || wantsJson(options)) return printRecords(columnsOf(call), recordsOf(batches), signal);
      for await (const _ of batches);
      await call.finish();
    }
    print(describeWork(call, (performance.now() - started) / 1000, options.backend));
    print(`${formatCount(found.count)} pairs at or above ${options.threshold}`);
    if (format !== undefined) print(`written to ${options.output}`);
    else found.show(call);
  });
}

/** Finds the pairs, in parts that the run can go on with, and then writes them all. */
async function writePairs(
  run: SavedRun,
  format: string,
  call: Call,
  { threshold }: PairsCommandOptions,
  found: Found,
  signal: AbortSignal,
): Promise<void> {
  const { memoryBudget } = call.options;
  const parts = await SavedPairs.of(run, memoryBudget);
  const work = { ...call.options, threshold, fromRow: parts.fromRow };
  await parts.keep(streamPairs(call.x, call.y, work));
  await call.finish();
  await run.finish(async (file) => {
    const all = found.watch(parts.read());
    if (format !== '.npz') return writeRecords(file, format, columnsOf(call), recordsOf(all), signal);
    // Its headers say how many there are, before the first.
    for await (const _ of all);
    await writeNpz(file, format, arraysOf(call, parts, found.count), signal);
  });
}

function arraysOf(call: Call, parts: SavedPairs, count: number): NamedArray[] {
  const columns = columnsOf(call);
  return (['rows', 'cols', 'scores'] as const).map((name, at) => ({
    name,
    type: (columns[at] as Column).type,
    shape: [count],
    async *content() {
      for await (const {
        [name]: { buffer, byteOffset, byteLength },
      } of parts.read()) {
        yield new Uint8Array(buffer, byteOffset, byteLength);
      }
    },
  }));
}

async function* recordsOf(batches: AsyncIterable<PairArrays>): AsyncGenerator<Batch> {
  for await (const { rows, cols, scores } of batches) yield { length: rows.length, columns: [rows, cols, scores] };
}

function columnsOf(call: Call): Column[] {
  return [
    { name: 'row', type: 'u4', labels: call.labels },
    { name: 'col', type: 'u4', labels: call.otherLabels },
    { name: 'score', type: scoreType(call) },
  ];
}

/** How many pairs there were, and the best of them. */
class Found {
  count = 0;
  private best: { row: number; col: number; score: number }[] = [];

  async *watch(batches: AsyncIterable<PairArrays>): AsyncGenerator<PairArrays> {
    for await (const batch of batches) {
      this.add(batch);
      yield batch;
    }
  }

  add({ rows, cols, scores }: PairArrays): void {
    const { length } = rows;
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
    if (this.count > SHOWN)
      print(dim(`\nand ${formatCount(this.count - SHOWN)} more: -o pairs.csv (or .parquet, .arrow, .jsonl, .npy, .npz)`));
  }
}
