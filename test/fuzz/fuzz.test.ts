// Every reader against mutated files: a small part of what scripts/fuzz.ts can run, the same in every run.

import { expect, test } from 'vitest';
import { fuzzTarget } from './run.js';
import { TARGETS } from './targets.js';

const INPUTS = 1500;

test.each(TARGETS)('$name takes or refuses any file, soon and with little memory', async (target) => {
  const { failures, accepted, inputs } = await fuzzTarget(target, INPUTS, 0, 3);
  expect(failures).toEqual([]);
  // If nothing came through the first checks, nothing was tested.
  expect(accepted).toBeGreaterThan(inputs / 100);
});
