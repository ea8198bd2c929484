// Finds the nearest sentences, the near-duplicates and the distribution of scores of 1,500 sentences in 15 languages.
//
//     npm run demo                          or: node examples/sentences.mjs [row ...]

import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { groups, histogram, readNpy, runtimeInfo, topK } from 'allpairs';
import pc from 'picocolors';

const NEAREST = 4;
const THRESHOLD = 0.9;
const shown = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [81, 210, 1060];

const x = await readNpy(fileURLToPath(new URL('data/sentences.npy', import.meta.url)));
const tsv = await readFile(new URL('data/sentences.tsv', import.meta.url), 'utf8');
const sentences = tsv
  .trimEnd()
  .split('\n')
  .slice(1)
  .map((line) => line.split('\t'));

const started = performance.now();
const nearest = await topK(x, { k: NEAREST });
const milliseconds = performance.now() - started;

const [rows, depth] = x.shape;
const pairs = (rows * (rows - 1)) / 2;
console.log(`\n${pc.bold(`${rows.toLocaleString('en')} sentences`)}, ${depth} numbers each, in 15 languages`);
console.log(`${pairs.toLocaleString('en')} pairs compared in ${pc.bold(`${milliseconds.toFixed(0)} ms`)} ${pc.dim(backend())}`);

heading('Nearest sentences', `topK(x, { k: ${NEAREST} })`);
for (const row of shown) {
  console.log(`\n ${sentence(row, pc.bold)}`);
  for (let at = row * NEAREST; at < (row + 1) * NEAREST; at++) {
    const score = nearest.scores[at];
    console.log(`   ${bar(score, 12)} ${score.toFixed(3)}  ${sentence(nearest.indices[at])}`);
  }
}

heading('Near-duplicates', `groups(x, { threshold: ${THRESHOLD} })`);
const found = await groups(x, { threshold: THRESHOLD });
for (const { rows, representative } of found.groups.slice(2, 5)) {
  console.log(`\n ${sentence(representative, pc.bold)}`);
  for (const row of rows) if (row !== representative) console.log(`   ${sentence(row)}`);
}
const left = found.keep().length;
console.log(pc.dim(`\n ${found.groups.length} groups in all; one sentence of each leaves ${left.toLocaleString('en')}`));

heading('All similarities', 'histogram(x, { bins: 20 })');
const { edges, counts, atOrAbove } = await histogram(x, { bins: 20 });
const largest = Math.max(...counts);
console.log();
for (let b = counts.findIndex((count) => count > 0); b < counts.length; b++) {
  const above = atOrAbove[b].toLocaleString('en').padStart(9);
  console.log(` ${edges[b].toFixed(1).padStart(5)} ${bar(counts[b] / largest, 40)} ${pc.dim(`${above} pairs from here on`)}`);
}
console.log();

function heading(title, call) {
  console.log(`\n${pc.bold(pc.cyan(title))}  ${pc.dim(call)}`);
}

function sentence(row, style = (text) => text) {
  const [language, text] = sentences[row];
  return `${pc.dim(language.padEnd(4))}  ${style(text)}`;
}

function bar(share, width) {
  const full = Math.round(share * width);
  return pc.green('█'.repeat(full)) + pc.dim('░'.repeat(width - full));
}

function backend() {
  const { backend, backends, cores } = runtimeInfo();
  const { description } = backends.find(({ name }) => name === backend);
  return `(${backend}: ${description}; ${cores} cores)`;
}
