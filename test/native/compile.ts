// Compiles a program with the addon's core, without node-gyp, for sanitizers, emulators and measurements.

import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const NATIVE = fileURLToPath(new URL('../../native', import.meta.url));
const exec = promisify(execFile);

const FLAGS = ['-std=c++17', '-g1', '-Wall', '-Wextra', '-Werror', '-Wno-psabi', '-ffp-contract=off', '-fno-math-errno'];

/** The compiler flags of each build of the kernels, as in native/binding.gyp. */
export const X64_KERNELS: Readonly<Record<string, readonly string[]>> = {
  sse2: [],
  avx2: ['-mavx2', '-mfma'],
  avx512: ['-mavx512f', '-mavx512vl', '-mavx512dq', '-mavx512bw', '-mfma'],
};

export interface Program {
  /** A source file in native/ with `main`. */
  readonly source: string;
  readonly compiler: string;
  readonly kernels: Readonly<Record<string, readonly string[]>>;
  readonly flags: readonly string[];
}

/** Writes the program to `to`, and object files next to it. */
export async function compile({ source, compiler, kernels, flags }: Program, to: string): Promise<void> {
  const run = (args: readonly string[]) => exec(compiler, [...FLAGS, ...flags, ...args], { cwd: NATIVE });
  const objects = await Promise.all(
    Object.entries(kernels).map(async ([name, own]) => {
      await run([...own, '-c', 'kernels/table.cc', '-o', `${to}-${name}.o`]);
      return `${to}-${name}.o`;
    }),
  );
  const core = (await readdir(join(NATIVE, 'core'))).filter((file) => file.endsWith('.cc')).map((file) => `core/${file}`);
  await run([source, ...core, ...objects, '-pthread', '-o', to]);
}
