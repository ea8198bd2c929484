// Collections of vectors other than arrays: Maps and objects of vectors by id, and responses of embedding services.

import { describe, fail, refuse } from './argument.js';
import { isId } from './check-ids.js';
import type { RowId } from './rows/dense-matrix.js';
import { isNumericArray } from './rows/dtype.js';

/** Vectors in order, with their ids. */
export interface Collection {
  readonly vectors: readonly unknown[];
  readonly ids?: readonly RowId[] | undefined;
}

/** One vector of an embedding service: `{ embedding, index }`, possibly with more fields. */
interface EmbeddingObject {
  readonly embedding: unknown;
  readonly index?: unknown;
  readonly id?: unknown;
}

/** True for an array of numbers: a typed array, or a plain array judging by its first element. */
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

/** Returns the embeddings of `objects`, ordered by their `index` if it numbers them, with their `id` if each has one. */
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
 * Orders by `index` if that is a permutation of 0, 1, 2 ..., because services may respond in any order. Keeps the given order if `index`
 * ascends, or restarts at 0 as in joined responses. Refuses any other order as ambiguous.
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
