// Packs values that contain typed arrays as compressed bytes, which is how a report holds results.

type Numbers = Uint8Array | Uint16Array | Uint32Array | Int32Array | Float32Array | Float64Array;

const TYPES = { Uint8Array, Uint16Array, Uint32Array, Int32Array, Float32Array, Float64Array } as const;

/** Replaces an array by the position of its bytes. */
interface Packed {
  readonly $array: keyof typeof TYPES;
  readonly at: number;
  readonly length: number;
}

/** Arrays begin at multiples of the largest element size. */
const ALIGNMENT = 8;

const padded = (bytes: number) => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;

/** The length of the JSON in the first eight bytes, the JSON, and the bytes of all arrays, compressed by gzip. */
export async function pack(value: unknown): Promise<Uint8Array<ArrayBuffer>> {
  const arrays: Numbers[] = [];
  let at = 0;
  const json = JSON.stringify(value, (_, part: unknown) => {
    if (!ArrayBuffer.isView(part)) return part;
    const numbers = part as Numbers;
    const packed: Packed = { $array: numbers.constructor.name as Packed['$array'], at, length: numbers.length };
    arrays.push(numbers);
    at += padded(numbers.byteLength);
    return packed;
  });
  const text = new TextEncoder().encode(json);
  const bytes = new Uint8Array(ALIGNMENT + padded(text.length) + at);
  new DataView(bytes.buffer).setUint32(0, text.length, true);
  bytes.set(text, ALIGNMENT);
  let place = ALIGNMENT + padded(text.length);
  for (const { buffer, byteOffset, byteLength } of arrays) {
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), place);
    place += padded(byteLength);
  }
  return through(bytes, new CompressionStream('gzip'));
}

export async function unpack(compressed: Uint8Array<ArrayBuffer>): Promise<unknown> {
  const bytes = await through(compressed, new DecompressionStream('gzip'));
  const length = new DataView(bytes.buffer).getUint32(0, true);
  const start = ALIGNMENT + padded(length);
  return JSON.parse(new TextDecoder().decode(bytes.subarray(ALIGNMENT, ALIGNMENT + length)), (_, part: unknown) => {
    const { $array, at, length } = (part ?? {}) as Partial<Packed>;
    if ($array === undefined || at === undefined) return part;
    return new TYPES[$array](bytes.buffer, start + at, length);
  });
}

async function through(bytes: Uint8Array<ArrayBuffer>, stream: GenericTransformStream): Promise<Uint8Array<ArrayBuffer>> {
  const streamed = new Blob([bytes]).stream().pipeThrough(stream as ReadableWritablePair<Uint8Array, Uint8Array>);
  return new Uint8Array(await new Response(streamed as unknown as BodyInit).arrayBuffer());
}
