// The frames and blocks of a zstd stream, walked before a decoder sees them: decoders allocate the window that a header states.
// https://www.rfc-editor.org/rfc/rfc8878

/** What the zstd command itself refuses to go beyond. */
const MAX_WINDOW_BYTES = 2 ** 27;
/** The longest header of a frame. */
const MAX_HEADER_BYTES = 18;

type Pieces = AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined>;

/** Passes a stream on, unchanged. Throws an Error at a frame whose window is too large, and where it is no zstd. */
export async function* checkZstdFrames(packed: Pieces): Pieces {
  const walk = walkFrames();
  let wanted = walk.next().value as number;
  let held = new Uint8Array(0);
  for await (const piece of packed) {
    let at = 0;
    while (at < piece.length) {
      // More than is asked for is what lies between headers: skipped.
      if (wanted < 0) {
        const count = Math.min(-wanted, piece.length - at);
        at += count;
        wanted += count;
        if (wanted === 0) wanted = walk.next(new Uint8Array(0)).value as number;
        continue;
      }
      const count = Math.min(wanted - held.length, piece.length - at);
      const joined = new Uint8Array(held.length + count);
      joined.set(held);
      joined.set(piece.subarray(at, at + count), held.length);
      held = joined;
      at += count;
      if (held.length < wanted) continue;
      const header = held;
      held = new Uint8Array(0);
      wanted = walk.next(header).value as number;
    }
    yield piece;
  }
}

/** Asks for the bytes of each header, as a number above 0, and to skip bytes, as one below. */
function* walkFrames(): Generator<number, never, Uint8Array> {
  for (;;) {
    const view = viewOf(yield 8);
    const magic = view.getUint32(0, true);
    if (magic >>> 4 === 0x184d2a5) {
      const length = view.getUint32(4, true);
      if (length > 0) yield -length;
      continue;
    }
    if (magic !== 0xfd2fb528) throw new Error('not a frame');
    const descriptor = view.getUint8(4);
    const single = (descriptor >> 5) & 1;
    const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] as number;
    const sizeBytes = descriptor >> 6 ? 1 << (descriptor >> 6) : single;
    const length = 5 + (1 - single) + dictionaryBytes + sizeBytes;
    const header = new Uint8Array(MAX_HEADER_BYTES);
    header.set(new Uint8Array(view.buffer, view.byteOffset, 8));
    // The shortest header is six bytes, so that two or fewer of these eight belong to the first block.
    let block = header.slice(length, 8);
    if (length > 8) header.set(yield length - 8, 8);
    checkWindow(header, single, length, sizeBytes);
    for (let last = 0; !last; ) {
      const rest = 3 - block.length;
      const [a, b, c] = [...block, ...(rest > 0 ? yield rest : [])] as [number, number, number];
      block = new Uint8Array(0);
      last = a & 1;
      const type = (a >> 1) & 3;
      const size = (a | (b << 8) | (c << 16)) >>> 3;
      if (type === 3) throw new Error('a block of an unknown type');
      const stored = type === 1 ? 1 : size;
      if (stored > 0) yield -stored;
    }
    if (descriptor & 4) yield -4;
  }
}

function checkWindow(header: Uint8Array, single: number, length: number, sizeBytes: number): void {
  const view = viewOf(header);
  let window: number;
  if (single) {
    const at = length - sizeBytes;
    const size = [
      view.getUint8(at),
      view.getUint16(at, true) + 256,
      view.getUint32(at, true),
      Number(view.getBigUint64(at, true)),
    ];
    window = size[Math.log2(sizeBytes)] as number;
  } else {
    const base = 2 ** (10 + (view.getUint8(5) >> 3));
    window = base + (base / 8) * (view.getUint8(5) & 7);
  }
  if (window > MAX_WINDOW_BYTES) throw new Error(`a window of ${window} bytes; at most ${MAX_WINDOW_BYTES} are taken`);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
