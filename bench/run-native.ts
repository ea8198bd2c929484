// Compiles a C++ measurement with the addon's core, runs it, and returns its output.

import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { compile, X64_KERNELS } from '../test/native/compile.js';

/** `source` is in native/. */
export async function runNative(source: string, ...args: string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'allpairs-bench-'));
  try {
    const program = join(folder, 'program');
    const kernels = process.arch === 'x64' ? X64_KERNELS : { neon: [] };
    await compile({ source, compiler: process.env.CXX ?? 'g++', kernels, flags: ['-O3'] }, program);
    return (await promisify(execFile)(program, args)).stdout;
  } finally {
    await rm(folder, { recursive: true });
  }
}
