import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { killRuns } from './kills.js';

/** `npm run torture` kills a hundred. */
const RUNS = 10;

it('killed and resumed runs produce the same bytes', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'allpairs-torture-'));
  try {
    const { resumed } = await killRuns(folder, RUNS, 1);
    expect(resumed).toBeGreaterThan(RUNS / 4);
  } finally {
    await rm(folder, { recursive: true });
  }
});
