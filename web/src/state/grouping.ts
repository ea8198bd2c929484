// Groups by methods other than chains, which are computed when they are chosen, and the details of the listed groups.

import { effect, signal } from '@preact/signals';
import type { GroupDetails } from '../compute/group-details.js';
import { otherGroups, settledCut, settledThreshold, usedCut, usedMethod } from './answers.js';
import { findClustering } from './clustering.js';
import { session } from './session.js';
import { guarded, working } from './working.js';

export function followGrouping(): void {
  effect(() => {
    const method = usedMethod.value;
    const threshold = settledThreshold.value;
    if (method === 'clusters') void guarded(async () => void (await findClustering()));
    if ((method !== 'complete' && method !== 'community') || threshold === null) return;
    void guarded(async () => {
      const groups = await working('Finding groups', (onProgress) => session.otherGroups(method, threshold, onProgress));
      if (groups && usedMethod.peek() === method && settledThreshold.peek() === threshold) {
        otherGroups.value = { method, threshold, groups };
      }
    });
  });
  let waiting: ReturnType<typeof setTimeout> | undefined;
  effect(() => {
    const cut = usedCut.value;
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      settledCut.value = cut;
    }, REST_MS);
  });
}

/** The slider is at rest when it has not moved for this long. */
const REST_MS = 200;

type Rows = readonly number[];

const known = new WeakMap<Rows, GroupDetails>();
const version = signal(0);
let asked: readonly Rows[] = [];

/** Undefined while they are unknown. */
export function detailsOf(rows: Rows): GroupDetails | undefined {
  void version.value;
  return known.get(rows);
}

/** Computes the details of these groups, and cancels the previous request. */
export async function findDetails(groups: readonly Rows[]): Promise<void> {
  asked = groups;
  for (const rows of groups) {
    if (asked !== groups) return;
    if (known.has(rows)) continue;
    await guarded(async () => {
      const [details] = await session.describeGroups([rows]);
      if (details) known.set(rows, details);
      version.value++;
    });
  }
}
