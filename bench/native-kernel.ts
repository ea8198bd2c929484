// How near do the native kernels come to the arithmetic peak of one core? Needs a C++ compiler.
//
//     npx tsx bench/native-kernel.ts

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { compile, X64_KERNELS } from '../test/native/compile.js';

const folder = mkdtempSync(join(tmpdir(), 'allpairs-bench-'));
try {
  const program = join(folder, 'kernel');
  const kernels = process.arch === 'x64' ? X64_KERNELS : { neon: [] };
  await compile({ source: 'bench/kernel.cc', compiler: process.env.CXX ?? 'g++', kernels, flags: ['-O3'] }, program);
  spawnSync(program, { stdio: 'inherit' });
  console.log(cpus()[0]?.model);
} finally {
  rmSync(folder, { recursive: true });
}
