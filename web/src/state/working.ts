// Tasks that take time and may fail; the page reports both.

import { type ProxyMarked, proxy } from 'comlink';
import type { OnProgress } from '../compute/breather.js';
import * as answers from './answers.js';

/** The page shows what failed. */
export async function guarded(task: () => Promise<void>): Promise<void> {
  try {
    await task();
  } catch (error) {
    tell(error);
  }
}

export function tell(error: unknown): void {
  answers.problem.value = error instanceof Error ? error.message : String(error);
}

/** Runs a task, and shows its progress on the page. `stop` ends it early. */
export async function working<T>(
  what: string,
  task: (onProgress: OnProgress & ProxyMarked) => Promise<T>,
  stop?: () => void,
): Promise<T> {
  let mine: answers.Work = { what, done: 0, stop };
  const others = () => answers.works.peek().filter((work) => work !== mine);
  answers.works.value = [...others(), mine];
  let ended = false;
  const onProgress = proxy((done: number) => {
    if (ended) return;
    const now = { what, done, stop };
    answers.works.value = answers.works.peek().map((work) => (work === mine ? now : work));
    mine = now;
  });
  try {
    return await task(onProgress);
  } finally {
    ended = true;
    answers.works.value = others();
  }
}
