// The points of the map: drawn, moved, zoomed and picked.

import { computed, effect, type Signal, signal, useSignal, useSignalEffect } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { formatCount } from '../format.js';
import { colourColumn, nameOf, neighbours, positions, selectedRow, shown, UMAP_WORK, works } from '../state/answers.js';
import { seenOfMap, selected } from '../state/choices.js';
import { selection, selectRows } from '../state/selection.js';
import { styleColour, theme } from '../state/theme.js';
import { followGestures, type Place, ZOOM_STEP } from './gestures.js';
import type { MapClass } from './map-colours.js';
import { MapPicture, type MapScene } from './map-picture.js';
import { fractionAt, type MapView, panMap, revealOnMap, WHOLE_MAP, zoomMap } from './map-view.js';
import { RowPicture } from './row-picture.js';
import { type Zoomable, ZoomButtons } from './zoom-buttons.js';

/** Pixels within which a click picks a point. */
const REACH = 20;

/** `singled`: the key of the class that is shown alone. */
export function MapChart({
  classes,
  singled,
  children,
}: {
  classes: readonly MapClass[];
  singled: string | null;
  children: ComponentChildren;
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const picture = useRef<MapPicture | null>(null);
  const pointed = useSignal<number | null>(null);
  const seenRows = useSignal<number | null>(null);
  const scene = useRef<Pick<MapScene, 'classes' | 'singled'>>({ classes, singled });
  scene.current = { classes, singled };
  const redraw = useRef(() => {});
  const rowAt = (px: number, py: number, reach: number) =>
    picture.current?.rowAt(px, py, { ...scene.current, view: view.peek() }, reach) ?? null;
  useEffect(() => {
    const element = canvas.current as HTMLCanvasElement;
    let frame = 0;
    const draw = () => {
      frame = 0;
      const near =
        selectedRow.peek() !== null && neighbours.peek()?.row === selectedRow.peek() ? neighbours.peek()?.indices : [];
      const drawn = picture.current?.draw({
        ...scene.current,
        view: view.peek(),
        selected: selectedRow.peek(),
        near: near ?? [],
        pointed: pointed.peek(),
        selection: selection.peek(),
        lasso: lasso.peek(),
        colours: {
          ink: styleColour('--ink'),
          faded: styleColour('--line'),
          paper: styleColour('--panel'),
          selection: styleColour('--selection'),
        },
      });
      seenRows.value = drawn ?? null;
    };
    // Once per frame, however much has changed.
    redraw.current = () => {
      frame ||= requestAnimationFrame(draw);
    };
    const observer = new ResizeObserver(() => redraw.current());
    observer.observe(element);
    const ends = [
      effect(() => {
        picture.current?.end();
        picture.current = positions.value && new MapPicture(element, positions.value.places, () => redraw.current());
        redraw.current();
      }),
      effect(() => {
        void [view.value, selectedRow.value, neighbours.value, pointed.value, theme.value, selection.value, lasso.value];
        redraw.current();
      }),
      followSelection(picture),
      followPointers(element, picture, pointed, rowAt, (line) =>
        selectRows(picture.current?.rowsInside(line, { ...scene.current, view: view.peek() }) ?? []),
      ),
      () => picture.current?.end(),
      () => observer.disconnect(),
      () => cancelAnimationFrame(frame),
    ];
    return () => {
      for (const end of ends) end();
    };
  }, []);
  useEffect(() => redraw.current(), [classes, singled]);
  // When the picture moves, another row may be under the pointer.
  useSignalEffect(() => {
    void [view.value, positions.value];
    pointed.value = null;
  });
  const rows = shown.value?.rows ?? 0;
  return (
    <div class={`chart scatter zoomable ${seenOfMap.value || zooms.isSelecting.value ? 'zoomed' : ''}`}>
      <div
        class="map-keys"
        role="application"
        tabIndex={0}
        aria-label={`Map of ${formatCount(rows)} rows by ${positions.value?.method === 'umap' ? 'UMAP' : 'their two principal components'}, coloured by ${colourColumn.value?.name ?? 'groups'}. Arrow keys move, plus and minus zoom, 0 shows the whole, Enter picks the row nearest to the middle.`}
        onKeyDown={(event) => pressed(event, canvas.current, rowAt)}
      >
        <canvas ref={canvas} aria-hidden="true" />
      </div>
      {positions.value ? (
        seenRows.value === 0 && rows > 0 && <p class="note">No rows in view.</p>
      ) : (
        <p class="quiet waiting">Drawing the map…</p>
      )}
      <MapNote />
      <Pointed row={pointed.value} picture={picture.current} />
      {children}
      <ZoomButtons of={zooms} what="the map" shape="lasso" />
    </div>
  );
}

/** The name and the picture of the row under the pointer, which a click picks. */
function Pointed({ row, picture }: { row: number | null; picture: MapPicture | null }) {
  if (row === null || !picture) return null;
  const { px, py } = picture.pixelOf(row, view.value);
  const { width, height } = picture.frame;
  // On the side with more space.
  const style = {
    ...(px < width / 2 ? { left: `${px + 10}px` } : { right: `${width - px + 10}px` }),
    ...(py < height / 2 ? { top: `${py + 10}px` } : { bottom: `${height - py + 10}px` }),
  };
  return (
    <div class="pointed-row" style={style} aria-hidden="true">
      <RowPicture row={row} />
      <span dir="auto">{nameOf(row)}</span>
    </div>
  );
}

/** Why this is not yet the requested map. */
function MapNote() {
  const now = works.value.find(({ what }) => what === UMAP_WORK);
  return now ? (
    <p class="note" aria-hidden="true">
      UMAP: {Math.floor(100 * now.done)} %
    </p>
  ) : null;
}

/** The visible part of the map, whatever the address says. */
const view = computed<MapView>(() => (seenOfMap.value ? zoomMap(seenOfMap.value, 1) : WHOLE_MAP));

function change(next: MapView): void {
  seenOfMap.value = next.zoom < 1.001 ? null : next;
}

/** The line that is being drawn around points. */
const lasso = signal<readonly Place[]>([]);

const zooms: Zoomable = {
  isSelecting: signal(false),
  zoomIn: () => change(zoomMap(view.peek(), ZOOM_STEP)),
  zoomOut: () => change(zoomMap(view.peek(), 1 / ZOOM_STEP)),
  showWhole: () => change(WHOLE_MAP),
};

/** The fraction of the picture by which an arrow key moves. */
const KEY_FRACTION = 0.1;

const KEYS: Record<string, () => void> = {
  ArrowLeft: () => change(panMap(view.peek(), KEY_FRACTION, 0)),
  ArrowRight: () => change(panMap(view.peek(), -KEY_FRACTION, 0)),
  ArrowUp: () => change(panMap(view.peek(), 0, KEY_FRACTION)),
  ArrowDown: () => change(panMap(view.peek(), 0, -KEY_FRACTION)),
  '+': zooms.zoomIn,
  '=': zooms.zoomIn,
  '-': zooms.zoomOut,
  '0': zooms.showWhole,
};

/** Returns the row nearest to a pixel, at most `reach` pixels away. */
type RowAt = (px: number, py: number, reach: number) => number | null;

function pressed(event: KeyboardEvent, canvas: HTMLCanvasElement | null, rowAt: RowAt): void {
  if (event.ctrlKey || event.metaKey || event.altKey || !canvas) return;
  const { clientWidth, clientHeight } = canvas;
  const act = event.key === 'Enter' ? () => pick(rowAt(clientWidth / 2, clientHeight / 2, Infinity)) : KEYS[event.key];
  if (!act) return;
  act();
  event.preventDefault();
}

function pick(row: number | null): void {
  if (row !== null) selected.value = row;
}

type Drawn = { readonly current: MapPicture | null };

function followPointers(
  canvas: HTMLCanvasElement,
  picture: Drawn,
  pointed: Signal<number | null>,
  rowAt: RowAt,
  select: (line: readonly Place[]) => void,
): () => void {
  return followGestures(canvas, {
    trace: {
      isWanted: (event) => event.shiftKey || zooms.isSelecting.peek(),
      moved: (line) => {
        lasso.value = [...line];
      },
      ended: select,
    },
    pan: (dx, dy) => {
      const side = picture.current?.frame.side ?? 1;
      change(panMap(view.peek(), dx / side, dy / side));
    },
    zoom: (factor, px, py) => {
      if (!picture.current) return;
      const { across, down } = fractionAt(picture.current.frame, px, py);
      change(zoomMap(view.peek(), factor, across, down));
    },
    isWhole: () => seenOfMap.peek() === null,
    click: (px, py) => pick(rowAt(px, py, REACH)),
    hover: (px, py) => {
      pointed.value = rowAt(px, py, REACH);
    },
    leave: () => {
      pointed.value = null;
    },
  });
}

/** Moves to a row that is picked elsewhere, if it is not visible. */
function followSelection(picture: Drawn): () => void {
  return effect(() => {
    const row = selectedRow.value;
    if (row === null || !picture.current) return;
    const now = view.peek();
    const { x, y } = picture.current.placeOf(row);
    const next = revealOnMap(now, picture.current.frame, x, y);
    if (next !== now) change(next);
  });
}
