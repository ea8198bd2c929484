import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { TEST_MS, WAIT_MS } from './test/limits.js';

export default defineConfig({
  test: {
    // Many tests wait for processes that they have started: one file a core leaves none idle.
    maxWorkers: availableParallelism(),
    include: ['test/**/*.test.ts'],
    testTimeout: TEST_MS,
    hookTimeout: TEST_MS,
    expect: { poll: { timeout: WAIT_MS } },
  },
});
