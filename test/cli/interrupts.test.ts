// Signals while a library reads a file in blocks, between which the command decodes and takes turns.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');

function run(interruption: string) {
  const script = `
    import process from 'node:process';
    import { interruptSignal } from '#src/cli/interrupts.js';
    import { runBlocking } from '#src/io/blocking.js';
    import { takeTurn } from '#src/io/turns.js';
    const signal = interruptSignal();
    const kill = () => process.kill(process.pid, 'SIGTERM');
    for (let block = 0; block < 100 && !signal.aborted; block++) {
      await takeTurn(undefined, block % 2 === 0 ? 2 ** 22 : 0);
      await runBlocking(() => {});
      ${interruption}
    }
    console.log(signal.aborted ? 'aborted' : 'forgotten');`;
  const { signal, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  return { signal, stdout };
}

it.each([50, 51])('a signal between block %i and the next ends the process', (block) => {
  expect(run(`if (block === ${block}) kill();`)).toEqual({ signal: 'SIGTERM', stdout: '' });
});

it('a signal during a block ends the process', () => {
  expect(run('if (block === 50) await runBlocking(kill);')).toEqual({ signal: 'SIGTERM', stdout: '' });
});

it('a signal while the command does something else aborts', () => {
  const pause = 'await new Promise((resolve) => setTimeout(resolve, 200));';
  expect(run(`if (block === 50) { ${pause} kill(); }`)).toEqual({ signal: null, stdout: 'aborted\n' });
});

it('a signal that arrives before an error decides how the command ends', () => {
  const script = `
    import process from 'node:process';
    import { interruptSignal, reportSignals } from '#src/cli/interrupts.js';
    const signal = interruptSignal();
    try {
      process.kill(process.pid, 'SIGTERM');
      throw new Error('damaged');
    } catch {
      const before = signal.aborted;
      await reportSignals();
      console.log(before, signal.aborted);
    }`;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { cwd: ROOT, encoding: 'utf8' });
  expect(stdout).toBe('false true\n');
});
