// What a report holds, as bytes: a message, compressed. Pure.

import { decode, encode } from './wire.js';

export function pack(value: unknown): Promise<Uint8Array<ArrayBuffer>> {
  return through(encode(value), new CompressionStream('gzip'));
}

export async function unpack(bytes: Uint8Array<ArrayBuffer>): Promise<unknown> {
  return decode(await through(bytes, new DecompressionStream('gzip')));
}

async function through(bytes: Uint8Array<ArrayBuffer>, stream: GenericTransformStream): Promise<Uint8Array<ArrayBuffer>> {
  const streamed = new Blob([bytes]).stream().pipeThrough(stream as ReadableWritablePair<Uint8Array, Uint8Array>);
  return new Uint8Array(await new Response(streamed as unknown as BodyInit).arrayBuffer());
}
