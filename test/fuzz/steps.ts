// How much a reader works, counted rather than timed: the same on any machine.

import { Session } from 'node:inspector/promises';

/** What a call did. */
export interface Work {
  /** Blocks of JavaScript that were executed: turns of loops, branches, calls. */
  readonly steps: number;
  /** Bytes that were decoded as text, which V8 does in one step whatever their number. */
  readonly decodedBytes: number;
}

/** Runs `work` under V8's profiler, which makes it several times slower, and counts. */
export async function countWork(work: () => Promise<void>): Promise<Work> {
  const { decode } = TextDecoder.prototype;
  let decodedBytes = 0;
  TextDecoder.prototype.decode = function (input, options) {
    decodedBytes += input?.byteLength ?? 0;
    return decode.call(this, input, options);
  };
  const session = new Session();
  session.connect();
  try {
    await session.post('Profiler.enable');
    await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
    await work();
    const { result } = await session.post('Profiler.takePreciseCoverage');
    let steps = 0;
    for (const { functions } of result) for (const { ranges } of functions) for (const { count } of ranges) steps += count;
    await session.post('Profiler.stopPreciseCoverage');
    return { steps, decodedBytes };
  } finally {
    session.disconnect();
    TextDecoder.prototype.decode = decode;
  }
}
