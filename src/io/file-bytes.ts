// The bytes of a file on disk.

import { open } from 'node:fs/promises';
import { FormatError } from '../errors.js';
import { type ByteSource, bytesOfFile } from './byte-source.js';

/** The bytes of a file. Throws FormatError where it is no regular file. The caller closes it. */
export async function openBytes(path: string): Promise<ByteSource> {
  const handle = await open(path, 'r');
  const status = await handle.stat();
  if (!status.isFile()) {
    await handle.close();
    throw new FormatError(path, 'whole', status.isDirectory() ? 'that is a folder; expected a file' : 'not a regular file');
  }
  return bytesOfFile(handle, path, status.size);
}
