// Rows as the bytes of a .npy file. Pure.

const MAGIC = '\x93NUMPY\x01\x00';
/** The elements begin at a multiple of so many bytes. */
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
