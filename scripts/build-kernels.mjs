// Compiles wasm/ to the WASM binaries of the backend: two modules, each for two instruction sets, with its own memory and with one shared
// between threads. Writes each module as one text, so that no loader has to find files at run time.
//
// The text is hexadecimal, which compresses better than base64. The binaries are nearly identical: the text contains `(simd|relaxed)`
// where the instruction sets differ, and `<local|shared>` where the memories differ. src/backends/wasm/binary.ts reads it.

import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const root = fileURLToPath(new URL('..', import.meta.url));
const workFolder = `${root}build/kernels`;

const common = ['-O3', '--noAssert', '--runtime', 'stub', '--importMemory', '--initialMemory', '1', '--enable', 'simd'];
/** Source file and written file of each module. */
const modules = { index: 'binaries', search: 'search-binaries' };
const builds = {
  simd: [],
  relaxed: ['--enable', 'relaxed-simd'],
};
const memories = {
  local: [],
  shared: ['--enable', 'threads', '--sharedMemory', '--maximumMemory', '65536'],
};

/** Returns the binary as hexadecimal text. */
async function compile(source, build, memory) {
  const file = `${workFolder}/${source}-${build}-${memory}.wasm`;
  const { error, stderr } = await asc.main(
    [`wasm/${source}.ts`, ...common, ...builds[build], ...memories[memory], '--baseDir', root, '-o', file],
    {},
  );
  if (error) throw new Error(`${source}-${build}-${memory}: ${error.message}\n${stderr.toString()}`);
  return (await readFile(file)).toString('hex');
}

/** Splits after each byte that may end a block of code, where common parts start and end. */
function pieces(hex) {
  return hex.match(/(?:(?!0b)..)*(?:0b|$)/g).filter((piece) => piece !== '');
}

/** Merges two texts: the longest common subsequence of their pieces, and `(a|b)` elsewhere. */
function merge(a, b) {
  const lengths = Array.from({ length: a.length + 1 }, () => new Uint32Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      lengths[i][j] = a[i] === b[j] ? lengths[i + 1][j + 1] + 1 : Math.max(lengths[i + 1][j], lengths[i][j + 1]);
    }
  }
  let text = '';
  for (let i = 0, j = 0; i < a.length || j < b.length; ) {
    const [startA, startB] = [i, j];
    while ((i < a.length || j < b.length) && a[i] !== b[j]) {
      if (j === b.length || (i < a.length && lengths[i + 1][j] >= lengths[i][j + 1])) i++;
      else j++;
    }
    if (i > startA || j > startB) text += `(${a.slice(startA, i).join('')}|${b.slice(startB, j).join('')})`;
    for (; i < a.length && a[i] === b[j]; i++, j++) text += a[i];
  }
  return text;
}

/** Adds what a shared memory changes near the beginning of the text. */
function mergeMemories(text, local, shared) {
  let from = 0;
  while (local[from] === shared[from]) from++;
  let same = 0;
  while (local.at(-1 - same) === shared.at(-1 - same) && local.length - same > from) same++;
  const to = local.length - same;
  if (!text.startsWith(local.slice(0, to))) throw new Error('the instruction sets differ before the memory is imported');
  return `${text.slice(0, from)}<${local.slice(from, to)}|${shared.slice(from, -same)}>${text.slice(to)}`;
}

/** Returns the text that contains all binaries of a module. */
async function textOf(source) {
  const binaries = {};
  for (const build of Object.keys(builds)) {
    for (const memory of Object.keys(memories)) binaries[`${build}-${memory}`] = await compile(source, build, memory);
  }
  const merged = merge(pieces(binaries['simd-local']), pieces(binaries['relaxed-local']));
  const text = mergeMemories(merged, binaries['simd-local'], binaries['simd-shared']);
  for (const [name, binary] of Object.entries(binaries)) {
    const [build, memory] = name.split('-');
    const read = text
      .replace(/\((\w*)\|(\w*)\)/g, build === 'simd' ? '$1' : '$2')
      .replace(/<(\w*)\|(\w*)>/, memory === 'local' ? '$1' : '$2');
    if (read !== binary) throw new Error(`${source}-${name} cannot be read from the merged text`);
  }
  return text;
}

await mkdir(workFolder, { recursive: true });
for (const [source, name] of Object.entries(modules)) {
  await writeFile(
    `${root}src/backends/wasm/${name}.ts`,
    `// Written by scripts/build-kernels.mjs from wasm/${source}.ts, which says what it is; not for editing.

export const binaries = '${await textOf(source)}';
`,
  );
}
await rm(workFolder, { recursive: true });
