// The picture that a row is of, where there is one.

import { useEffect, useRef, useState } from 'preact/hooks';
import { facts, nameOf, problem, shown } from '../state/answers.js';
import { session } from '../state/session.js';
import { guarded } from '../state/working.js';

export function RowPicture({ row, large = false }: { row: number; large?: boolean }) {
  const images = shown.value?.images;
  if (!images) return null;
  const look = large ? 'picture large' : 'picture';
  if (images.kind === 'rows') return <DrawnRow row={row} width={images.width} height={images.height} look={look} />;
  if (images.kind === 'files') return <img class={look} src={images.urls[row]} alt="" loading="lazy" title={nameOf(row)} />;
  return <SpritePart row={row} url={images.url} size={images.size} look={look} />;
}

/** A row whose elements are grey values: the lowest of all rows black, the highest white. */
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

/** Its part of a picture that has all, row after row. */
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
  const sprite = useSprite(url);
  const rows = shown.value?.rows ?? 1;
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!sprite || !context) return;
    const { across, width, height } = partsOf(sprite, size, rows);
    context.canvas.width = width;
    context.canvas.height = height;
    context.drawImage(sprite, (row % across) * width, Math.floor(row / across) * height, width, height, 0, 0, width, height);
  }, [sprite, row, rows, size]);
  return <canvas class={look} ref={canvas} width={1} height={1} aria-hidden="true" />;
}

/** How pictures lie in a sprite. Says so on the page where they cannot lie so. */
function partsOf({ naturalWidth, naturalHeight }: HTMLImageElement, size: readonly [number, number] | null, rows: number) {
  const there = `the picture of all rows is ${naturalWidth} x ${naturalHeight} points`;
  if (size) {
    const [across, down] = [Math.floor(naturalWidth / size[0]), Math.floor(naturalHeight / size[1])];
    if (across * down < rows) {
      problem.value = `${there}: expected one of ${size.join(' x ')} for each of ${rows} rows, got room for ${across * down}; --image-shape tells their size`;
    }
    return { across: Math.max(1, across), width: size[0], height: size[1] };
  }
  const across = Math.ceil(Math.sqrt(rows));
  const [width, height] = [naturalWidth / across, naturalHeight / Math.ceil(rows / across)];
  if (!Number.isInteger(width) || !Number.isInteger(height)) {
    problem.value = `${there}: expected ${across} pictures across for ${rows} rows; tell their size by --image-shape`;
  }
  return { across, width, height };
}

const sprites = new Map<string, Promise<HTMLImageElement>>();

/** The picture, once it has been read. */
function useSprite(url: string): HTMLImageElement | undefined {
  const [sprite, setSprite] = useState<HTMLImageElement>();
  useEffect(() => {
    let loading = sprites.get(url);
    if (!loading) {
      const image = new Image();
      image.src = url;
      loading = image.decode().then(() => image);
      sprites.set(url, loading);
    }
    loading.then(setSprite, () => undefined);
  }, [url]);
  return sprite;
}
