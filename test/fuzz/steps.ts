// How much a reader works, counted rather than timed: the same on any machine.

import { Session } from 'node:inspector/promises';

/** What a call did. */
export interface Work {
  /** Blocks of JavaScript that were executed: turns of loops, branches, calls. */
  readonly steps: number;
  /** Bytes that were decoded as text, which V8 does in one step whatever their number. */
  readonly decodedBytes: number;
}

// From the beginning: V8 counts the blocks of no function that it compiled before.
const session = new Session();
session.connect();
await session.post('Profiler.enable');
await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });

/** Runs `work` and counts. */
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

/** Steps since the last call. */
async function stepsSoFar(): Promise<number> {
  const { result } = await session.post('Profiler.takePreciseCoverage');
  let steps = 0;
  for (const { functions } of result) for (const { ranges } of functions) for (const { count } of ranges) steps += count;
  return steps;
}
