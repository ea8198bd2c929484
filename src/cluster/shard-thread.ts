// The thread that computes shards, one at a time (shard-runner.ts).

import { parentPort } from 'node:worker_threads';
import { COMMAND_WORDING } from '../command-wording.js';
import { AllpairsError, messageIn } from '../errors.js';
import { runShard } from './job/run-shard.js';
import type { ShardOrder, ThreadReply, ThreadRequest } from './shard-runner.js';

const PROGRESS_MS = 100;

let running = new AbortController();

async function run({ place, index, threads, memory }: ShardOrder, { signal }: AbortController): Promise<ThreadReply> {
  let told = 0;
  try {
    const computed = await runShard(place, index, {
      threads,
      memory,
      signal,
      onProgress: ({ done, total }) => {
        const now = performance.now();
        if (now - told < PROGRESS_MS) return;
        told = now;
        reply({ kind: 'progress', done, total });
      },
    });
    return { kind: 'finished', computed };
  } catch (error) {
    return { kind: 'failed', reason: reasonOf(error) };
  }
}

/** The messages of our own errors and of file errors are complete; for other errors the name helps. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // The reader started the worker on the command line.
  if (error instanceof AllpairsError) return messageIn(error, COMMAND_WORDING);
  return 'syscall' in error ? error.message : `${error.name}: ${error.message}`;
}

function reply(message: ThreadReply): void {
  parentPort?.postMessage(message);
}

parentPort?.on('message', async (request: ThreadRequest) => {
  if (request.kind === 'abort') return running.abort();
  running = new AbortController();
  reply(await run(request.order, running));
});
