// The pictures of rows. They are found and checked to be pictures before anything is shown, and again before one is sent, because a file
// may have changed meanwhile.

import { readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { ByteSource } from '../../io/bytes/byte-source.js';
import { openBytes } from '../../io/bytes/file-bytes.js';
import { asInputError, InputError, UsageError } from '../exit-codes.js';
import { labelsPath, readLabelTable } from '../labels.js';
import { formatBytes } from '../output.js';
import { type Content, IMAGE_EXTENSIONS, imageTypeOf } from './content.js';
import type { RowImages } from './page-data.js';
import { pictureTypeOf, TYPE_BYTES } from './picture-type.js';
import { checkSprite, SIZE_BYTES, type Size, sizeOfPicture } from './sprite.js';

/** Pictures in files, by number: `files` of them, each of which exists and is a picture. */
export interface Pictures {
  readonly files: readonly string[];
  /** Returns what the page is told; `urlOf` gives the address of a file by number. */
  describe(urlOf: (file: number) => string): RowImages;
}

export interface PictureOptions {
  /** One picture that contains all of them, or FILE or FILE:COLUMN with a path for each row. */
  readonly images?: string | undefined;
  readonly imageShape?: Size | undefined;
}

/** Returns the pictures of `rows` rows of length `depth`; undefined if there are none. Throws InputError for the first invalid one. */
export async function findPictures(
  { images, imageShape }: PictureOptions,
  rows: number,
  depth: number,
): Promise<Pictures | undefined> {
  if (images === undefined) return imageShape && picturesOfRows(imageShape, depth);
  if (imageTypeOf(images) !== undefined) {
    await checkSpriteFile(images, imageShape, rows);
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

async function checkSpriteFile(path: string, part: Size | undefined, rows: number): Promise<void> {
  try {
    const { source, type } = await openPicture(path);
    const start = await source.read(0, Math.min(SIZE_BYTES, source.size)).finally(source.close);
    const size = await sizeOfPicture(start, type);
    if (size) checkSprite(path, size, part, rows);
  } catch (error) {
    throw asInputError(error, path);
  }
}

/** Number of files that are checked at a time. */
const AT_ONCE = 64;

async function readPaths(spec: string, rows: number): Promise<string[]> {
  const list = labelsPath(spec);
  const { column } = await readLabelTable(spec, rows);
  const paths = column.values.map((name) => resolve(dirname(list), name));
  for (let from = 0; from < rows; from += AT_ONCE) {
    const faults = await Promise.all(paths.slice(from, from + AT_ONCE).map(faultOf));
    const at = faults.findIndex((fault) => fault !== undefined);
    if (at >= 0) throw new InputError(`${list}: picture of row ${from + at}: ${faults[at]?.message}`);
  }
  return paths;
}

/** Returns why there is no picture at `path`. */
async function faultOf(path: string): Promise<Error | undefined> {
  if (imageTypeOf(path) === undefined) {
    return new InputError(`${path}: expected a picture, a name that ends in ${IMAGE_EXTENSIONS.join(', ')}`);
  }
  try {
    const { source } = await openPicture(path);
    await source.close();
    return undefined;
  } catch (error) {
    return asInputError(error, path) as Error;
  }
}

interface OpenPicture {
  readonly source: ByteSource;
  /** The media type according to the bytes: a PNG that is called .jpg is shown as a PNG. */
  readonly type: string;
}

/** Opens a picture. Throws InputError if the file is not a picture. The caller closes it. */
async function openPicture(path: string): Promise<OpenPicture> {
  // Opening a pipe would wait for a writer.
  const status = await stat(path);
  if (!status.isFile()) {
    throw new InputError(`${path}: ${status.isDirectory() ? 'that is a folder' : 'not a regular file'}; expected a picture`);
  }
  const source = await openBytes(path);
  try {
    return { source, type: typeOf(path, await source.read(0, Math.min(TYPE_BYTES, source.size))) };
  } catch (error) {
    await source.close();
    throw error;
  }
}

function typeOf(path: string, start: Uint8Array): string {
  const type = pictureTypeOf(start);
  if (type !== undefined) return type;
  const what = start.length === 0 ? 'the file is empty' : 'it begins as none of these does';
  throw new InputError(`${path}: expected a picture (PNG, JPEG, GIF, WebP or AVIF), but ${what}`);
}

/** Number of bytes read at a time. */
const BLOCK_BYTES = 2 ** 20;

/** Returns the current content of a picture. Throws InputError if it is no longer a picture. */
export async function pictureContent(path: string): Promise<Content> {
  const { source: now, type } = await openPicture(path);
  await now.close();
  const { size } = now;
  return {
    type,
    size,
    async *read() {
      const picture = await openPicture(path);
      const { source } = picture;
      try {
        if (source.size !== size || picture.type !== type)
          throw new InputError(`${path} changed while it was being read; reload the page`);
        for (let at = 0; at < size; at += BLOCK_BYTES) yield source.read(at, Math.min(BLOCK_BYTES, size - at));
      } finally {
        await source.close();
      }
    },
  };
}

/** Limit for all pictures in a report. */
const MAX_EMBEDDED_BYTES = 32 * 2 ** 20;

/** Returns the pictures as data addresses. Throws InputError if they are too large. */
export async function picturesAsData(files: readonly string[]): Promise<string[]> {
  const urls: string[] = [];
  let bytes = 0;
  for (const path of files) {
    bytes += (await stat(path)).size;
    if (bytes > MAX_EMBEDDED_BYTES) {
      throw new InputError(
        `a report takes pictures of ${formatBytes(MAX_EMBEDDED_BYTES)} in all, these are more: ` +
          'one small picture with all of them (--images sprite.png) needs less, and without --export there is no limit',
      );
    }
    const picture = await readFile(path);
    urls.push(`data:${typeOf(path, picture)};base64,${picture.toString('base64')}`);
  }
  return urls;
}
