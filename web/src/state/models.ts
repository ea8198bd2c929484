// How two models agree on the nearest rows of each row: computed when the page shows it for the first time.

import { computed, effect, signal } from '@preact/signals';
import { transfer } from 'comlink';
import { NEAREST_COMPARED } from '../compute/neighbour-overlap.js';
import { facts, modelOverlaps, selectedRow, shown } from './answers.js';
import { neighbourCount, room } from './choices.js';
import { computeInRoom } from './room-work.js';
import { session } from './session.js';
import { readPageData, readSource } from './source.js';
import { guarded, working } from './working.js';

/** How many nearest rows of each are compared: as many as chosen, if there are so many. */
export const comparedCount = computed(() => Math.min(neighbourCount.value, (shown.value?.rows ?? 1) - 1));

/** For each row, how many of its nearest rows both models share; null until it is known. */
export const sharedCounts = computed<Uint8Array | null>(
  () => modelOverlaps.value?.shared[NEAREST_COMPARED.indexOf(neighbourCount.value)] ?? null,
);

/** The rows that are all zeros, in either model. */
export const zeroRows = computed(() => modelOverlaps.value?.zeroRows.map((rows) => new Set(rows)) ?? []);

export const meanShared = computed<number | null>(() => {
  const counts = sharedCounts.value;
  return counts && counts.reduce((sum, count) => sum + count, 0) / counts.length;
});

/** Rows with the least agreement first; of equals the lower. */
export const leastAgreed = computed<Uint32Array>(() => {
  const counts = sharedCounts.value ?? new Uint8Array();
  return Uint32Array.from(counts.keys()).sort((a, b) => (counts[a] as number) - (counts[b] as number) || a - b);
});

/** The rows that the second model finds nearest to the selected one. */
export const comparedNeighbours = signal<{ row: number; indices: Uint32Array; scores: Float32Array } | null>(null);

let opening: Promise<void> | undefined;

/** Has the second model's rows read, if that has not been done. */
function openCompared(): Promise<void> {
  opening ??= readCompared().catch((error) => {
    opening = undefined;
    throw error;
  });
  return opening;
}

async function readCompared(): Promise<void> {
  const { source } = shown.peek()?.compared ?? {};
  // The command has them already.
  if (source === undefined || readPageData()?.computing) return;
  const bytes = await readSource(source);
  await session.openCompared(transfer(bytes, [bytes.buffer]));
}

let isFollowing = false;

/** Compares the models once the rows are there, and the neighbours of each row that is selected while the page shows the models. */
export function followModels(): void {
  if (isFollowing) return;
  isFollowing = true;
  computeInRoom(
    'models',
    modelOverlaps,
    async (stop) => {
      await openCompared();
      return working('Comparing the models', (onProgress) => session.modelOverlaps(onProgress), stop);
    },
    () => void session.stopModelOverlaps(),
  );
  effect(() => {
    const [row, k] = [selectedRow.value, neighbourCount.value];
    if (room.value !== 'models' || !facts.value || row === null) return;
    void guarded(async () => {
      await openCompared();
      const found = await session.comparedNeighbours(row, k);
      if (selectedRow.peek() === row && neighbourCount.peek() === k) comparedNeighbours.value = { row, ...found };
    });
  });
}
