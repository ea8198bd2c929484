// Scores of given pairs: row i of x with row i of y. A panel of rows of either side is packed, the tile of both computed, and its
// diagonal taken. So every score has the bits that the matrix has, on every backend; a tile of a panel costs little beside packing.

import { planTiles } from '../backends/grid.js';
import type { Delivery } from '../backends/work.js';
import { DenseCollector } from '../epilogues/dense.js';
import type { PairedProblem } from '../problem.js';
import { elementBytes, newScores, type ScoreArray } from '../rows/dtype.js';
import type { RowSource } from '../rows/row-source.js';
import { packChecked } from './packing.js';
import { NO_SKETCHES, packedBytesOf, requireBytes, sparseShapeOf } from './plan.js';
import { feedBytes, RowFeed } from './row-feed.js';
import type { Setting } from './setting.js';
import { inTurns, type Steps } from './turns.js';

/** Pairs between two reports of progress. */
const REPORTED_AT_ONCE = 2 ** 14;

export async function computePaired(problem: PairedProblem, setting: Setting): Promise<ScoreArray> {
  return inTurns(setting.platform, problem.signal, scores(problem, setting));
}

function* scores(problem: PairedProblem, { backend, platform }: Setting): Steps<ScoreArray> {
  const { x, y, colArgument, dtype, onProgress } = problem;
  const pairs = x.rows;
  const panel = backend.panelRows(dtype);
  const shape = {
    purpose: { kind: 'dense', detachable: false },
    dtype,
    depth: x.depth,
    xRows: panel,
    yRows: panel,
    tileRows: backend.tileStep(dtype),
    threads: 1,
    onThreads: false,
    sketches: NO_SKETCHES,
    sparse: sparseShapeOf(problem, panel, panel, panel),
  } as const;
  const result = {
    bytes: pairs * elementBytes(dtype),
    what: `${pairs} ${dtype} scores`,
    advice: 'Compare a part of the pairs at a time.',
  };
  const working = packedBytesOf(backend, shape) + backend.scratchBytes(shape);
  requireBytes(result.bytes + working + feedBytes(x, panel) + feedBytes(y, panel), result, problem, platform.memoryBytes());
  const found = newScores(dtype, pairs);
  const job = backend.createJob(shape);
  try {
    const feeds = { x: new RowFeed(x, 'x', panel), y: new RowFeed(y, colArgument, panel) };
    const pack = (operand: 'x' | 'y') =>
      feeds[operand].visit(0, pairs, (rows: RowSource, from, to) => {
        packChecked(job, operand, feeds[operand], rows, from, to, 0, problem.zeroNonFinite);
      });
    const packed = { x: pack('x'), y: pack('y') };
    const tile = newScores(dtype, panel * panel);
    for (let from = 0; from < pairs; from += panel) {
      yield* untilPacked(packed.x);
      yield* untilPacked(packed.y);
      const count = Math.min(panel, pairs - from);
      const pass = { rowStart: 0, rowEnd: count, colStart: 0, colEnd: count, diagonal: false };
      const collector = new DenseCollector(tile.subarray(0, count * count), count, true);
      const work = job.openGrid(planTiles(pass, shape.tileRows, false), collector.order);
      for (const delivery of [work.take(0), work.finish()] as (Delivery | undefined)[]) {
        if (delivery) collector.receive(delivery);
      }
      for (let i = 0; i < count; i++) found[from + i] = tile[i * count + i] as number;
      if (from % REPORTED_AT_ONCE < panel && from > 0) onProgress?.({ done: from, total: pairs });
      yield;
    }
  } finally {
    job.release();
  }
  onProgress?.({ done: pairs, total: pairs });
  return found;
}

/** Goes on with `steps` until the next panel is packed. */
function* untilPacked(steps: Steps<void>): Steps<void> {
  for (let step = steps.next(); !step.done && step.value; ) step = steps.next(yield step.value);
}
