// Called by a worker's thread before each shard (ALLPAIRS_TEST_BEFORE_SHARD): writes down that it begins, and breaks it as the file
// FAULTS says.

import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';

export async function beforeShard({ index }, signal) {
  const { log, every, poisoned, exits, kills, blocks, held } = JSON.parse(readFileSync(process.env.FAULTS, 'utf8'));
  appendFileSync(log, `${index} ${process.pid}\n`);
  if (poisoned?.includes(index)) throw new TypeError(`shard ${index} is poisoned`);
  if (exits?.includes(index)) process.exit(7);
  if (kills?.includes(index)) process.kill(process.pid, 'SIGKILL');
  if (blocks?.[index]) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, blocks[index]);
  while (held && existsSync(held)) await sleep(20, undefined, { signal });
  await sleep(every ?? 0, undefined, { signal });
}
