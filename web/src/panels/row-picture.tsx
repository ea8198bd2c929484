// The picture of a row, if there is one.

import { useEffect, useRef, useState } from 'preact/hooks';
import { facts, nameOf, shown } from '../state/answers.js';
import { session } from '../state/session.js';
import { guarded, tell } from '../state/working.js';

/** `size`: as high as a line of text, next to a name, or in its own size. */
export function RowPicture({ row, size = 'small' }: { row: number; size?: 'small' | 'large' | 'full' }) {
  const images = shown.value?.images;
  if (!images) return null;
  const look = `picture ${size}`;
  if (images.kind === 'rows') return <DrawnRow row={row} width={images.width} height={images.height} look={look} />;
  if (images.kind === 'files')
    return <img class={look} src={images.urls[row]} alt="" loading="lazy" title={nameOf(row)} onError={tellOfPictures} />;
  return <SpritePart row={row} url={images.url} size={images.size} look={look} />;
}

let told = false;

/** Once, not for each of them. */
function tellOfPictures(): void {
  if (told) return;
  told = true;
  tell('a picture could not be read; is the command still running?');
}

/** A row whose elements are grey values: the lowest value of all rows is black, the highest white. */
function DrawnRow({ row, width, height, look }: { row: number; width: number; height: number; look: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const known = facts.value;
  useEffect(() => {
    if (!known) return undefined;
    let current = true;
    void guarded(async () => {
      const [elements] = await session.elementsOf([row]);
      const context = canvas.current?.getContext('2d');
      if (!current || !context || !elements) return;
      const [lowest, highest] = known.range;
      const pixels = new ImageData(width, height);
      for (let at = 0; at < width * height; at++) {
        const grey = (255 * ((elements[at] ?? lowest) - lowest)) / (highest - lowest || 1);
        pixels.data.set([grey, grey, grey, 255], 4 * at);
      }
      context.putImageData(pixels, 0, 0);
    });
    return () => {
      current = false;
    };
  }, [row, width, height, known]);
  return <canvas class={look} ref={canvas} width={width} height={height} aria-hidden="true" />;
}

/** Its part of a picture that contains those of all rows, row by row. */
function SpritePart({
  row,
  url,
  size,
  look,
}: {
  row: number;
  url: string;
  size: readonly [number, number] | null;
  look: string;
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const sprite = useSprite(url, size);
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!sprite || !context) return;
    const { image, across, width, height } = sprite;
    context.canvas.width = width;
    context.canvas.height = height;
    context.drawImage(image, (row % across) * width, Math.floor(row / across) * height, width, height, 0, 0, width, height);
  }, [sprite, row]);
  return <canvas class={look} ref={canvas} width={1} height={1} aria-hidden="true" />;
}

/** A picture of all rows, and how their pictures are arranged in it. */
interface Sprite {
  readonly image: HTMLImageElement;
  readonly across: number;
  readonly width: number;
  readonly height: number;
}

async function readSprite(url: string, size: readonly [number, number] | null, rows: number): Promise<Sprite> {
  const image = new Image();
  image.src = url;
  await image.decode();
  const { naturalWidth, naturalHeight } = image;
  const there = `the picture of all rows is ${naturalWidth} x ${naturalHeight} pixels`;
  if (size) {
    const [across, down] = [Math.floor(naturalWidth / size[0]), Math.floor(naturalHeight / size[1])];
    if (across * down < rows) {
      tell(
        `${there}: expected one of ${size.join(' x ')} for each of ${rows} rows, got room for ${across * down}; give their size with --image-shape`,
      );
    }
    return { image, across: Math.max(1, across), width: size[0], height: size[1] };
  }
  const across = Math.ceil(Math.sqrt(rows));
  const [width, height] = [naturalWidth / across, naturalHeight / Math.ceil(rows / across)];
  if (!Number.isInteger(width) || !Number.isInteger(height)) {
    tell(`${there}: expected ${across} pictures across for ${rows} rows; give their size with --image-shape`);
  }
  return { image, across, width, height };
}

const sprites = new Map<string, Promise<Sprite>>();

/** The sprite after it has been read; checked once. */
function useSprite(url: string, size: readonly [number, number] | null): Sprite | undefined {
  const [sprite, setSprite] = useState<Sprite>();
  useEffect(() => {
    let reading = sprites.get(url);
    if (!reading) {
      reading = readSprite(url, size, shown.peek()?.rows ?? 1);
      sprites.set(url, reading);
    }
    reading.then(setSprite, tellOfPictures);
  }, [url, size]);
  return sprite;
}
