// Adds a sufficient amount to the errors of commands whose --memory is too small.

import { MemoryError } from '../../index.js';

const MIB = 2 ** 20;
/** More than any machine has. */
const MAX_BYTES = 2 ** 50;
/** Growth of the next attempt if an error does not say how much is needed. */
const GROWTH = 1.05;

/**
 * Throws MemoryError, with a sufficient amount, if `attempt` runs out of memory with `memory` bytes. An attempt plans the work
 * and allocates nothing; the `bytes` of its MemoryError are tried next.
 */
export async function requireMemory(memory: number | undefined, attempt: (bytes: number) => unknown): Promise<void> {
  if (memory === undefined) return;
  const first = await failureOf(attempt, memory);
  if (!first) return;
  let bytes = memory;
  for (let failure: MemoryError | undefined = first; failure; failure = await failureOf(attempt, bytes)) {
    bytes = MIB * Math.ceil(Math.max(failure.bytes, GROWTH * bytes, bytes + 1) / MIB);
    // The memory of the machine is too small, not --memory.
    if (bytes > MAX_BYTES) throw first;
  }
  const amount = bytes / MIB;
  throw new MemoryError(bytes, `this needs at least ${amount} MiB of memory`, {
    advice: `run it with --memory ${amount}MiB or more`,
  });
}

async function failureOf(attempt: (bytes: number) => unknown, bytes: number): Promise<MemoryError | undefined> {
  try {
    await attempt(bytes);
    return undefined;
  } catch (error) {
    if (error instanceof MemoryError) return error;
    throw error;
  }
}
