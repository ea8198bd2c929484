// The element types of results, and the typed arrays that may hold rows.

/** The element type that scores are computed and stored in. */
export type DType = 'float32' | 'float64';

/** An array of scores. */
export type ScoreArray = Float32Array | Float64Array;

/** Any typed array of numbers (BigInt arrays are not numbers). */
export type NumericArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array;

/**
 * How many elements an array has now: 0 once its buffer is detached. `length` alone does not tell: code that V8 optimized after it
 * saw resizable buffers, too, returns the old one for a detached array (Node 20.20).
 */
export function lengthNow(array: ArrayLike<unknown>): number {
  return ArrayBuffer.isView(array) && array.buffer.byteLength === 0 ? 0 : array.length;
}

/** Whether an array has lost its buffer. One that never had elements has not. */
export function isDetached(array: ArrayLike<unknown>): boolean {
  if (!ArrayBuffer.isView(array) || array.buffer.byteLength > 0) return false;
  try {
    // Only a view can tell: the property `detached` is missing before Node 21.
    return new Uint8Array(array.buffer).length > 0;
  } catch {
    return true;
  }
}

/** Bytes of one element. */
export function elementBytes(dtype: DType): number {
  return dtype === 'float32' ? 4 : 8;
}

/** Whether no thread can detach or shrink a buffer: only then may other threads write to it while its owner runs JavaScript. */
export function isShared(buffer: ArrayBufferLike): boolean {
  return typeof SharedArrayBuffer !== 'undefined' && buffer instanceof SharedArrayBuffer;
}

export function newScores(dtype: DType, length: number): Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer> {
  return dtype === 'float32' ? new Float32Array(length) : new Float64Array(length);
}

/** The scores in `buffer` from byte `offset` on. */
export function viewScores(dtype: DType, buffer: ArrayBufferLike, offset: number, length: number): ScoreArray {
  return dtype === 'float32' ? new Float32Array(buffer, offset, length) : new Float64Array(buffer, offset, length);
}

/** True for typed arrays of numbers, Float16Array included where the runtime has it. */
export function isNumericArray(value: unknown): value is NumericArray {
  return (
    ArrayBuffer.isView(value) &&
    !(value instanceof DataView) &&
    !(value instanceof BigInt64Array) &&
    !(value instanceof BigUint64Array)
  );
}

/** Whether two arrays have bytes in common. */
export function sharesBytes(a: ArrayBufferView, b: ArrayBufferView): boolean {
  return a.buffer === b.buffer && a.byteOffset < b.byteOffset + b.byteLength && b.byteOffset < a.byteOffset + a.byteLength;
}
