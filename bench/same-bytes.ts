import { openBytes } from '../src/io/bytes/file-bytes.js';

const PIECE = 2 ** 24;

/** Compares two files piece by piece. */
export async function sameBytes(one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([openBytes(one), openBytes(other)]);
  try {
    if (a.size !== b.size) return false;
    for (let at = 0; at < a.size; at += PIECE) {
      const length = Math.min(PIECE, a.size - at);
      const [here, there] = await Promise.all([a.read(at, length), b.read(at, length)]);
      if (Buffer.compare(here, there) !== 0) return false;
    }
    return true;
  } finally {
    await a.close();
    await b.close();
  }
}
