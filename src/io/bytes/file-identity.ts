// Tells whether a file has changed.

import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { openBytes } from './file-bytes.js';

export interface FileIdentity {
  readonly path: string;
  readonly bytes: number;
  readonly modified: string;
  readonly sha256: string;
}

const PIECE_BYTES = 4 * 2 ** 20;

/** Properties that change with a file and can be read immediately. */
export interface FileStamp {
  readonly path: string;
  readonly what: string;
}

export async function stampOf(path: string): Promise<FileStamp> {
  const { size, mtimeMs, ctimeMs, ino } = await stat(path);
  return { path, what: `${size} ${mtimeMs} ${ctimeMs} ${ino}` };
}

/** Computes the identity of a file by reading it completely. */
export async function identifyFile(path: string, signal?: AbortSignal): Promise<FileIdentity> {
  const source = await openBytes(path);
  try {
    const hash = createHash('sha256');
    const piece = new Uint8Array(Math.min(PIECE_BYTES, source.size));
    for (let at = 0; at < source.size; at += piece.length) {
      signal?.throwIfAborted();
      hash.update(await source.read(at, Math.min(piece.length, source.size - at), piece));
    }
    const { mtime } = await stat(path);
    return { path: resolve(path), bytes: source.size, modified: mtime.toISOString(), sha256: hash.digest('hex') };
  } finally {
    await source.close();
  }
}

/** Describes the difference; returns undefined if the content is the same. */
export function differenceOf(before: FileIdentity, now: FileIdentity): string | undefined {
  if (before.sha256 === now.sha256) return undefined;
  if (before.bytes !== now.bytes) return `${now.path} had ${before.bytes} bytes, now it has ${now.bytes}`;
  const times = before.modified === now.modified ? '' : ` (${before.modified}, now ${now.modified})`;
  return `${now.path} was changed${times}`;
}
