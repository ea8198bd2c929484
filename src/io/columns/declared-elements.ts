// The element types that a caller may declare, in a separate file because pages load it before any reader.

import type { ElementType } from '../../rows/element-type.js';

/** Element types that bytes can be declared to hold. */
export const BYTES_ELEMENTS = [
  'float32',
  'float64',
  'float16',
  'bfloat16',
  'int8',
  'uint8',
] as const satisfies readonly ElementType[];

/** An element type that bytes can be declared to hold. */
export type BytesElement = (typeof BYTES_ELEMENTS)[number];
