// Decoding in turns with the event loop, so that signals, timers and other work get through whatever a file holds. Bytes that are in memory,
// or come out of a few others, resolve without a turn of their own: work is counted, and after so much of it comes a turn.

import type { ByteSource } from './bytes/byte-source.js';

/** Bytes decoded, or other steps that take as long, between two turns: a few milliseconds. */
const WORK_A_TURN = 2 ** 22;
/** Each call costs this much besides its bytes. */
const CALL_WORK = 2 ** 10;

let work = 0;
const signals = new WeakMap<ByteSource, AbortSignal>();
const reasons = new WeakSet<object>();

/**
 * Counts `amount` bytes or steps of decoding `source`, which is undefined where a library reads the file. A promise when it is time for a turn
 * of the event loop; it rejects with the reason of the signal that `source` was opened with.
 */
export function takeTurn(source: ByteSource | undefined, amount: number): Promise<void> | undefined {
  work += CALL_WORK + amount;
  if (work < WORK_A_TURN) return undefined;
  work = 0;
  return turn().then(() => checkSignal(source));
}

/** `source` read in turns; reading and decoding it reject once `signal` is aborted. */
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

/** `pieces`, which are made of `source`, in turns. */
export async function* piecesInTurns<T extends Uint8Array>(
  source: ByteSource,
  pieces: AsyncIterable<T>,
): AsyncGenerator<T, void, undefined> {
  for await (const piece of pieces) {
    await takeTurn(source, piece.length);
    yield piece;
  }
}

/** Whether `error` is why a signal was aborted, which says nothing about the file. */
export function isAbortReason(error: unknown): boolean {
  return typeof error === 'object' && error !== null && reasons.has(error);
}

function checkSignal(source: ByteSource | undefined): void {
  const signal = source && signals.get(source);
  if (!signal?.aborted) return;
  if (typeof signal.reason === 'object' && signal.reason !== null) reasons.add(signal.reason);
  throw signal.reason;
}

/** A timeout waits for a millisecond in Node, and in browsers for four once nested. */
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
