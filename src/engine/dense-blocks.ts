// Computes the whole matrix one block at a time, for results that do not fit in memory. A block is a pass. A symmetric result consists
// only of blocks on and above the diagonal, which also stand for their transposes. While one block is used, the next is computed.

import { planTiles } from '../backends/grid.js';
import type { Pass } from '../backends/work.js';
import { DenseCollector } from '../epilogues/dense.js';
import type { BlocksProblem, Problem } from '../problem.js';
import type { MatrixBlock } from '../results.js';
import { Matrix } from '../rows/dense-matrix.js';
import { elementBytes, type ScoreArray, viewScores } from '../rows/dtype.js';
import { type BlockUse, BUFFERS, planBlocks } from './dense-blocks-plan.js';
import { oneAhead } from './one-ahead.js';
import { withNext } from './passes.js';
import type { Plan } from './plan.js';
import type { Run } from './run.js';
import { allocateResult, type Setting, startPlanned } from './setting.js';

export async function* streamBlocks(
  problem: BlocksProblem,
  setting: Setting,
  use?: BlockUse,
): AsyncGenerator<MatrixBlock, void, undefined> {
  const { dtype } = problem;
  const run = startPlanned(problem, planBlocks(problem, setting, use), setting);
  const { symmetric } = run.plan;
  const buffers = new BlockBuffers(run.plan, setting);
  const blocks = withNext(wanted(run, problem));
  yield* oneAhead(run, async (signal): Promise<MatrixBlock | undefined> => {
    const { value: block } = blocks.next();
    if (!block) return undefined;
    const [{ index, pass }, next] = block;
    const data = buffers.next(pass, dtype);
    await computeBlock(run, pass, next?.pass, data, signal);
    const matrix = new Matrix(data, [pass.rowEnd - pass.rowStart, pass.colEnd - pass.colStart]);
    return { index, row: pass.rowStart, col: pass.colStart, matrix, mirrored: symmetric && !pass.diagonal };
  });
}

/** The passes that are not skipped, with their numbers; skipped ones count as done. */
function* wanted({ plan, progress }: Run, { skip }: BlocksProblem): Generator<{ readonly index: number; readonly pass: Pass }> {
  let index = 0;
  for (const pass of plan.passes) {
    if (skip?.(index)) progress.add(planTiles(pass, 1, plan.symmetric));
    else yield { index, pass };
    index++;
  }
}

/** Computes a pass into `data`, as if it were a separate result. */
async function computeBlock(
  run: Run,
  pass: Pass,
  next: Pass | undefined,
  data: ScoreArray,
  signal: AbortSignal,
): Promise<void> {
  await run.pack(pass, next, signal);
  const rowEnd = pass.rowEnd - pass.rowStart;
  const colEnd = pass.colEnd - pass.colStart;
  const alone = { rowStart: 0, rowEnd, colStart: 0, colEnd, diagonal: pass.diagonal };
  const grid = planTiles(alone, run.plan.shape.tileRows, pass.diagonal);
  await run.compute(grid, new DenseCollector(data, colEnd, true), signal);
  run.progress.add(planTiles(pass, run.plan.shape.tileRows, run.plan.symmetric));
}

/**
 * Alternates between two buffers, because the first touch of new memory is slow. They may be shared with threads, including those of a
 * writer.
 */
class BlockBuffers {
  private readonly kept: ArrayBufferLike[] = [];
  private turn = 0;

  constructor(
    private readonly plan: Plan,
    private readonly setting: Setting,
  ) {}

  next(pass: Pass, dtype: Problem['dtype']): ScoreArray {
    const { xRows, yRows } = this.plan.shape;
    const most = xRows * Math.max(xRows, yRows) * elementBytes(dtype);
    const viewOfPass = (buffer: ArrayBufferLike) =>
      viewScores(dtype, buffer, 0, (pass.rowEnd - pass.rowStart) * (pass.colEnd - pass.colStart));
    this.turn = (this.turn + 1) % BUFFERS;
    let buffer = this.kept[this.turn];
    if (!buffer) {
      // Pages that are not cross-origin isolated have neither shared memory nor threads. There the consumer may transfer what it is
      // given, so each block needs a buffer of its own.
      const shared = typeof SharedArrayBuffer !== 'undefined';
      buffer = allocateResult(most, this.setting, 'topK, pairs and histogram need less.', shared);
      if (!shared) return viewOfPass(buffer);
      this.kept[this.turn] = buffer;
    }
    return viewOfPass(buffer);
  }
}
