// Scores given pairs: row i of x with row i of y. Packs a panel of rows on either side, computes the tile of both, and takes its
// diagonal. Every score therefore has the same bits as in the matrix, on every backend. Compared with packing, computing a panel's tile
// is cheap.

import { planTiles } from '../backends/grid.js';
import type { Delivery } from '../backends/work.js';
import { DenseCollector } from '../epilogues/dense.js';
import type { PairedProblem, Problem } from '../problem.js';
import { elementBytes, newScores, type ScoreArray } from '../rows/dtype.js';
import { listRows, numberGiven } from '../rows/listed-rows.js';
import type { RowSource } from '../rows/row-source.js';
import type { AnyRows } from '../rows/stored-rows.js';
import { packChecked } from './packing.js';
import { bytesOfListed, bytesOfPaired, LEAST_LISTED, shapeOf } from './paired-plan.js';
import { requireBytes } from './plan.js';
import { RowFeed } from './row-feed.js';
import type { Setting } from './setting.js';
import { inTurns, type Steps } from './turns.js';

/** Pairs between two progress reports. */
const REPORTED_AT_ONCE = 2 ** 14;

export async function computePaired(problem: PairedProblem, setting: Setting): Promise<ScoreArray> {
  return inTurns(setting.platform, problem.signal, scores(problem, setting));
}

/** Scores row `rows[i]` of x with row `cols[i]` of `y` within a memory limit, in parts if necessary. */
export async function computeListed(
  problem: Problem,
  y: AnyRows,
  rows: Uint32Array,
  cols: Uint32Array,
  memoryBudget: number,
  setting: Setting,
): Promise<ScoreArray> {
  const found = newScores(problem.dtype, rows.length);
  const budget = Math.max(1, memoryBudget - found.byteLength);
  let atOnce = rows.length;
  while (atOnce > LEAST_LISTED && bytesOfListed(problem, y, atOnce, setting.backend) > budget) atOnce = Math.ceil(atOnce / 2);
  for (let from = 0; from < rows.length; from += atOnce) {
    const [some, others] = [rows, cols].map((list) => list.subarray(from, from + atOnce)) as [Uint32Array, Uint32Array];
    const listed = { x: listRows(problem.x, some), y: listRows(y, others), rowStart: 0, rowEnd: some.length };
    const scores = await computePaired({ ...problem, ...listed, memoryBudget: budget, onProgress: undefined }, setting);
    found.set(scores, from);
  }
  return found;
}

function* scores(problem: PairedProblem, { backend, platform }: Setting): Steps<ScoreArray> {
  const { x, y, colArgument, dtype, onProgress } = problem;
  const pairs = x.rows;
  const shape = shapeOf(problem, backend);
  const panel = shape.xRows;
  const result = {
    bytes: pairs * elementBytes(dtype),
    what: `${pairs} ${dtype} scores`,
    advice: 'Compare a part of the pairs at a time.',
  };
  requireBytes(bytesOfPaired(problem, backend), result, problem, platform.memoryBytes());
  const found = newScores(dtype, pairs);
  const job = backend.createJob(shape);
  try {
    const zeroRows = new Set<string>();
    const zeros = () => zeroRows.size > 0 && { zeroRows: zeroRows.size };
    const feeds = { x: new RowFeed(x, 'x', panel), y: new RowFeed(y, colArgument, panel) };
    const pack = (operand: 'x' | 'y') =>
      feeds[operand].visit(0, pairs, (rows: RowSource, from, to) => {
        packChecked(job, operand, feeds[operand], rows, from, to, 0, problem);
        if (!onProgress) return;
        const { argument, source } = feeds[operand];
        // In a self-comparison, x contains the rows of both sides, and the same row may occur several times.
        for (const row of Array.from(job.zeroRows(operand, 0, to - from)))
          zeroRows.add(`${argument} ${numberGiven(source, from + row)}`);
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
      const receive = (delivery: Delivery | undefined) => delivery && collector.receive(delivery);
      if (backend.servesSync) receive(work.take(0));
      else yield work.start(1, receive);
      receive(work.finish());
      for (let i = 0; i < count; i++) found[from + i] = tile[i * count + i] as number;
      if (from % REPORTED_AT_ONCE < panel && from > 0) onProgress?.({ done: from, total: pairs, ...zeros() });
      yield;
    }
    onProgress?.({ done: pairs, total: pairs, ...zeros() });
  } finally {
    job.release();
  }
  return found;
}

/** Continues `steps` until the next panel is packed. */
function* untilPacked(steps: Steps<void>): Steps<void> {
  for (let step = steps.next(); !step.done && step.value; ) step = steps.next(yield step.value);
}
