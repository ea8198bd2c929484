// The code of the kernels for adapters that compute on the processor.

import { describe, expect, it } from 'vitest';
import { codeOf, type KernelName } from '#src/backends/webgpu/shaders.js';

/** Those that process the scores of a tile. */
const FINISHING: readonly KernelName[] = ['mirror', 'transpose', 'find', 'select', 'count'];

describe('kernels that process the scores of a tile', () => {
  it.each(FINISHING)('%s has no barrier between more than four invocations on a processor', (name) => {
    const code = codeOf(name, true);
    const lanes = /const LANES = (\d+)u;/.exec(code)?.[1];
    if (code.includes('workgroupBarrier')) expect(lanes).toBe('4');
  });

  it('have full workgroups on a GPU', () => {
    for (const name of ['find', 'select', 'count'] as const) {
      expect(Number(/const LANES = (\d+)u;/.exec(codeOf(name, false))?.[1])).toBeGreaterThanOrEqual(128);
    }
    expect(codeOf('transpose', false)).toContain('workgroupBarrier');
  });
});
