// Yields to the event loop during decoding, so that signals, timers and other work proceed whatever a file contains. Bytes in memory
// resolve without a turn of the event loop. Work is therefore counted, and after a certain amount, one turn is taken.

import type { ByteSource } from './bytes/byte-source.js';

/** Bytes decoded, or other steps of similar cost, between two turns: a few milliseconds. */
const WORK_A_TURN = 2 ** 22;
/** Fixed cost of each call. */
const CALL_WORK = 2 ** 10;

let work = 0;
const signals = new WeakMap<ByteSource, AbortSignal>();
const reasons = new WeakSet<object>();

/**
 * Counts `amount` bytes or steps of decoding `source`, which is undefined if a library reads the file. Returns a promise when it is time
 * for a turn of the event loop; it rejects with the reason of the signal that `source` was opened with.
 */
export function takeTurn(source: ByteSource | undefined, amount: number): Promise<void> | undefined {
  work += CALL_WORK + amount;
  if (work < WORK_A_TURN) return undefined;
  work = 0;
  return turn().then(() => checkSignal(source));
}

/** Reads `source` in turns; reading and decoding reject once `signal` is aborted. */
export function inTurns(source: ByteSource, signal: AbortSignal | undefined): ByteSource {
  const watched: ByteSource = {
    ...source,
    async read(offset, length, into) {
      checkSignal(watched);
      await takeTurn(watched, Math.min(length, source.size));
      return source.read(offset, length, into);
    },
  };
  if (signal) signals.set(watched, signal);
  return watched;
}

/** Yields `pieces`, which are made from `source`, in turns. */
export async function* piecesInTurns<T extends Uint8Array>(
  source: ByteSource,
  pieces: AsyncIterable<T>,
): AsyncGenerator<T, void, undefined> {
  for await (const piece of pieces) {
    await takeTurn(source, piece.length);
    yield piece;
  }
}

/** True if `error` is the reason of an aborted signal, which says nothing about the file. */
export function isAbortReason(error: unknown): boolean {
  return typeof error === 'object' && error !== null && reasons.has(error);
}

function checkSignal(source: ByteSource | undefined): void {
  const signal = source && signals.get(source);
  if (!signal?.aborted) return;
  if (typeof signal.reason === 'object' && signal.reason !== null) reasons.add(signal.reason);
  throw signal.reason;
}

/** setTimeout waits for 1 ms in Node, and for 4 ms in browsers once nested. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(0);
  });
}
