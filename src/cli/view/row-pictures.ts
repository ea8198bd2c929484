// The pictures that rows are of: found and checked before anything is shown.

import { readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { openBytes } from '../../io/file-bytes.js';
import { asInputError, InputError, UsageError } from '../exit-codes.js';
import { labelsPath, readLabels } from '../labels.js';
import { formatBytes } from '../output.js';
import { type Content, IMAGE_EXTENSIONS, imageTypeOf } from './content.js';
import type { RowImages } from './page-data.js';

type Size = readonly [width: number, height: number];

/** Pictures in files by number: `files` of them, each there and of a type that is a picture's. */
export interface Pictures {
  readonly files: readonly string[];
  /** What the page is told, where `urlOf` is the address of a file by number. */
  describe(urlOf: (file: number) => string): RowImages;
}

export interface PictureOptions {
  /** One picture with all, or FILE or FILE:COLUMN with a path for each row. */
  readonly images?: string | undefined;
  readonly imageShape?: Size | undefined;
}

/** The pictures of `rows` rows of length `depth`; undefined where there are none. Throws InputError, with the first that is wrong. */
export async function findPictures(
  { images, imageShape }: PictureOptions,
  rows: number,
  depth: number,
): Promise<Pictures | undefined> {
  if (images === undefined) return imageShape && picturesOfRows(imageShape, depth);
  if (imageTypeOf(images) !== undefined) {
    const fault = await faultOf(images);
    if (fault) throw fault;
    return { files: [images], describe: (urlOf) => ({ kind: 'sprite', url: urlOf(0), size: imageShape ?? null }) };
  }
  if (imageShape)
    throw new UsageError(`--image-shape: the pictures of --images ${images} are files, which have their own sizes`);
  const files = await readPaths(images, rows);
  return { files, describe: (urlOf) => ({ kind: 'files', urls: files.map((_, file) => urlOf(file)) }) };
}

function picturesOfRows([width, height]: Size, depth: number): Pictures {
  if (width * height !== depth) {
    throw new InputError(
      `--image-shape ${width}x${height}: expected rows of ${width * height} numbers, one for each point, got rows of ${depth}`,
    );
  }
  return { files: [], describe: () => ({ kind: 'rows', width, height }) };
}

/** Files that are looked at at a time. */
const AT_ONCE = 64;

async function readPaths(spec: string, rows: number): Promise<string[]> {
  const list = labelsPath(spec);
  const names = await readLabels(spec, rows);
  const paths = names.map((name) => resolve(dirname(list), name));
  for (let from = 0; from < rows; from += AT_ONCE) {
    const faults = await Promise.all(paths.slice(from, from + AT_ONCE).map(faultOf));
    const at = faults.findIndex((fault) => fault !== undefined);
    if (at >= 0) throw new InputError(`${list}: picture of row ${from + at}: ${faults[at]?.message}`);
  }
  return paths;
}

/** Why there is no picture at `path`. */
async function faultOf(path: string): Promise<Error | undefined> {
  if (imageTypeOf(path) === undefined) {
    return new InputError(`${path}: expected a picture, a name that ends in ${IMAGE_EXTENSIONS.join(', ')}`);
  }
  try {
    return (await stat(path)).isFile() ? undefined : new InputError(`${path}: not a regular file`);
  } catch (error) {
    return asInputError(error, path) as Error;
  }
}

/** Bytes that are read at a time. */
const BLOCK_BYTES = 2 ** 20;

/** A picture as it is now. */
export async function pictureContent(path: string): Promise<Content> {
  const { size } = await stat(path);
  return {
    type: imageTypeOf(path) as string,
    size,
    async *read() {
      const source = await openBytes(path);
      try {
        if (source.size !== size) throw new InputError(`${path} was changed while it was read`);
        for (let at = 0; at < size; at += BLOCK_BYTES) yield source.read(at, Math.min(BLOCK_BYTES, size - at));
      } finally {
        await source.close();
      }
    },
  };
}

/** Of all pictures in a report. */
const MOST_EMBEDDED_BYTES = 32 * 2 ** 20;

/** The pictures themselves as addresses. Throws InputError where they are too many for that. */
export async function picturesAsData(files: readonly string[]): Promise<string[]> {
  const urls: string[] = [];
  let bytes = 0;
  for (const path of files) {
    bytes += (await stat(path)).size;
    if (bytes > MOST_EMBEDDED_BYTES) {
      throw new InputError(
        `a report takes pictures of ${formatBytes(MOST_EMBEDDED_BYTES)} in all, these are more: ` +
          'one small picture with all of them (--images sprite.png) needs less, and without --export there is no limit',
      );
    }
    urls.push(`data:${imageTypeOf(path)};base64,${await readFile(path, 'base64')}`);
  }
  return urls;
}
