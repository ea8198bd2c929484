// Every pair at or above a threshold, in order, in memory that does not grow with the number of pairs.
//
// A window is some rows of x: its pairs are gathered from all its tiles, put in order and handed over, while the threads
// already compute the next window, but no further: a slow consumer makes them wait. A window with more pairs than memory
// allows is computed again as two.

import type { PairsOrder, Pass, TilePairs } from '../backends/work.js';
import type { Collector } from '../epilogues/epilogue.js';
import { MemoryError } from '../errors.js';
import { type DType, elementBytes, type ScoreArray } from '../matrix/dtype.js';
import type { Pairs } from '../results.js';
import type { Problem } from './problem.js';
import type { Run } from './run.js';
import { type Setting, startRun } from './setting.js';

export interface PairsProblem extends Problem {
  readonly threshold: number;
}

/** Tiles of a window for each thread: with fewer, threads that are done would wait long for the last. */
const TILES_PER_THREAD = 64;
/** The most pairs of a window, where memory allows. */
const WINDOW_PAIRS = 2 ** 22;
/** Pairs that are put in order between two turns of the event loop. */
const ORDERED_AT_ONCE = 2 ** 16;

const PAIRS_SIZE = {
  bytes: 0,
  what: 'pairs, whose number is not known yet',
  advice: 'Compare a part of the rows with all of them at a time.',
};

/** Batches of pairs by (row, col). Nothing happens before the first is asked for. */
export async function* streamPairs(problem: PairsProblem, setting: Setting): AsyncGenerator<Pairs, void, undefined> {
  yield* windowsOf(startRun(problem, { kind: 'pairs' }, PAIRS_SIZE, setting), problem);
}

/** All pairs at once. Throws MemoryError, which says how many there are so far, where they do not fit. */
export async function computePairs(problem: PairsProblem, setting: Setting): Promise<Pairs> {
  const run = startRun(problem, { kind: 'pairs' }, PAIRS_SIZE, setting);
  const batches: Pairs[] = [];
  let count = 0;
  for await (const batch of windowsOf(run, problem)) {
    batches.push(batch);
    count += batch.length;
    // Twice: batches, and all in one.
    const bytes = 2 * count * bytesOfPair(problem.dtype);
    if (bytes > run.plan.room) throw tooMany(problem, count, bytes);
  }
  return concatenate(batches, problem.dtype);
}

function tooMany({ threshold }: PairsProblem, count: number, bytes: number): MemoryError {
  return new MemoryError(
    bytes,
    `${count} pairs so far at or above ${threshold}, and no memory for more. ` +
      'streamPairs gives them in batches, as does -o on the command line; a higher threshold has fewer.',
  );
}

function bytesOfPair(dtype: DType): number {
  return 8 + elementBytes(dtype);
}

async function* windowsOf(run: Run, { threshold, dtype, signal }: PairsProblem): AsyncGenerator<Pairs, void, undefined> {
  const stopper = new AbortController();
  const stop = () => stopper.abort(signal?.reason);
  signal?.addEventListener('abort', stop);
  const limit = Math.min(WINDOW_PAIRS, Math.max(1, run.plan.room / 4 / bytesOfPair(dtype)));
  const windows = new Windows(run);
  const compute = async (): Promise<Pairs | undefined> => {
    for (;;) {
      const window = windows.current();
      if (!window) return undefined;
      const gathering = new Gathering(threshold, windows.divisible ? limit : Number.POSITIVE_INFINITY);
      try {
        for (const pass of window.passes) {
          await run.pack(pass, stopper.signal);
          await run.compute(run.grid(pass, window.rowFrom, window.rowTo, window.tileRows), gathering, stopper.signal);
        }
      } catch (error) {
        if (error !== TOO_MANY) throw error;
        windows.shrink();
        continue;
      }
      windows.advance(gathering.count < limit / 4);
      return run.inTurns(inOrder(gathering.tiles, gathering.count, dtype), stopper.signal);
    }
  };
  let next: Promise<Pairs | undefined> | undefined;
  try {
    signal?.throwIfAborted();
    next = compute();
    for (let batch = await next; batch; batch = await next) {
      next = compute();
      // Whoever waits for it learns of its failure; nobody may be waiting yet.
      next.catch(() => {});
      if (batch.length > 0) yield batch;
    }
    run.progress.finish();
  } finally {
    stopper.abort();
    await next?.catch(() => {});
    signal?.removeEventListener('abort', stop);
    run.release();
  }
}

const TOO_MANY = new Error('more pairs than a window may have');

/** The pairs of one window. */
class Gathering implements Collector<PairsOrder> {
  readonly order: PairsOrder;
  readonly tiles: TilePairs[] = [];
  count = 0;

  constructor(
    threshold: number,
    private readonly limit: number,
  ) {
    this.order = { kind: 'pairs', threshold };
  }

