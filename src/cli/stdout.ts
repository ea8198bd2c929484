// Writes results to stdout, whose reader may disappear and whose disk may be full.

import { once } from 'node:events';
import { fstatSync, writeSync } from 'node:fs';
import process from 'node:process';
import { describeSystemError } from './system-error.js';

const STDOUT = 1;
/** Linux writes at most 2 GiB at a time. */
const CHUNK_BYTES = 2 ** 26;

/** If stdout cannot be written, the process ends with one line on stderr and exit code 1. */
export function endWhenStdoutFails(): void {
  process.stdout.on('error', endForStdout);
  // Status lines may be lost; the work continues.
  process.stderr.on('error', () => {});
}

/** Writes to stdout without waiting for its reader. Returns false if the reader is behind. */
export function writeNow(content: string | Uint8Array): boolean {
  if (!isFile()) return process.stdout.write(content);
  try {
    writeFully(typeof content === 'string' ? Buffer.from(content) : content);
  } catch (error) {
    endForStdout(error as NodeJS.ErrnoException);
  }
  return true;
}

/** Writes to stdout at the speed of its reader. */
export async function writeStdout(content: string | Uint8Array): Promise<void> {
  const pieces = typeof content === 'string' ? [content] : piecesOf(content);
  for (const piece of pieces) if (!writeNow(piece)) await once(process.stdout, 'drain');
}

let file: boolean | undefined;

/** For files, because Node's own stream treats an incomplete write as complete. */
function isFile(): boolean {
  file ??= !process.stdout.isTTY && (fstatSync(STDOUT).isFile() || fstatSync(STDOUT).isCharacterDevice());
  return file;
}

function writeFully(bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) {
    done += writeSync(STDOUT, bytes, done, Math.min(CHUNK_BYTES, bytes.length - done));
  }
}

function* piecesOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) yield bytes.subarray(at, at + CHUNK_BYTES);
}

function endForStdout(error: NodeJS.ErrnoException): never {
  const reason = error.code === 'EPIPE' ? 'its reader closed it before the end (EPIPE)' : describeSystemError(error);
  process.stderr.write(`error: cannot write to stdout: ${reason}\n`);
  process.exit(1);
}
