// Keys that a test presses too often for a round trip each.

import type { Locator } from 'playwright-core';

/** Presses a key with Shift `times` times. */
export function pressOften(element: Locator, key: string, times: number): Promise<void> {
  return element.evaluate(
    (target, [key, times]) => {
      for (let turn = 0; turn < times; turn++) {
        target.dispatchEvent(new KeyboardEvent('keydown', { key, shiftKey: true, bubbles: true, cancelable: true }));
      }
    },
    [key, times] as const,
  );
}
