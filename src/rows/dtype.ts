// The element types of results, and the typed arrays that can hold rows.

/** The element type in which scores are computed and stored. */
export type DType = 'float32' | 'float64';

/** An array of scores. */
export type ScoreArray = Float32Array | Float64Array;

/** Any typed array of numbers (BigInt arrays hold no numbers). */
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
 * Returns the current number of elements: 0 once the buffer is detached. `length` alone is not reliable: code that V8 optimised after
 * it has seen resizable buffers returns the old length of a detached array (Node 20.20).
 */
export function lengthNow(array: ArrayLike<unknown>): number {
  return ArrayBuffer.isView(array) && array.buffer.byteLength === 0 ? 0 : array.length;
}

/** Returns whether an array has lost its buffer. An array that never had elements has not. */
export function isDetached(array: ArrayLike<unknown>): boolean {
  if (!ArrayBuffer.isView(array) || array.buffer.byteLength > 0) return false;
  try {
    // Only creating a view shows it, because the property `detached` does not exist before Node 21.
    return new Uint8Array(array.buffer).length > 0;
  } catch {
    return true;
  }
}

/** Returns the bytes of one element. */
export function elementBytes(dtype: DType): number {
  return dtype === 'float32' ? 4 : 8;
}

/** Returns whether no thread can detach or shrink a buffer. Only then may other threads write to it while its owner runs JavaScript. */
export function isShared(buffer: ArrayBufferLike): boolean {
  return typeof SharedArrayBuffer !== 'undefined' && buffer instanceof SharedArrayBuffer;
}

export function newScores(dtype: DType, length: number): Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer> {
  return dtype === 'float32' ? new Float32Array(length) : new Float64Array(length);
}

/** Returns the scores in `buffer` from byte `offset` on. */
export function viewScores(dtype: DType, buffer: ArrayBufferLike, offset: number, length: number): ScoreArray {
  return dtype === 'float32' ? new Float32Array(buffer, offset, length) : new Float64Array(buffer, offset, length);
}

/** Returns true for typed arrays of numbers, including Float16Array if the runtime has it. */
export function isNumericArray(value: unknown): value is NumericArray {
  return (
    ArrayBuffer.isView(value) &&
    !(value instanceof DataView) &&
    !(value instanceof BigInt64Array) &&
    !(value instanceof BigUint64Array)
  );
}

/** Returns whether two arrays share memory. */
export function sharesBytes(a: ArrayBufferView, b: ArrayBufferView): boolean {
  return a.buffer === b.buffer && a.byteOffset < b.byteOffset + b.byteLength && b.byteOffset < a.byteOffset + a.byteLength;
}
