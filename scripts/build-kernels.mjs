// Compiles wasm/ to the WASM binaries the backend carries: two instruction sets, each for a memory of its own and for
// one shared between threads, and writes them as base64 into one module, so that no loader has to find files at run time.

import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const root = fileURLToPath(new URL('..', import.meta.url));
const outFile = `${root}src/backends/wasm/binaries.ts`;
const workFolder = `${root}build/kernels`;

const common = ['-O3', '--noAssert', '--runtime', 'stub', '--importMemory', '--initialMemory', '1', '--enable', 'simd'];
const builds = {
  simd: [],
  relaxed: ['--enable', 'relaxed-simd'],
};
const memories = {
  local: [],
  shared: ['--enable', 'threads', '--sharedMemory', '--maximumMemory', '65536'],
};

await mkdir(workFolder, { recursive: true });
const lines = [
  '// Written by scripts/build-kernels.mjs from wasm/; not for editing.',
  '',
  "/** 'simd' is plain 128-bit; 'relaxed' adds fused multiply-add. */",
  `export type KernelBuild = ${Object.keys(builds)
    .map((name) => `'${name}'`)
    .join(' | ')};`,
  '',
  'export const binaries: Record<KernelBuild, { local: string; shared: string }> = {',
];
for (const [name, buildFlags] of Object.entries(builds)) {
  lines.push(`  ${name}: {`);
  for (const [memory, memoryFlags] of Object.entries(memories)) {
    const file = `${workFolder}/${name}-${memory}.wasm`;
    const { error, stderr } = await asc.main(
      ['wasm/index.ts', ...common, ...buildFlags, ...memoryFlags, '--baseDir', root, '-o', file],
      {},
    );
    if (error) throw new Error(`${name}-${memory}: ${error.message}\n${stderr.toString()}`);
    lines.push(`    ${memory}: '${(await readFile(file)).toString('base64')}',`);
  }
  lines.push('  },');
}
lines.push('};', '');
await writeFile(outFile, lines.join('\n'));
await rm(workFolder, { recursive: true });
