// The bytes of a file on disk.

import { constants } from 'node:fs';
import { FormatError } from '../../errors.js';
import { type ByteSource, bytesOfFile } from './byte-source.js';
import { OpenFile } from './open-file.js';

/** Opens for reading, without waiting for the writer of a pipe. Windows has no such flag. */
const READ_NOW = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/**
 * Opens the bytes of a file. Throws FormatError if it is not a regular file. The caller may close it; if not, it is closed when it is
 * collected.
 */
export async function openBytes(path: string): Promise<ByteSource> {
  const handle = await OpenFile.open(path, READ_NOW);
  const status = await handle.stat();
  if (!status.isFile()) {
    await handle.close();
    if (status.isDirectory()) throw new FormatError(path, 'whole', 'that is a folder; expected a file');
    if (!status.isFIFO()) throw new FormatError(path, 'whole', 'not a regular file');
    throw new FormatError(path, 'whole', 'that is a pipe, which can be read only once', { advice: 'save it in a file first' });
  }
  return bytesOfFile(handle, path, status.size);
}

/**
 * Opens a file only while some of it is read, because there may be more files than a process can have open. Throws FormatError if the file
 * was replaced or changed in between.
 */
export async function openBytesBriefly(path: string): Promise<ByteSource> {
  const stampOf = async (handle: OpenFile) => {
    const { size, ino, mtimeMs } = await handle.stat();
    return `${size} ${ino} ${mtimeMs}`;
  };
  const checked = await openBytes(path);
  await checked.close();
  let stamp: string | undefined;
  const file = {
    async read(into: Uint8Array, at: number, length: number, position: number) {
      const handle = await OpenFile.open(path, 'r');
      try {
        const now = await stampOf(handle);
        stamp ??= now;
        if (now !== stamp)
          throw new FormatError(path, 'whole', 'the file changed while it was being read', { advice: 'run the command again' });
        return await handle.read(into, at, length, position);
      } finally {
        await handle.close();
      }
    },
    async close() {},
  };
  return bytesOfFile(file, path, checked.size);
}
