// Encodes values as bytes for messages between the page and the command: JSON, followed by the elements of all typed arrays in it.
//
// A message begins with two uint32, little-endian: the number of bytes of the JSON and that of the elements. Both parts are padded to a
// multiple of 8 bytes.

const ARRAYS = { Uint8Array, Uint16Array, Uint32Array, Int32Array, Float32Array, Float64Array };
type TypedArray = InstanceType<(typeof ARRAYS)[keyof typeof ARRAYS]>;

/** Values that JSON lacks. */
interface Marked {
  readonly $array?: keyof typeof ARRAYS;
  readonly length?: number;
  readonly $callback?: number;
  readonly $number?: string;
}

const HEAD_BYTES = 8;
const padded = (bytes: number) => Math.ceil(bytes / 8) * 8;

function isTyped(value: unknown): value is TypedArray {
  return ArrayBuffer.isView(value) && !(value instanceof DataView);
}

/** Returns a value as a message. Functions in it become numbers, from 0. */
export function encode(value: unknown): Uint8Array<ArrayBuffer> {
  const arrays: TypedArray[] = [];
  let callbacks = 0;
  const text = JSON.stringify(value, (_, part: unknown): unknown => {
    if (isTyped(part)) {
      arrays.push(part);
      return { $array: part.constructor.name, length: part.length };
    }
    if (typeof part === 'function') return { $callback: callbacks++ };
    return typeof part === 'number' && !Number.isFinite(part) ? { $number: String(part) } : part;
  });
  const json = new TextEncoder().encode(text);
  const elements = arrays.reduce((sum, { byteLength }) => sum + padded(byteLength), 0);
  const message = new Uint8Array(HEAD_BYTES + padded(json.length) + elements);
  new Uint32Array(message.buffer, 0, 2).set([json.length, elements]);
  message.set(json, HEAD_BYTES);
  let at = HEAD_BYTES + padded(json.length);
  for (const { buffer, byteOffset, byteLength } of arrays) {
    message.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at += padded(byteLength);
  }
  return message;
}

/** Returns the value of a message. `callbackOf` creates its functions. Throws if the bytes are not a message. */
export function decode(message: Uint8Array, callbackOf: (number: number) => unknown = () => undefined): unknown {
  const { json, end } = sizesOf(message);
  if (end !== message.length) throw new RangeError(`expected a message of ${end} bytes, got ${message.length}`);
  const text = new TextDecoder().decode(message.subarray(HEAD_BYTES, HEAD_BYTES + json));
  let at = HEAD_BYTES + padded(json);
  // The elements follow in the order of the text, which differs from that in which JSON is revived.
  const revive = (part: unknown): unknown => {
    if (typeof part !== 'object' || part === null) return part;
    const { $array, length = 0, $callback, $number } = part as Marked;
    if ($array !== undefined) return take($array, length);
    if ($callback !== undefined) return callbackOf($callback);
    if ($number !== undefined) return Number($number);
    if (Array.isArray(part)) return part.map(revive);
    return Object.fromEntries(Object.entries(part).map(([name, value]) => [name, revive(value)]));
  };
  const take = (name: keyof typeof ARRAYS, length: number): TypedArray => {
    const bytes = length * ARRAYS[name].BYTES_PER_ELEMENT;
    if (at + bytes > end) throw new RangeError('expected all elements, got fewer');
    // An aligned copy.
    const { buffer } = new Uint8Array(message.subarray(at, at + bytes));
    at += padded(bytes);
    return new ARRAYS[name](buffer);
  };
  return revive(JSON.parse(text));
}

/** Returns the number of bytes of the JSON of a message, and of the whole message, from its beginning. */
function sizesOf(start: Uint8Array): { readonly json: number; readonly end: number } {
  if (start.length < HEAD_BYTES) throw new RangeError('expected a message, got fewer bytes');
  const view = new DataView(start.buffer, start.byteOffset, HEAD_BYTES);
  const json = view.getUint32(0, true);
  return { json, end: HEAD_BYTES + padded(json) + view.getUint32(4, true) };
}

/** Yields the messages that arrive in pieces, one after another. */
export async function* messagesIn(pieces: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = pieces.getReader();
  let held: Uint8Array[] = [];
  let bytes = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      held.push(value);
      bytes += value.length;
      // Joined when a message is complete, not at every piece of it.
      while (bytes >= HEAD_BYTES) {
        if ((held[0] as Uint8Array).length < HEAD_BYTES) held = [joined(held, bytes)];
        const { end } = sizesOf(held[0] as Uint8Array);
        if (bytes < end) break;
        const all = joined(held, bytes);
        yield all.subarray(0, end);
        held = [all.subarray(end)];
        bytes -= end;
      }
    }
  } finally {
    // Ends the request if its messages are no longer needed.
    await reader.cancel().catch(() => {});
  }
  if (bytes > 0) throw new RangeError('expected a whole message, got its beginning');
}

function joined(pieces: readonly Uint8Array[], bytes: number): Uint8Array {
  if (pieces.length === 1) return pieces[0] as Uint8Array;
  const all = new Uint8Array(bytes);
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
