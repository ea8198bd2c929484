import { defineConfig } from 'vitest/config';
import { TEST_MS, WAIT_MS } from './test/limits.js';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: TEST_MS,
    hookTimeout: TEST_MS,
    expect: { poll: { timeout: WAIT_MS } },
  },
});
