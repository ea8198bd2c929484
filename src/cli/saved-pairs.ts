// Pairs as they are found, put down in parts that a later process can read again: in order, one part after another. Only when all
// pairs are there, the output is written.

import type { PairsBatch, SavedArrays } from '../index.js';
import type { SavedRun } from './saved-run.js';

const PREFIX = 'pairs-';
/** A part is written when it has so many pairs, or when it is time. */
const PART_PAIRS = 2 ** 20;

export type PairArrays = Pick<PairsBatch, 'rows' | 'cols' | 'scores'>;

export class SavedPairs {
  private pending: PairsBatch[] = [];
  private count = 0;
  private last = performance.now();

  private constructor(
    private readonly run: SavedRun,
    private names: string[],
    /** Rows before this one are done. */
    public fromRow: number,
  ) {}

  /** What `run` has so far. */
  static async of(run: SavedRun): Promise<SavedPairs> {
    const names = await run.folder.list(PREFIX);
    const last = names.at(-1);
    const endRow = last === undefined ? 0 : ((await run.folder.readArrays(last)).meta.endRow as number);
    return new SavedPairs(run, names, endRow);
  }

  /** Puts down all pairs of `batches`. */
  async keep(batches: AsyncIterable<PairsBatch>): Promise<void> {
    for await (const batch of batches) {
      this.pending.push(batch);
      this.count += batch.length;
      if (this.count >= PART_PAIRS || performance.now() - this.last >= this.run.saveEvery) await this.write();
    }
    await this.write();
  }

  /** All pairs, from the beginning. */
  async *read(): AsyncGenerator<PairArrays> {
    for (const name of this.names) yield (await this.run.folder.readArrays(name)).arrays as unknown as PairArrays;
  }

  private async write(): Promise<void> {
    const endRow = this.pending.at(-1)?.endRow;
    if (endRow === undefined) return;
    const name = `${PREFIX}${String(this.names.length).padStart(9, '0')}`;
    await this.run.folder.writeArrays(name, { endRow }, joined(this.pending, this.count));
    this.run.noteProgress();
    this.names.push(name);
    this.fromRow = endRow;
    this.pending = [];
    this.count = 0;
    this.last = performance.now();
  }
}

function joined(batches: readonly PairsBatch[], count: number): SavedArrays {
  const [first] = batches as [PairsBatch];
  if (batches.length === 1) return { rows: first.rows, cols: first.cols, scores: first.scores };
  const rows = new Uint32Array(count);
  const cols = new Uint32Array(count);
  const scores = first.scores instanceof Float32Array ? new Float32Array(count) : new Float64Array(count);
  let at = 0;
  for (const batch of batches) {
    rows.set(batch.rows, at);
    cols.set(batch.cols, at);
    scores.set(batch.scores, at);
    at += batch.length;
  }
  return { rows, cols, scores };
}
