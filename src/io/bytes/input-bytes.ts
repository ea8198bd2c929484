// The bytes of what openRows takes besides paths: a Blob, bytes in memory, or a byte source of the caller's own.

import { ArgumentError } from '../../errors.js';
import { bytesOfBlob } from './blob-bytes.js';
import { type ByteSource, bytesInMemory } from './byte-source.js';

/** What holds a file's bytes. */
export type BytesInput = Blob | ArrayBufferLike | Uint8Array | ByteSource;

/** The bytes of `input`. Throws ArgumentError, which begins with `expected`, for anything else. */
export function bytesOfInput(input: BytesInput, expected: string): ByteSource {
  if (input instanceof Uint8Array) return bytesInMemory(input, 'bytes');
  // By what they can do and are called: those of another frame are no instances of this one's.
  if (typeof (input as Blob | undefined)?.size === 'number') {
    if ('slice' in input && typeof input.slice === 'function') return bytesOfBlob(input as Blob);
    if ('read' in input && typeof input.read === 'function') return input;
  }
  if (Object.prototype.toString.call(input).endsWith('ArrayBuffer]')) {
    return bytesInMemory(new Uint8Array(input as ArrayBuffer), 'bytes');
  }
  throw new ArgumentError('input', `${expected}, got ${describeInput(input)}`);
}

/** The address that `input` is, or undefined if it is no address. */
function webAddressOf(input: unknown): string | undefined {
  const text = input instanceof URL ? input.href : input;
  return typeof text === 'string' && /^(https?|blob|data):/i.test(text) ? text : undefined;
}

/** Throws ArgumentError for an address: openRows loads nothing from the network. */
export function refuseWebAddress(input: unknown): void {
  const address = webAddressOf(input);
  if (address === undefined) return;
  throw new ArgumentError('input', `expected a file, got the address ${address.slice(0, 100)}`, {
    advice: 'load it first: const response = await fetch(address); const rows = await openRows(await response.blob())',
  });
}

function describeInput(input: unknown): string {
  if (input === null || typeof input !== 'object') return input === null ? 'null' : typeof input;
  if (typeof (input as { readonly then?: unknown }).then === 'function') return 'a Promise; did you forget await?';
  return input.constructor?.name ?? 'an object';
}
