// Collections of vectors other than arrays: by id in a Map or an object, and in the objects that embedding services answer with.

import { describe, fail, refuse } from './argument.js';
import { isId } from './check-ids.js';
import type { RowId } from './rows/dense-matrix.js';
import { isNumericArray } from './rows/dtype.js';

/** Vectors in order, with the ids they came with. */
export interface Collection {
  readonly vectors: readonly unknown[];
  readonly ids?: readonly RowId[] | undefined;
}

/** One vector of an embedding service: `{ embedding, index }`, with or without more. */
interface EmbeddingObject {
  readonly embedding: unknown;
  readonly index?: unknown;
  readonly id?: unknown;
}

/** True for an array of numbers: typed, or plain by its first element. */
export function isVector(value: unknown): boolean {
  return isNumericArray(value) || (Array.isArray(value) && (value.length === 0 || typeof value[0] === 'number'));
}

export function isEmbeddingObject(value: unknown): value is EmbeddingObject {
  return typeof value === 'object' && value !== null && !ArrayBuffer.isView(value) && 'embedding' in value;
}

/** True for a plain object whose values are all vectors: rows by id. */
export function isRecordOfVectors(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) return false;
  const vectors = Object.values(value);
  return vectors.length > 0 && vectors.every(isVector);
}

export function isMap(value: object): value is ReadonlyMap<RowId, unknown> {
  return value instanceof Map || Object.prototype.toString.call(value) === '[object Map]';
}

/** The embeddings of `objects`, by their `index` if that numbers them, with their `id` if each has one. */
export function gatherEmbeddings(argument: string, objects: readonly unknown[]): Collection {
  for (let i = 0; i < objects.length; i++) {
    const object = objects[i];
    if (!isEmbeddingObject(object)) fail(argument, `an object with \`embedding\` as row ${i}`, describe(object));
    if (typeof object.embedding === 'string') {
      refuse(
        argument,
        `The embedding of row ${i} in \`${argument}\` is text`,
        `request floats (encoding_format: 'float'), or decode it: ` +
          'new Float32Array(Uint8Array.from(atob(embedding), (c) => c.charCodeAt(0)).buffer)',
      );
    }
  }
  const ordered = inOrder(argument, objects as readonly EmbeddingObject[]);
  const ids = ordered.map(({ id }) => id);
  return { vectors: ordered.map(({ embedding }) => embedding), ids: ids.every(isId) ? (ids as RowId[]) : undefined };
}

/**
 * By `index`, where that is a permutation of 0, 1, 2 ...: services may answer in any order. As given where it ascends anyway,
 * or begins anew at 0, as in answers that were joined. Any other order may be meant or not.
 */
function inOrder(argument: string, objects: readonly EmbeddingObject[]): readonly EmbeddingObject[] {
  const indexes = objects.map(({ index }) => index);
  if (!indexes.every((index) => Number.isSafeInteger(index))) return objects;
  const numbers = indexes as number[];
  const joined = numbers[0] === 0;
  if (numbers.every((index, i) => i === 0 || (joined && index === 0) || index > (numbers[i - 1] as number))) return objects;
  const ordered: EmbeddingObject[] = [];
  for (const [i, index] of numbers.entries()) {
    if (index < 0 || index >= objects.length || index in ordered) {
      return refuse(
        argument,
        `The \`index\` of the objects in \`${argument}\` neither ascends nor numbers them from 0 (${index} in row ${i})`,
        'pass rows.map(({ embedding }) => embedding) in the order that you mean',
      );
    }
    ordered[index] = objects[i] as EmbeddingObject;
  }
  return ordered;
}
