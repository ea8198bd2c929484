// What a deflated entry of a zip holds, a piece at a time, counted and summed on the way: its size is believed of nobody.

import { constants, crc32, createInflateRaw } from 'node:zlib';
import { FormatError } from '../../errors.js';
import type { ByteSource } from '../byte-source.js';
import { listNames } from './query-rows.js';
import { dataOffsetOf, type ZipEntry } from './zip-directory.js';

const PIECE_BYTES = 256 * 1024;

/** Throws FormatError where the content is damaged, or is not as long as the directory says. */
export async function* inflateEntry(source: ByteSource, entry: ZipEntry): AsyncGenerator<Uint8Array, void, undefined> {
  const start = await dataOffsetOf(source, entry);
  const inflate = createInflateRaw({ chunkSize: PIECE_BYTES, finishFlush: constants.Z_SYNC_FLUSH });
  const feeding = feed(source, entry, start, inflate);
  // Whoever reads learns of its failure: it ends the stream with it.
  feeding.catch((error) => inflate.destroy(error));
  const fail = (what: string) => new FormatError(source.name, start, `${listNames([entry.name])}: ${what}`);
  let size = 0;
  let checksum = 0;
  try {
    for await (const piece of inflate as AsyncIterable<Buffer>) {
      size += piece.length;
      if (size > entry.size) throw fail(`more than the ${entry.size} bytes that it should have`);
      checksum = crc32(piece, checksum);
      yield piece;
    }
  } catch (error) {
    if (error instanceof FormatError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    throw code?.startsWith('Z_') ? fail(`damaged (${message})`) : error;
  } finally {
    inflate.destroy();
  }
  if (size !== entry.size) throw fail(`${size} bytes, it should have ${entry.size}`);
  if (checksum !== entry.checksum) throw fail('damaged: its checksum is wrong');
}

async function feed(
  source: ByteSource,
  { packedSize }: ZipEntry,
  start: number,
  inflate: ReturnType<typeof createInflateRaw>,
): Promise<void> {
  for (let at = 0; at < packedSize && !inflate.destroyed; at += PIECE_BYTES) {
    const piece = await source.read(start + at, Math.min(PIECE_BYTES, packedSize - at));
    if (inflate.destroyed) return;
    if (!inflate.write(piece)) await drained(inflate);
  }
  if (!inflate.destroyed) inflate.end();
}

function drained(inflate: ReturnType<typeof createInflateRaw>): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      inflate.off('drain', done);
      inflate.off('close', done);
      resolve();
    };
    inflate.on('drain', done);
    inflate.on('close', done);
  });
}
