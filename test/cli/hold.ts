// Pauses commands at a known point, so that what happens to them there does not depend on their speed.

import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../until.js';
import { type Run, type RunOptions, run } from './command.js';

/** Makes the command import `module`, a file next to this one, before its own code. */
export function importing(module: string): string {
  return `--import ${new URL(module, import.meta.url).href}`;
}

/**
 * Runs a command that pauses after it has written a file whose name begins with `sign`, calls `act`, and lets the command continue. Throws
 * if the command ends before.
 */
export async function runHeldAt(
  sign: string,
  args: readonly string[],
  act: (child: ChildProcess) => Promise<void> | void,
  options: Omit<RunOptions, 'env' | 'onStart'> = {},
): Promise<Run> {
  const folder = await mkdtemp(join(tmpdir(), 'allpairs-hold-'));
  const hold = join(folder, 'hold');
  await writeFile(hold, '');
  try {
    let child: ChildProcess | undefined;
    let ended = false;
    const ending = run(args, {
      ...options,
      env: { NODE_OPTIONS: importing('hold-at.mjs'), HOLD: hold, HOLD_AT: sign },
      onStart: (started) => {
        child = started;
      },
    }).finally(() => {
      ended = true;
    });
    await until(`allpairs ${args.join(' ')} writes ${sign}`, () => ended || existsSync(`${hold}.reached`));
    if (ended) throw new Error(`the command ended before it wrote ${sign}: ${JSON.stringify(await ending)}`);
    await act(child as ChildProcess);
    await rm(hold);
    return await ending;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Interrupts a command, as Ctrl-C does, after it has written a file whose name begins with `sign`. */
export function interruptAt(sign: string, args: readonly string[], options: Omit<RunOptions, 'env' | 'onStart'> = {}) {
  return runHeldAt(sign, args, (child) => void child.kill('SIGINT'), options);
}
