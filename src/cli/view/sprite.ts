// One picture that contains those of all rows, row by row: checks that they are where the page looks for them.

import { InputError } from '../exit-codes.js';

export type Size = readonly [width: number, height: number];

/** Number of bytes that contain the size of a picture, after any metadata of cameras and programs. */
export const SIZE_BYTES = 2 ** 20;

/** Returns the size of a picture that begins with `bytes`; undefined if they do not show it. */
export async function sizeOfPicture(bytes: Uint8Array, type: string): Promise<Size | undefined> {
  // An AVIF of tiles also contains the sizes of its tiles.
  if (type === 'image/avif') return undefined;
  const { imageSize } = await import('image-size');
  try {
    const { width, height, orientation = 1 } = imageSize(bytes);
    // Orientations from 5 are shown rotated by 90 degrees.
    return orientation < 5 ? [width, height] : [height, width];
  } catch {
    return undefined;
  }
}

/** Throws InputError where there is no picture for each of `rows` rows in one of `size` at `path`; `part`: the size of each. */
export function checkSprite(path: string, [width, height]: Size, part: Size | undefined, rows: number): void {
  const there = `${path}: a picture of ${width}x${height} pixels`;
  if (part) {
    const room = roomIn([width, height], part);
    if (room >= rows) return;
    throw new InputError(
      `${there}: expected a picture of ${part.join('x')} for each of ${rows} rows, got room for ${room}; ` +
        `give their size with --image-shape; ${advice([width, height], rows)}`,
    );
  }
  const across = Math.ceil(Math.sqrt(rows));
  const down = Math.ceil(rows / across);
  if (width % across === 0 && height % down === 0) return;
  throw new InputError(
    `${there}: it cannot be divided into ${across} pictures across and ${down} down for ${rows} rows; ` +
      `give their size with --image-shape; ${advice([width, height], rows)}`,
  );
}

function advice(whole: Size, rows: number): string {
  let side = 0;
  // The largest takes up all of the width or of the height.
  for (let count = 1; count <= rows; count++) {
    for (const length of whole) {
      const fits = Math.floor(length / count);
      if (fits > side && roomIn(whole, [fits, fits]) >= rows) side = fits;
    }
  }
  return side > 0 ? `squares of up to ${side}x${side} fit` : 'it has fewer pixels than there are rows';
}

function roomIn([width, height]: Size, part: Size): number {
  return Math.floor(width / part[0]) * Math.floor(height / part[1]);
}
