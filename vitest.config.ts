import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { TEST_MS, WAIT_MS } from './test/limits.js';

/** Those that take longest, which would keep one core busy at the end while the others have nothing left to do. */
const LONG = ['test/native/core.', 'test/web/page.', 'test/web/clusters.', 'test/torture/', 'test/backends/webgpu.'];

/** Starts the longest files first, and the others in the usual order. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification) => LONG.some((part) => moduleId.includes(part));
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

export default defineConfig({
  test: {
    // Many tests wait for processes that they have started: one file a core leaves none idle.
    maxWorkers: availableParallelism(),
    include: ['test/**/*.test.ts'],
    sequence: { sequencer: LongestFirst },
    testTimeout: TEST_MS,
    hookTimeout: TEST_MS,
    expect: { poll: { timeout: WAIT_MS } },
  },
});
