// The rows that the page was created with, from the server or from the page itself.

import type { PageData } from '../../../src/cli/view/page-data.js';
import { RESULTS_ID } from '../../../src/cli/view/page-text.js';
import type { SavedResults } from '../compute/results.js';

/** Null in the page as built. */
export function readPageData(): PageData | null {
  return JSON.parse(document.getElementById('page-data')?.textContent ?? 'null');
}

/** Returns the bytes of the .npy file at an address, or in base64 in the element `#id`. */
export async function readSource(source: string): Promise<Uint8Array<ArrayBuffer>> {
  if (!source.startsWith('#')) {
    const failed = (why: string) => new Error(`the rows could not be read: ${why}`);
    const answer = await fetch(new URL(source, document.baseURI)).catch(() => {
      throw failed('the command does not answer; is it still running?');
    });
    if (!answer.ok) throw failed(`the command answered ${answer.status}; see its output for the reason`);
    const bytes = await answer.arrayBuffer().catch(() => {
      throw failed('the command ended its answer early; see its output for the reason');
    });
    return new Uint8Array(bytes);
  }
  const element = document.getElementById(source.slice(1));
  const bytes = bytesOfBase64(element?.textContent ?? '');
  // The text is no longer needed.
  element?.remove();
  return bytes;
}

const saved = document.getElementById(RESULTS_ID);
/** True if the page is a report that contains results. */
export const hasResults: boolean = saved !== null;
let results: Promise<SavedResults> | undefined;

/** Returns the results that a report contains; null if everything must be computed. */
export function readResults(): Promise<SavedResults | null> {
  if (!saved) return Promise.resolve(null);
  results ??= (async () => {
    const { unpack } = await import('../compute/packed.js');
    const bytes = bytesOfBase64(saved.textContent);
    saved.remove();
    return (await unpack(bytes)) as SavedResults;
  })();
  return results;
}

function bytesOfBase64(text: string): Uint8Array<ArrayBuffer> {
  const characters = atob(text.trim());
  const bytes = new Uint8Array(characters.length);
  for (let at = 0; at < bytes.length; at++) bytes[at] = characters.charCodeAt(at);
  return bytes;
}
