// Saves pairs as they are found, in consecutive parts that a later process can read. The output is written when all pairs are complete.

import type { PairArrays } from '../cluster/merge/pairs-buffer.js';
import { FormatError, type PairsBatch, type SavedArrays } from '../index.js';
import type { SavedRun } from './saved-run.js';

const PREFIX = 'pairs-';
/** A part is written when it has this many pairs, or after some time. */
const PART_PAIRS = 2 ** 20;
const PAIR_BYTES = 16;
/** The fraction of a memory budget that a part may take; it is held and then joined. */
const PART_FRACTION = 1 / 16;

export class SavedPairs {
  private pending: PairsBatch[] = [];
  private count = 0;
  private last = performance.now();
  private readonly most: number;

  private constructor(
    private readonly run: SavedRun,
    private readonly names: string[],
    /** The first row that is not finished. */
    public rowStart: number,
    memory: number,
  ) {
    this.most = Math.max(4096, Math.min(PART_PAIRS, (memory * PART_FRACTION) / PAIR_BYTES));
  }

  /** Reads what `run` has so far, up to the first part that is missing or damaged. */
  static async of(run: SavedRun, memory = Number.POSITIVE_INFINITY): Promise<SavedPairs> {
    const names: string[] = [];
    let row = 0;
    for (const name of await run.folder.list(PREFIX)) {
      const part = name === nameOf(names.length) ? await readPart(run, name) : undefined;
      if (part?.rowStart !== row) await run.folder.removeFile(name);
      else {
        names.push(name);
        row = part.rowEnd;
      }
    }
    return new SavedPairs(run, names, row, memory);
  }

  /** Saves all pairs of `batches`, which begin at `rowStart`; if `signal` aborts them, those that came before. */
  async keep(batches: AsyncIterable<PairsBatch>, signal: AbortSignal): Promise<void> {
    try {
      for await (const batch of batches) {
        this.pending.push(batch);
        this.count += batch.length;
        if (this.count >= this.most || performance.now() - this.last >= this.run.saveEvery) await this.write();
      }
    } catch (error) {
      if (signal.aborted) await this.write();
      throw error;
    }
    await this.write();
  }

  /** Yields all pairs, from the beginning. */
  async *read(): AsyncGenerator<PairArrays> {
    for (const name of this.names) yield (await this.run.folder.readArrays(name)).arrays as unknown as PairArrays;
  }

  private async write(): Promise<void> {
    const rowEnd = this.pending.at(-1)?.rowEnd;
    if (rowEnd === undefined) return;
    const name = nameOf(this.names.length);
    await this.run.folder.writeArrays(name, { rowStart: this.rowStart, rowEnd }, joined(this.pending, this.count));
    this.run.noteProgress();
    this.names.push(name);
    this.rowStart = rowEnd;
    this.pending = [];
    this.count = 0;
    this.last = performance.now();
  }
}

function nameOf(part: number): string {
  return `${PREFIX}${String(part).padStart(9, '0')}`;
}

async function readPart(run: SavedRun, name: string): Promise<{ rowStart: number; rowEnd: number } | undefined> {
  try {
    const { rowStart, rowEnd } = (await run.folder.readArrays(name)).meta;
    return { rowStart: rowStart as number, rowEnd: rowEnd as number };
  } catch (error) {
    if (error instanceof FormatError) return undefined;
    throw error;
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
