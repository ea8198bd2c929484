// Loaded into a worker's thread before its own code: records when the computation of a shard begins, and injects the faults in the file
// FAULTS.

import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { isMainThread, parentPort } from 'node:worker_threads';

let running = new AbortController();

async function beforeShard(index, signal) {
  const {
    log,
    every,
    poisoned,
    exits,
    kills,
    blocks,
    held,
    heldFrom = 0,
  } = JSON.parse(readFileSync(process.env.FAULTS, 'utf8'));
  appendFileSync(log, `${index} ${process.pid}\n`);
  if (poisoned?.includes(index)) throw new TypeError(`shard ${index} is poisoned`);
  if (exits?.includes(index)) process.exit(7);
  if (kills?.includes(index)) process.kill(process.pid, 'SIGKILL');
  if (blocks?.[index]) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, blocks[index]);
  while (held && index >= heldFrom && existsSync(held)) await sleep(20, undefined, { signal });
  await sleep(every ?? 0, undefined, { signal });
}

if (!isMainThread && process.env.FAULTS) {
  const { on } = parentPort;
  parentPort.on = (name, listener) => {
    if (name !== 'message') return on.call(parentPort, name, listener);
    return on.call(parentPort, name, async (request) => {
      if (request.kind === 'abort') running.abort();
      if (request.kind !== 'run') return listener(request);
      running = new AbortController();
      try {
        await beforeShard(request.order.index, running.signal);
      } catch (error) {
        return parentPort.postMessage({ kind: 'failed', reason: `${error.name}: ${error.message}` });
      }
      listener(request);
    });
  };
}
