// The bytes of a Blob, as pages have files: nothing of it is in memory but what is asked for.

import { FormatError } from '../../errors.js';
import { type ByteSource, bytesOfFile } from './byte-source.js';

/** Called by a File's name, else 'blob'. Throws FormatError where the file behind it was changed or removed meanwhile. */
export function bytesOfBlob(blob: Blob): ByteSource {
  const name = nameOfBlob(blob);
  return bytesOfFile(
    {
      async read(into, at, length, position) {
        const bytes = new Uint8Array(await readPart(blob, name, position, length));
        into.set(bytes, at);
        return { bytesRead: bytes.length };
      },
      async close() {},
    },
    name,
    blob.size,
  );
}

function nameOfBlob(blob: Blob): string {
  const { name } = blob as { readonly name?: unknown };
  return typeof name === 'string' && name !== '' ? name : 'blob';
}

async function readPart(blob: Blob, name: string, from: number, length: number): Promise<ArrayBuffer> {
  try {
    return await blob.slice(from, from + length).arrayBuffer();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new FormatError(name, from, 'the file cannot be read any more', { advice: `choose it again (${reason})` });
  }
}
