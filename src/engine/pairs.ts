// Finds every pair at or above a threshold, in order, with memory that does not grow with the number of pairs.
//
// A window consists of some rows of x. Its pairs are collected from all tiles, sorted, and delivered while the threads compute the next
// window, but no more: a slow consumer makes them wait. A window with more pairs than memory allows is computed again as two.

import type { Delivery, PairsOrder, TilePairs } from '../backends/work.js';
import type { Collector } from '../epilogues/epilogue.js';
import { MemoryError } from '../errors.js';
import type { PairsProblem } from '../problem.js';
import type { Computed, Pairs, PairsBatch } from '../results.js';
import type { DType, ScoreArray } from '../rows/dtype.js';
import { oneAhead } from './one-ahead.js';
import { bytesOfPair, COPIES, needsOfPairs, WINDOW_PAIRS } from './pairs-plan.js';
import type { Run } from './run.js';
import { type Setting, startRun } from './setting.js';
import type { Steps } from './turns.js';
import { Windows } from './windows.js';

/** Pairs sorted between two turns of the event loop. */
const ORDERED_AT_ONCE = 2 ** 16;

/** Longest time between batches; empty ones tell the receiver how far the work is. */
const SILENCE_MS = 1000;
/** Yields batches of pairs by (row, col). Starts when the first batch is requested. */
export async function* streamPairs(
  problem: PairsProblem,
  setting: Setting,
): AsyncGenerator<Computed<PairsBatch>, void, undefined> {
  yield* windowsOf(startPairs(problem, setting), problem);
}

/** The run, and the memory for pairs if the rows leave little. */
function startPairs(problem: PairsProblem, setting: Setting): PairsRun {
  const needs = needsOfPairs(problem);
  const run = startRun(problem, needs, setting);
  return { run, room: needs.size.bytes - (problem.heldBytes ?? 0) + run.plan.room };
}

interface PairsRun {
  readonly run: Run;
  /** Bytes for pairs. */
  readonly room: number;
}

/** Returns all pairs at once. If they do not fit, throws MemoryError with the number of pairs so far. */
export async function computePairs(problem: PairsProblem, setting: Setting): Promise<Computed<Pairs>> {
  const started = startPairs(problem, setting);
  const batches: Computed<Pairs>[] = [];
  let count = 0;
  for await (const batch of windowsOf(started, problem)) {
    batches.push(batch);
    count += batch.length;
    // Counted twice: in batches, and in the combined result.
    const bytes = 2 * count * bytesOfPair(problem.dtype);
    if (bytes > started.room) throw tooMany(problem, count, bytes);
  }
  return concatenate(batches, problem.dtype);
}

function tooMany({ threshold }: PairsProblem, count: number, bytes: number): MemoryError {
  return new MemoryError(bytes, `not enough memory: there are already ${count} pairs at or above ${threshold}.`, {
    advice: 'Try a higher threshold, or use streamPairs (-o on the command line), which returns them in batches.',
  });
}

async function* windowsOf(
  { run, room }: PairsRun,
  { threshold, below, dtype }: PairsProblem,
): AsyncGenerator<Computed<PairsBatch>, void, undefined> {
  const limit = Math.min(WINDOW_PAIRS, Math.max(1, room / COPIES / bytesOfPair(dtype)));
  const windows = new Windows(run.plan, run.tileStep);
  const compute = async (signal: AbortSignal): Promise<Computed<PairsBatch> | undefined> => {
    for (;;) {
      const window = windows.current();
      if (!window) return undefined;
      const gathering = new Gathering(
        { kind: 'pairs', threshold, below },
        windows.divisible ? limit : Number.POSITIVE_INFINITY,
      );
      try {
        await run.computeWindow(window, gathering, signal);
      } catch (error) {
        if (error !== TOO_MANY) throw error;
        windows.shrink();
        continue;
      }
      run.addWindow(window);
      windows.advance();
      if (gathering.count < limit / 4) windows.grow();
      const found = await run.inTurns(inOrder(gathering.tiles, gathering.count, dtype), signal);
      return { ...found, rowEnd: window.end };
    }
  };
  let last = performance.now();
  for await (const batch of oneAhead(run, compute)) {
    if (batch.length === 0 && performance.now() - last < SILENCE_MS) continue;
    yield batch;
    last = performance.now();
  }
}

const TOO_MANY = new Error('more pairs than a window may have');

/** Collects the pairs of one window. */
class Gathering implements Collector<PairsOrder> {
  readonly tiles: TilePairs[] = [];
  count = 0;

  constructor(
    readonly order: PairsOrder,
    private readonly limit: number,
  ) {}

  receive(delivery: Delivery): void {
    if (delivery.kind !== 'pairs') return;
    this.tiles.push(delivery.pairs);
    this.count += delivery.pairs.rows.length;
    if (this.count > this.limit) throw TOO_MANY;
  }
}

/** Sorts the pairs of all tiles by (row, col); within a tile they are sorted already. Yields regularly. */
function* inOrder(tiles: TilePairs[], count: number, dtype: DType): Steps<Computed<Pairs>> {
  const pairs = newPairs(count, dtype);
  tiles.sort((a, b) => a.tileRow - b.tileRow || a.tileCol - b.tileCol);
  let at = 0;
  let since = 0;
  for (let first = 0; first < tiles.length; ) {
    const tileRow = (tiles[first] as TilePairs).tileRow;
    let end = first;
    while (tiles[end]?.tileRow === tileRow) end++;
    // For tiles side by side, the pairs of the left tile come first in each row.
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

function newPairs(length: number, dtype: DType): Computed<Pairs<ScoreArray>> {
  const scores = dtype === 'float32' ? new Float32Array(length) : new Float64Array(length);
  return { rows: new Uint32Array(length), cols: new Uint32Array(length), scores, length };
}

function concatenate(batches: readonly Computed<Pairs>[], dtype: DType): Computed<Pairs> {
  if (batches.length === 1) return batches[0] as Computed<Pairs>;
  const all = newPairs(
    batches.reduce((sum, { length }) => sum + length, 0),
    dtype,
  ) as Computed<Pairs> & { rows: Uint32Array; cols: Uint32Array };
  let at = 0;
  for (const { rows, cols, scores, length } of batches) {
    all.rows.set(rows, at);
    all.cols.set(cols, at);
    all.scores.set(scores, at);
    at += length;
  }
  return all;
}
