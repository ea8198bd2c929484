// Semantic search in one matrix: 1,500 sentences in 15 languages, each with its nearest sentences.
//
//     npm run demo                          or: node examples/sentences.mjs [row ...]

import { readFile } from 'node:fs/promises';
import { cosineSimilarity, readNpy, runtimeInfo } from 'allpairs';
import pc from 'picocolors';

const NEAREST = 4;
const shown = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [81, 210, 1060, 442];

const x = await readNpy(new URL('data/sentences.npy', import.meta.url).pathname);
const tsv = await readFile(new URL('data/sentences.tsv', import.meta.url), 'utf8');
const sentences = tsv
  .trimEnd()
  .split('\n')
  .slice(1)
  .map((line) => line.split('\t'));

const started = performance.now();
const similarity = await cosineSimilarity(x);
const milliseconds = performance.now() - started;

const [rows, depth] = x.shape;
const pairs = (rows * (rows - 1)) / 2;
console.log(`\n${pc.bold(`${rows.toLocaleString('en')} sentences`)}, ${depth} numbers each, in 15 languages`);
console.log(`${pairs.toLocaleString('en')} pairs compared in ${pc.bold(`${milliseconds.toFixed(0)} ms`)} ${pc.dim(backend())}`);

for (const row of shown) {
  const [language, text] = sentences[row];
  console.log(`\n ${pc.dim(language)}   ${pc.bold(text)}`);
  for (const { index, score } of nearest(row)) {
    const [language, text] = sentences[index];
    console.log(`   ${bar(score)} ${score.toFixed(3)}  ${pc.dim(language)}  ${text}`);
  }
}
console.log();

/** The rows most similar to `row`, without itself; of equal scores the lower row first. */
function nearest(row) {
  return Array.from(similarity.row(row), (score, index) => ({ index, score }))
    .filter(({ index }) => index !== row)
    .sort((a, b) => b.score - a.score || a.index - b.index)
    .slice(0, NEAREST);
}

function bar(score) {
  const full = Math.round(score * 12);
  return pc.green('█'.repeat(full)) + pc.dim('░'.repeat(12 - full));
}

function backend() {
  const { backend, backends, cores } = runtimeInfo();
  const { description } = backends.find(({ name }) => name === backend);
  return `(${backend}: ${description}; ${cores} cores)`;
}
