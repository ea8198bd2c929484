// Generates any number of rows with the spectrum of real sentence embeddings: those of examples/data, plus sums of one of them, a
// fraction of the difference of two others, and a little noise.

import { fileURLToPath } from 'node:url';
import { readNpy } from 'allpairs';
import { randomSource } from '../test/random.js';
import type { RowBlock } from './methods.js';

const SENTENCES = fileURLToPath(new URL('../examples/data/sentences.npy', import.meta.url));
/** Fraction of the difference, which gives the best neighbours cosines from 0.8 to 0.95. */
const MIXED = 0.35;
/** Length of the noise, compared with a row of length 1. */
const NOISE = 0.05;

/** Returns LaBSE embeddings of 768 numbers and rows derived from them. */
export async function sentenceRows(rows: number): Promise<RowBlock> {
  const { data: sentences, shape } = await readNpy(SENTENCES);
  const [known, depth] = shape as [number, number];
  const random = randomSource(rows);
  const data = new Float32Array(rows * depth);
  data.set(sentences.subarray(0, Math.min(rows, known) * depth) as Float32Array);
  const step = NOISE * Math.sqrt(12 / depth);
  for (let row = known; row < rows; row++) {
    const [base, plus, minus] = [row % known, Math.floor(random() * known), Math.floor(random() * known)];
    for (let k = 0; k < depth; k++) {
      const difference = (sentences[plus * depth + k] as number) - (sentences[minus * depth + k] as number);
      data[row * depth + k] = (sentences[base * depth + k] as number) + MIXED * difference + step * (random() - 0.5);
    }
  }
  return { data, shape: [rows, depth] };
}
