// Writes a matrix to a .npy file block by block, on a separate thread (matrix-file-thread.ts), because transposing and writing would
// otherwise delay the computation.

import { truncate } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import { type DType, elementBytes } from '../rows/dtype.js';
import { createAtomically } from './bytes/atomic-file.js';
import { namingFile } from './bytes/file-error.js';
import { encodeNpyHeader } from './rows/npy.js';
import type { ScoreSummary } from './runs/score-summary.js';

/** The file, as its writer needs it. */
export interface MatrixFileShape {
  readonly path: string;
  readonly dtype: DType;
  readonly rows: number;
  readonly cols: number;
  /** Size of the header before the elements. */
  readonly header: number;
  /** True if x is compared with itself. */
  readonly symmetric: boolean;
}

/** Position of a block. With `mirrored`, its transpose at (col, row) is also written. */
export interface BlockPlace {
  readonly row: number;
  readonly col: number;
  readonly rows: number;
  readonly cols: number;
  readonly mirrored: boolean;
}

/** A block of scores at the start of a shared buffer. */
export interface PlacedBlock extends BlockPlace {
  readonly scores: ArrayBufferLike;
}

/** What is known about a block once it is on disk. */
export interface WrittenBlock {
  readonly checksum: number;
  readonly summary: ScoreSummary;
}

export type ThreadRequest =
  | { readonly kind: 'write'; readonly block: PlacedBlock }
  | { readonly kind: 'verify'; readonly place: BlockPlace }
  | { readonly kind: 'sync' };

export type ThreadReply =
  | { readonly done: WrittenBlock | number }
  | { readonly failed: { readonly message: string; readonly code?: string; readonly syscall?: string } };

/** Returns the size of all elements in bytes. */
export function bytesOfMatrix({ dtype, rows, cols }: Pick<MatrixFileShape, 'dtype' | 'rows' | 'cols'>): number {
  return rows * cols * elementBytes(dtype);
}

/** Creates the file at its final size, with a hole after the header, or opens an existing one. */
export async function createMatrixFile(shape: Omit<MatrixFileShape, 'header'>, isThere: boolean): Promise<MatrixFileShape> {
  const { path, dtype, rows, cols } = shape;
  const header = encodeNpyHeader(dtype, [rows, cols]);
  if (!isThere) {
    await createAtomically(path, (file) => file.append(header));
    await truncate(path, header.length + bytesOfMatrix(shape));
  }
  return { ...shape, header: header.length };
}

export class MatrixFileWriter {
  private readonly thread: Worker;
  private waiting: { resolve: (done: WrittenBlock | number) => void; reject: (error: unknown) => void } | undefined;
  private ended: unknown;

  constructor(shape: MatrixFileShape) {
    this.thread = new Worker(new URL('../io/matrix-file-thread.js', import.meta.url), { workerData: shape, execArgv: [] });
    this.thread.on('message', (reply: ThreadReply) => {
      const { waiting } = this;
      this.waiting = undefined;
      if ('done' in reply) waiting?.resolve(reply.done);
      else waiting?.reject(namingFile(Object.assign(new Error(reply.failed.message), reply.failed), shape.path));
    });
    const end = (reason: unknown) => {
      this.ended = reason;
      this.waiting?.reject(reason);
    };
    this.thread.on('error', end);
    this.thread.on('exit', (code) => end(new Error(`the thread that writes ${shape.path} ended with code ${code}`)));
  }

  /** Resolves when the block, and its transpose, are written. Only one call at a time. Memory that is not shared is transferred. */
  async write(block: PlacedBlock): Promise<WrittenBlock> {
    return (await this.ask({ kind: 'write', block }, block.scores)) as WrittenBlock;
  }

  /** Returns the checksum of the file's content at the position of a block. */
  async checksumOf(place: BlockPlace): Promise<number> {
    return (await this.ask({ kind: 'verify', place })) as number;
  }

  /** Resolves when everything written is on disk. */
  async sync(): Promise<void> {
    await this.ask({ kind: 'sync' });
  }

  async close(): Promise<void> {
    this.thread.removeAllListeners('exit');
    await this.thread.terminate();
  }

  private ask(request: ThreadRequest, given?: ArrayBufferLike): Promise<WrittenBlock | number> {
    return new Promise((resolve, reject) => {
      if (this.ended) return reject(this.ended);
      this.waiting = { resolve, reject };
      this.thread.postMessage(request, given instanceof ArrayBuffer ? [given] : []);
    });
  }
}
