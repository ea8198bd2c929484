// Work whose result only one part of the page shows.

import { effect, type Signal } from '@preact/signals';
import { facts } from './answers.js';
import { type Room, room } from './choices.js';
import { guarded } from './working.js';

/** Runs `task` when the rows are available and the page shows `of`, until `answer` is known. It may leave the answer null. */
export function computeInRoom<T>(
  of: Room,
  answer: Signal<T | null>,
  task: (stop: () => void) => Promise<T | null>,
  halt: () => void,
): void {
  let isUnderWay = false;
  const stop = () => {
    room.value = 'overview';
    halt();
  };
  effect(() => {
    if (room.value !== of || !facts.value || answer.peek() || isUnderWay) return;
    isUnderWay = true;
    void guarded(async () => {
      answer.value = await task(stop);
    }).finally(() => {
      isUnderWay = false;
    });
  });
}
