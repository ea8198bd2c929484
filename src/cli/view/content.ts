// Contents with which the server can answer: bytes whose number is known before they are read.

import { extname } from 'node:path';

export interface Content {
  /** The media type. */
  readonly type: string;
  /** Number of bytes; undefined if they are not counted before they are read. */
  readonly size: number | undefined;
  /** Yields all bytes in order, or throws. Yielded buffers do not change. */
  read(): Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

/** Returns the content at an address relative to the page, or undefined if there is none. */
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

/** Extensions of pictures that rows may have. */
export const IMAGE_EXTENSIONS: readonly string[] = Object.keys(IMAGE_TYPES);

/** Returns the media type of a picture by its extension; undefined for other extensions. */
export function imageTypeOf(path: string): string | undefined {
  return IMAGE_TYPES[extname(path).toLowerCase()];
}

/** Answers a body that is sent to an address; undefined where it is not understood. `signal` aborts when the request is closed. */
export type Taker = (body: Uint8Array, signal: AbortSignal) => Promise<Content | undefined>;

/** What answers, by address. */
export type Takers = ReadonlyMap<string, Taker>;

/** Returns bytes in memory as a file of this name. */
export function contentOf(name: string, bytes: Uint8Array): Content {
  const type = WEB_TYPES[extname(name)] ?? imageTypeOf(name) ?? 'application/octet-stream';
  return { type, size: bytes.length, read: () => [bytes] };
}
