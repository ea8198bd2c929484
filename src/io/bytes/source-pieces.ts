// Reads bytes in order, a piece at a time.

import type { ByteSource } from './byte-source.js';

/**
 * Yields `length` bytes from `offset` in pieces of `pieceBytes`; the next is read while one is used. A piece is valid until the next one is
 * requested: two buffers take turns, because freed ones would wait for the garbage collector.
 */
export async function* piecesOfSource(
  source: ByteSource,
  offset: number,
  length: number,
  pieceBytes: number,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  const buffers = [0, 1].map((i) => new Uint8Array(Math.max(0, Math.min(pieceBytes, length - i * pieceBytes))));
  const read = (at: number, buffer: Uint8Array<ArrayBuffer>) => {
    const piece = source.read(offset + at, Math.min(pieceBytes, length - at), buffer);
    // If the reader stops early, it never awaits this piece.
    piece.catch(() => {});
    return piece;
  };
  let [busy, idle] = buffers as [Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>];
  let next = length > 0 ? read(0, busy) : undefined;
  for (let at = pieceBytes; next; at += pieceBytes) {
    const piece: Uint8Array<ArrayBuffer> = await next;
    [busy, idle] = [idle, busy];
    next = at < length ? read(at, busy) : undefined;
    yield piece;
  }
}
