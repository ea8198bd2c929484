// The garbage of a process within a memory limit.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { run } from './command.js';

/** Prints at the end of a process how large the young generation is. */
const TELL_SIZE = `data:text/javascript,import {getHeapSpaceStatistics} from 'node:v8';process.on('exit',()=>{
  console.error('young',getHeapSpaceStatistics().find((space)=>space.space_name==='new_space').space_size)})`.replaceAll(
  /\n */g,
  '',
);

it('stays small where --memory limits the process', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'allpairs-young-'));
  try {
    const path = join(folder, 'rows.jsonl');
    const line = JSON.stringify(Array.from({ length: 256 }, (_, i) => Math.sin(i)));
    writeFileSync(path, `${line}\n`.repeat(8000));
    const sizes = [];
    for (const memory of [[], ['--memory', '256MiB']]) {
      const options = { env: { NODE_OPTIONS: `--import "${TELL_SIZE}"` } };
      const { code, stderr } = await run(['histogram', path, '--quiet', ...memory], options);
      expect(code, stderr).toBe(0);
      sizes.push(Number(/young (\d+)/.exec(stderr)?.[1]));
    }
    const [free, limited] = sizes as [number, number];
    expect(limited).toBeLessThanOrEqual(2 ** 23);
    expect(free).toBeGreaterThan(2 * limited);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
