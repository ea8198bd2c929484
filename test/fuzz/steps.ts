// Counts how much a reader works instead of timing it, so that the result is the same on any machine.

import { Session } from 'node:inspector/promises';

/** The work of a call. */
export interface Work {
  /** Blocks of JavaScript that were executed: iterations of loops, branches, calls. */
  readonly steps: number;
  /** Bytes decoded as text, which V8 does in one step however many there are. */
  readonly decodedBytes: number;
}

// Counting must start first, because V8 counts no blocks of functions that it compiled before.
const session = new Session();
session.connect();
await session.post('Profiler.enable');
await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });

/** Runs `work` and counts its steps. */
export async function countWork(work: () => Promise<void>): Promise<Work> {
  const { decode } = TextDecoder.prototype;
  let decodedBytes = 0;
  TextDecoder.prototype.decode = function (input, options) {
    decodedBytes += input?.byteLength ?? 0;
    return decode.call(this, input, options);
  };
  try {
    await stepsSoFar();
    await work();
    return { steps: await stepsSoFar(), decodedBytes };
  } finally {
    TextDecoder.prototype.decode = decode;
  }
}

/** Returns the steps since the last call. */
async function stepsSoFar(): Promise<number> {
  const { result } = await session.post('Profiler.takePreciseCoverage');
  let steps = 0;
  for (const { functions } of result) for (const { ranges } of functions) for (const { count } of ranges) steps += count;
  return steps;
}