  receive(content: unknown): void {
    const tile = content as TilePairs;
    this.tiles.push(tile);
    this.count += tile.rows.length;
    if (this.count > this.limit) throw TOO_MANY;
  }
}

interface Window {
  /** All passes of one block of rows; the window's rows count from its start. */
  readonly passes: readonly Pass[];
  readonly rowFrom: number;
  readonly rowTo: number;
  readonly tileRows: number;
}

/** Walks through the rows, block by block. */
class Windows {
  private readonly blocks: Pass[][] = [];
  private readonly tallest: number;
  private block = 0;
  private row = 0;
  /** A multiple of the plan's tile rows; or fewer, and a multiple of `step`. */
  private height: number;

  constructor(private readonly run: Run) {
    const { passes, cols, shape } = run.plan;
    for (const pass of passes) {
      const last = this.blocks.at(-1);
      if (last?.[0]?.rowFrom === pass.rowFrom) last.push(pass);
      else this.blocks.push([pass]);
    }
    const across = Math.max(1, Math.ceil(cols / shape.tileRows));
    this.tallest = Math.ceil((TILES_PER_THREAD * shape.threads) / across) * shape.tileRows;
    this.height = this.tallest;
  }

  current(): Window | undefined {
    const passes = this.blocks[this.block];
    if (!passes?.[0]) return undefined;
    const rows = passes[0].rowTo - passes[0].rowFrom;
    const rowTo = Math.min(this.row + this.height, rows);
    return { passes, rowFrom: this.row, rowTo, tileRows: Math.min(this.height, this.run.plan.shape.tileRows) };
  }

  /** Whether a window may be smaller still. */
  get divisible(): boolean {
    return this.height > this.run.tileStep;
  }

  shrink(): void {
    const { tileRows } = this.run.plan.shape;
    const unit = this.height > tileRows ? tileRows : this.run.tileStep;
    this.height = Math.max(unit, Math.floor(this.height / 2 / unit) * unit);
  }

  /** On to the next rows; taller again where there is `room`. */
  advance(room: boolean): void {
    const window = this.current();
    if (!window) return;
    for (const pass of window.passes) {
      this.run.progress.add(this.run.grid(pass, window.rowFrom, window.rowTo, window.tileRows));
    }
    this.row = window.rowTo;
    const { rowFrom = 0, rowTo = 0 } = window.passes[0] ?? {};
    if (this.row >= rowTo - rowFrom) {
      this.block++;
      this.row = 0;
    }
    if (!room) return;
    const { tileRows } = this.run.plan.shape;
    const doubled = 2 * this.height;
    this.height = doubled > tileRows ? Math.min(this.tallest, Math.floor(doubled / tileRows) * tileRows) : doubled;
  }
}

/** The pairs of all tiles by (row, col). Tiles have theirs in order. Yields now and then. */
function* inOrder(tiles: TilePairs[], count: number, dtype: DType): Generator<void, Pairs> {
  const pairs = newPairs(count, dtype);
  tiles.sort((a, b) => a.tileRow - b.tileRow || a.tileCol - b.tileCol);
  let at = 0;
  let since = 0;
  for (let first = 0; first < tiles.length; ) {
    const tileRow = (tiles[first] as TilePairs).tileRow;
    let end = first;
    while (tiles[end]?.tileRow === tileRow) end++;
    // Tiles side by side: row for row, the first tile's pairs before the next one's.
    const strip = tiles.slice(first, end);
    const cursors = new Uint32Array(strip.length);
    const lastRow = strip.reduce((last, { rows }) => Math.max(last, rows.at(-1) as number), tileRow);
    for (let row = tileRow; row <= lastRow; row++) {
      for (const [index, { rows, cols, scores }] of strip.entries()) {
        let cursor = cursors[index] as number;
        for (; rows[cursor] === row; cursor++, at++) {
          pairs.rows[at] = row;
          pairs.cols[at] = cols[cursor] as number;
          pairs.scores[at] = scores[cursor] as number;
        }
        cursors[index] = cursor;
      }
      if (at - since < ORDERED_AT_ONCE) continue;
      since = at;
      yield;
    }
    first = end;
    yield;
  }
  return pairs;
}

function newPairs(length: number, dtype: DType): Pairs<ScoreArray> {
  const scores = dtype === 'float32' ? new Float32Array(length) : new Float64Array(length);
  return { rows: new Uint32Array(length), cols: new Uint32Array(length), scores, length };
}

function concatenate(batches: readonly Pairs[], dtype: DType): Pairs {
  if (batches.length === 1) return batches[0] as Pairs;
  const all = newPairs(
    batches.reduce((sum, { length }) => sum + length, 0),
    dtype,
  ) as Pairs & { rows: Uint32Array; cols: Uint32Array };
  let at = 0;
  for (const { rows, cols, scores, length } of batches) {
    all.rows.set(rows, at);
    all.cols.set(cols, at);
    all.scores.set(scores, at);
    at += length;
  }
  return all;
}
