// The rows that the page was made with: from where the server has them, or out of the page itself.

import type { PageData } from '../../../src/cli/view/page-data.js';

/** Null in the page as built. */
export function readPageData(): PageData | null {
  return JSON.parse(document.getElementById('page-data')?.textContent ?? 'null');
}

/** The bytes of the .npy file at an address, or as base64 in the element `#id`. */
export async function readSource(source: string): Promise<Uint8Array<ArrayBuffer>> {
  if (!source.startsWith('#')) {
    const answer = await fetch(new URL(source, document.baseURI));
    if (!answer.ok)
      throw new Error(`the rows could not be read: the server answered ${answer.status}; is the command still running?`);
    return new Uint8Array(await answer.arrayBuffer());
  }
  const element = document.getElementById(source.slice(1));
  const bytes = bytesOfBase64(element?.textContent ?? '');
  // The text is of no use any more.
  element?.remove();
  return bytes;
}

function bytesOfBase64(text: string): Uint8Array<ArrayBuffer> {
  const characters = atob(text.trim());
  const bytes = new Uint8Array(characters.length);
  for (let at = 0; at < bytes.length; at++) bytes[at] = characters.charCodeAt(at);
  return bytes;
}
