// Bytes put down one after another and read by position afterwards: in memory up to a limit, beyond it in a temporary file. For
// rows that a format only gives from the beginning on.

import { type FileHandle, open, rm, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { type ByteSource, bytesOfFile } from './byte-source.js';

const CHUNK_BYTES = 2 ** 20;

/** Where nobody says how much memory there is. */
const STORE_BYTES = 256 * 2 ** 20;

/** Temporary files of this process so far. */
let created = 0;

export class RowStore {
  private chunks: Uint8Array<ArrayBuffer>[] = [];
  /** Bytes in the last chunk. */
  private filled = CHUNK_BYTES;
  private file: TemporaryFile | undefined;
  size = 0;

  /** Holds up to `memoryBytes` in memory. */
  constructor(private readonly memoryBytes: number = STORE_BYTES) {}

  /** Puts down `bytes` after all that came before. */
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

  /** Bytes in memory. */
  get heldBytes(): number {
    return this.file ? 0 : this.size;
  }

  /** Everything, to be read. The store takes nothing any more; closing the source gives its memory and file back. */
  async finish(name: string): Promise<ByteSource> {
    const { size } = this;
    if (this.file) {
      await this.flush();
      return bytesOfFile(this.file, name, size);
    }
    const chunks = this.chunks;
    this.chunks = [];
    return bytesOfFile({ read: async (...where) => readChunks(chunks, size, where), close: async () => {} }, name, size);
  }

  /** For those who do not finish. */
  async discard(): Promise<void> {
    this.chunks = [];
    await this.file?.close();
  }

  private async nextChunk(): Promise<void> {
    if (!this.file && (this.chunks.length + 1) * CHUNK_BYTES <= this.memoryBytes) {
      this.chunks.push(new Uint8Array(CHUNK_BYTES));
    } else {
      this.file ??= await TemporaryFile.create();
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
    this.chunks.splice(1);
    this.filled = 0;
  }
}

type Where = [into: Uint8Array, at: number, length: number, position: number];

function readChunks(chunks: readonly Uint8Array[], size: number, [into, at, length, position]: Where) {
  const within = position % CHUNK_BYTES;
  const count = Math.min(length, size - position, CHUNK_BYTES - within);
  const chunk = chunks[Math.floor(position / CHUNK_BYTES)];
  if (chunk && count > 0) into.set(chunk.subarray(within, within + count), at);
  return { bytesRead: Math.max(0, count), buffer: into };
}

/** A file in the folder for such files that is gone when it is closed, or the process ends. */
class TemporaryFile {
  private constructor(
    private readonly handle: FileHandle,
    private readonly path: string,
    /** Whether the name is still there: some systems keep it until the file is closed. */
    private readonly named: boolean,
  ) {}

  static async create(): Promise<TemporaryFile> {
    const path = join(tmpdir(), `allpairs-${process.pid}-${++created}.rows`);
    const handle = await open(path, 'wx+', 0o600);
    const named = process.platform === 'win32';
    if (!named) await unlink(path);
    return new TemporaryFile(handle, path, named);
  }

  async append(bytes: Uint8Array): Promise<void> {
    try {
      for (let done = 0; done < bytes.length; ) {
        done += (await this.handle.write(bytes, done, bytes.length - done, null)).bytesWritten;
      }
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      const advice = code === 'ENOSPC' ? '; the environment variable TMPDIR names another folder' : '';
      throw Object.assign(new Error(`decoded rows go to ${tmpdir()}: ${message}${advice}`, { cause: error }), {
        code,
        syscall: 'write',
      });
    }
  }

  read(...where: Where): Promise<{ bytesRead: number; buffer: Uint8Array }> {
    return this.handle.read(...where);
  }

  /** Twice does no harm. */
  async close(): Promise<void> {
    await this.handle.close();
    if (this.named) await rm(this.path, { force: true });
  }
}
