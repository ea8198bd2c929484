// Converts rows to the bytes of a .npy file and back. Pure functions. Files that users drop can be more varied, and are read by `openRows`.

const MAGIC = '\x93NUMPY\x01\x00';
/** The elements begin at a multiple of this number of bytes. */
const ALIGNMENT = 64;

export function npyOf(
  rows: readonly (Float32Array | Float64Array)[],
  depth: number,
  type: '<f4' | '<f8',
): Uint8Array<ArrayBuffer> {
  const text = `{'descr': '${type}', 'fortran_order': False, 'shape': (${rows.length}, ${depth}), }`;
  const start = Math.ceil((MAGIC.length + 2 + text.length + 1) / ALIGNMENT) * ALIGNMENT;
  const rowBytes = depth * (type === '<f8' ? 8 : 4);
  const bytes = new Uint8Array(start + rows.length * rowBytes);
  const length = start - MAGIC.length - 2;
  const header = `${MAGIC}${String.fromCharCode(length & 255, length >> 8)}${text.padEnd(length - 1)}\n`;
  for (let at = 0; at < start; at++) bytes[at] = header.charCodeAt(at);
  for (const [at, { buffer, byteOffset, byteLength }] of rows.entries()) {
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), start + at * rowBytes);
  }
  return bytes;
}

/** Returns the rows of a .npy from the command or a report. */
export function rowsOfNpy(bytes: Uint8Array<ArrayBuffer>): { data: Float32Array | Float64Array; shape: [number, number] } {
  const start = 10 + new DataView(bytes.buffer, bytes.byteOffset).getUint16(8, true);
  const header = String.fromCharCode(...bytes.subarray(10, start));
  const [, type, rows, depth] = /'descr': '<(f[48])'.*'shape': \((\d+), (\d+)\)/.exec(header) ?? [];
  const shape: [number, number] = [Number(rows), Number(depth)];
  const length = shape[0] * shape[1];
  if (bytes.length !== start + length * (type === 'f8' ? 8 : 4)) {
    throw new Error('the rows are damaged: expected a .npy of float32 or float64; open the page again');
  }
  const FloatArray = type === 'f8' ? Float64Array : Float32Array;
  return { data: new FloatArray(bytes.buffer, bytes.byteOffset + start, length), shape };
}
