// The elements of rows: which arrays contain numbers, and whether a declared element type agrees with its array.

import { describe, fail, refuse } from './argument.js';
import { isNumericArray, type NumericArray } from './rows/dtype.js';
import type { HalfType } from './rows/element-type.js';

/** An array of elements and, if they are not numbers themselves, the type of their bits. */
export interface Elements {
  readonly data: NumericArray | readonly number[];
  readonly half: HalfType | undefined;
}

/**
 * The names of each array's element types in libraries: ONNX Runtime, transformers.js, TensorFlow.js, ndarray and @stdlib. Float arrays may
 * contain widened 16-bit numbers.
 */
const DECLARED_TYPES: Readonly<Record<string, readonly string[]>> = {
  Float16Array: ['float16'],
  Float32Array: ['float32', 'float16', 'bfloat16'],
  Float64Array: ['float64', 'double'],
  Int8Array: ['int8'],
  Uint8Array: ['uint8', 'bool'],
  Uint8ClampedArray: ['uint8', 'uint8_clamped', 'uint8c'],
  Int16Array: ['int16'],
  Uint16Array: ['uint16'],
  Int32Array: ['int32'],
  Uint32Array: ['uint32'],
  Array: ['array', 'generic', 'float32', 'float64', 'int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32'],
};

/** Returns the elements of `argument`, whose array is `data`. `declared` is the declared element type, if any. */
export function checkElements(argument: string, data: unknown, declared: unknown): Elements {
  if (Array.isArray(data)) checkNumbers(argument, `\`${argument}.data\`, element`, data);
  else if (isNumericArray(data)) checkNoBytes(argument, `\`${argument}.data\``, data);
  else refuseElements(argument, data);
  if (declared === undefined || declared === null) return { data, half: undefined };
  // @stdlib has objects for types; they convert to their names.
  const type = String(declared);
  if (data instanceof Uint16Array && (type === 'float16' || type === 'bfloat16')) return { data, half: type };
  const array = arrayName(data);
  if (!DECLARED_TYPES[array]?.includes(type)) {
    refuse(
      argument,
      `\`${argument}\` declares its elements as '${type}', but \`${argument}.data\` is ${withArticle(array)}.`,
      'Convert the elements to a Float32Array, or leave out the type if the array is right as it is.',
    );
  }
  return { data, half: undefined };
}

function refuseElements(argument: string, data: unknown): never {
  const name = `\`${argument}.data\``;
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
    refuse(argument, `${name} holds 64-bit integers`, 'convert them if they are coordinates: Float64Array.from(data, Number)');
  }
  if (typeof data === 'function') {
    refuse(argument, `${name} is a function`, 'call it first: { data: await tensor.data(), shape: tensor.shape }');
  }
  fail(argument, `a typed array or an array of numbers as ${name}`, describe(data));
}

/** Without this check, null would silently count as 0 and '3' as 3. */
export function checkNumbers(argument: string, place: string, values: readonly unknown[]): void {
  for (let k = 0; k < values.length; k++) {
    if (typeof values[k] !== 'number') fail(argument, 'numbers', `${describe(values[k])} in ${place} ${k}`);
  }
}

/** Refuses a Buffer, because its elements are bytes of numbers and hardly ever numbers. Other Uint8Arrays are accepted. */
export function checkNoBytes(argument: string, place: string, array: NumericArray): void {
  if (!(array instanceof Uint8Array && 'readFloatLE' in array)) return;
  const { byteLength, byteOffset } = array;
  const bytes = `${place} is a ${describe(array)} of ${byteLength} bytes, not an array of numbers`;
  if (byteLength % 4 !== 0) refuse(argument, bytes, 'decode it into a Float32Array first');
  const code =
    byteOffset % 4 === 0
      ? 'new Float32Array(buffer.buffer, buffer.byteOffset, buffer.length / 4)'
      : // A view must begin at a multiple of 4 in its memory; a copy does.
        'new Float32Array(new Uint8Array(buffer).buffer)';
  refuse(argument, bytes, `if it holds float32, pass ${code}`);
}

function arrayName(data: NumericArray | readonly number[]): string {
  return Array.isArray(data) ? 'Array' : (data as NumericArray)[Symbol.toStringTag];
}

function withArticle(array: string): string {
  return array === 'Array' ? 'a plain array' : `${/^[AEIO]/.test(array) ? 'an' : 'a'} ${array}`;
}
