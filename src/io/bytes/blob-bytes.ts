// The bytes of a Blob, such as a file in a web page. Only requested bytes are in memory.

import { FormatError } from '../../errors.js';
import { type ByteSource, bytesOfFile } from './byte-source.js';

/** Reads a Blob, named by the name of its File, otherwise 'blob'. Throws FormatError if the underlying file was changed or removed. */
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
