// The garbage of a process within a memory limit.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { run } from './command.js';

/** At the end of a process, allocates objects that stay and prints how large the young generation has become. */
const TELL_SIZE = `data:text/javascript,import {getHeapSpaceStatistics} from 'node:v8';process.on('exit',()=>{
  const kept=Array.from({length:1e6},(_,i)=>[i]);
  console.error('young',getHeapSpaceStatistics().find((space)=>space.space_name==='new_space').space_size,kept.length)})`;

it('stays small where --memory limits the process', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'allpairs-young-'));
  try {
    const path = join(folder, 'rows.jsonl');
    writeFileSync(path, '[1, 2]\n[2, 1]\n');
    const sizes = [];
    for (const memory of [[], ['--memory', '256MiB']]) {
      const options = { env: { NODE_OPTIONS: `--import "${TELL_SIZE.replaceAll(/\n */g, '')}"` } };
      const { code, stderr } = await run(['histogram', path, '--quiet', ...memory], options);
      expect(code, stderr).toBe(0);
      sizes.push(Number(/young (\d+)/.exec(stderr)?.[1]));
    }
    const [free, limited] = sizes as [number, number];
    expect(limited).toBeLessThanOrEqual(2 ** 23);
    expect(free).toBeGreaterThan(1.5 * limited);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
