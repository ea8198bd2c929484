import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { redisRefusal } from '../cluster/redis.js';
import { QUESTIONS, referenceFor, runCluster } from './cluster.js';

const sentences = fileURLToPath(new URL('../../examples/data/sentences.npy', import.meta.url));

describe.skipIf(redisRefusal)(`four workers${redisRefusal ? ` (skipped: ${redisRefusal})` : ''}`, () => {
  it.each(Object.keys(QUESTIONS))('produce the bytes of a single machine whatever happens to them: %s', async (question) => {
    const folder = await mkdtemp(join(tmpdir(), 'allpairs-torture-'));
    try {
      const reference = await referenceFor(sentences, question, folder);
      const outcome = await runCluster(sentences, question, reference, 'all of it', { shards: 150, seed: 5, folder });
      expect(outcome.shards).toBe(150);
      expect(outcome.killed).toBe(2);
      expect(outcome.again).toBeGreaterThan(0);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
