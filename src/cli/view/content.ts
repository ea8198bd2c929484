// What the server can answer with: bytes, whose number is known before they are read.

import { extname } from 'node:path';

export interface Content {
  /** The media type. */
  readonly type: string;
  /** Bytes; undefined where they are not counted before they are read. */
  readonly size: number | undefined;
  /** All bytes in order, or an error. What was yielded stays as it is. */
  read(): Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

/** What there is at an address, which is relative to the page; undefined where there is nothing. */
export type Site = (path: string) => Promise<Content | undefined>;

const WEB_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
  '.woff2': 'font/woff2',
};

const IMAGE_TYPES: Readonly<Record<string, string>> = {
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.webp': 'image/webp',
  '.gif': 'image/gif',
  '.avif': 'image/avif',
};

/** Of pictures that rows may have. */
export const IMAGE_EXTENSIONS: readonly string[] = Object.keys(IMAGE_TYPES);

/** The media type of a picture, by its extension; undefined where that is of none. */
export function imageTypeOf(path: string): string | undefined {
  return IMAGE_TYPES[extname(path).toLowerCase()];
}

/** What answers a body that is sent to an address, by that address; undefined where the body is not understood. */
export type Takers = ReadonlyMap<string, (body: Uint8Array) => Promise<Content | undefined>>;

/** Bytes in memory, as a file of this name. */
export function contentOf(name: string, bytes: Uint8Array): Content {
  const type = WEB_TYPES[extname(name)] ?? imageTypeOf(name) ?? 'application/octet-stream';
  return { type, size: bytes.length, read: () => [bytes] };
}
