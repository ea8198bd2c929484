// The bytes of inputs of openRows that are not paths: a Blob, bytes in memory, or a byte source of the caller.

import { ArgumentError } from '../../errors.js';
import { bytesOfBlob } from './blob-bytes.js';
import { type ByteSource, bytesInMemory } from './byte-source.js';

/** An object that contains the bytes of a file. */
export type BytesInput = Blob | ArrayBufferLike | Uint8Array | ByteSource;

/** Returns the bytes of `input`. Throws ArgumentError with a message that begins with `expected` for anything else. */
export function bytesOfInput(input: BytesInput, expected: string): ByteSource {
  if (input instanceof Uint8Array) return bytesInMemory(input, 'bytes');
  // Recognised by their members, because objects from another frame are not instances of this frame's classes.
  if (typeof (input as Blob | undefined)?.size === 'number') {
    if ('slice' in input && typeof input.slice === 'function') return bytesOfBlob(input as Blob);
    if ('read' in input && typeof input.read === 'function') return input;
  }
  if (Object.prototype.toString.call(input).endsWith('ArrayBuffer]')) {
    return bytesInMemory(new Uint8Array(input as ArrayBuffer), 'bytes');
  }
  throw new ArgumentError('input', `${expected}, got ${describeInput(input)}`);
}

/** Returns the address that `input` is, or undefined if it is not an address. */
function webAddressOf(input: unknown): string | undefined {
  const text = input instanceof URL ? input.href : input;
  return typeof text === 'string' && /^(https?|blob|data):/i.test(text) ? text : undefined;
}

/** Throws ArgumentError for a web address, because openRows loads nothing from the network. */
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
