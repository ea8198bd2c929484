// Stores bytes that are appended and then read by position: in memory up to a limit, beyond it in a file if possible. It serves formats
// that can only be read from the beginning.

import { type ByteSource, bytesOfFile, type ReadableFile } from '../bytes/byte-source.js';
import { freeBuffer } from '../bytes/free-buffer.js';

const CHUNK_BYTES = 2 ** 20;

/** A file for appending and reading bytes; its contents are lost when it is closed. */
export interface SpillFile extends ReadableFile {
  /** Writes `bytes` after everything written before. */
  append(bytes: Uint8Array): Promise<void>;
}

/** Creates the file for bytes that exceed the memory limit of a store, or throws if files are unavailable. */
export type CreateSpillFile = () => Promise<SpillFile>;

export class RowStore {
  private chunks: Uint8Array<ArrayBuffer>[] = [];
  /** Number of bytes in the last chunk. */
  private filled = CHUNK_BYTES;
  private file: SpillFile | undefined;
  size = 0;

  /** Holds up to `memoryBytes` in memory. */
  constructor(
    private readonly memoryBytes: number,
    private readonly createFile: CreateSpillFile,
  ) {}

  /** Appends `bytes`. */
  async append(bytes: Uint8Array): Promise<void> {
    this.size += bytes.length;
    for (let from = 0; from < bytes.length; ) {
      if (this.filled === CHUNK_BYTES) await this.nextChunk();
      const chunk = this.chunks.at(-1) as Uint8Array;
      const count = Math.min(bytes.length - from, CHUNK_BYTES - this.filled);
      chunk.set(bytes.subarray(from, from + count), this.filled);
      this.filled += count;
      from += count;
    }
  }

  /** Number of bytes in memory. */
  get heldBytes(): number {
    return this.file ? 0 : this.size;
  }

  /** Returns everything for reading. Nothing can be appended afterwards; closing the source frees the memory and the file. */
  async finish(name: string): Promise<ByteSource> {
    const { size } = this;
    if (this.file) {
      await this.flush();
      this.free(0);
      return bytesOfFile(this.file, name, size);
    }
    const chunks = this.chunks;
    this.chunks = [];
    return bytesOfFile({ read: async (...where) => readChunks(chunks, size, where), close: async () => {} }, name, size);
  }

  /** Frees the store without finishing it. */
  async discard(): Promise<void> {
    this.chunks = [];
    await this.file?.close();
  }

  private async nextChunk(): Promise<void> {
    if (!this.file && (this.chunks.length + 1) * CHUNK_BYTES <= this.memoryBytes) {
      this.chunks.push(new Uint8Array(CHUNK_BYTES));
    } else {
      this.file ??= await this.createFile();
      await this.flush();
      if (this.chunks.length === 0) this.chunks.push(new Uint8Array(CHUNK_BYTES));
    }
    this.filled = 0;
  }

  private async flush(): Promise<void> {
    const last = this.chunks.length - 1;
    for (const [at, chunk] of this.chunks.entries()) {
      await this.file?.append(at === last ? chunk.subarray(0, this.filled) : chunk);
    }
    this.free(1);
    this.filled = 0;
  }

  /** Frees the chunks from index `first` on. */
  private free(first: number): void {
    for (const { buffer } of this.chunks.splice(first)) freeBuffer(buffer);
  }
}

/** Creates a store for decoded numbers that do not fit in memory. */
export type CreateStore = () => RowStore;

/** Creates a store without a limit, for readers that are given no other. */
export function createMemoryStore(): RowStore {
  return new RowStore(Number.POSITIVE_INFINITY, async () => {
    throw new Error('a store without a limit needs no file');
  });
}

type Where = [into: Uint8Array, at: number, length: number, position: number];

function readChunks(chunks: readonly Uint8Array[], size: number, [into, at, length, position]: Where) {
  const within = position % CHUNK_BYTES;
  const count = Math.min(length, size - position, CHUNK_BYTES - within);
  const chunk = chunks[Math.floor(position / CHUNK_BYTES)];
  if (chunk && count > 0) into.set(chunk.subarray(within, within + count), at);
  return { bytesRead: Math.max(0, count), buffer: into };
}
