// Pointer gestures on a picture: dragging moves it; the wheel, two fingers or a double click zoom; a click picks.

export interface Gestures {
  /** The picture was dragged by this many pixels. */
  pan(dx: number, dy: number): void;
  /** The picture was enlarged by `factor`, with the same content at the pixel. */
  zoom(factor: number, px: number, py: number): void;
  /** Whether the whole picture is visible, so that it cannot become smaller. */
  isWhole(): boolean;
  /** The pointer was pressed and released at the same position. */
  click(px: number, py: number): void;
  /** Draws a line instead of moving the picture. */
  readonly trace?: Trace;
  /** The pointer is at this position. */
  hover?(px: number, py: number): void;
  /** The mouse has left. */
  leave?(): void;
}

export interface Trace {
  /** Whether a press begins a line. */
  isWanted(event: PointerEvent): boolean;
  /** The line so far; empty when it is cancelled or has ended. */
  moved(line: readonly Place[]): void;
  ended(line: readonly Place[]): void;
}

/** The zoom factor of a button or a key. */
export const ZOOM_STEP = 1.6;

/** Pixels by which a pointer may move during a click. */
const CLICK_SLACK = 4;

/** In pixels from the corner. */
export interface Place {
  readonly x: number;
  readonly y: number;
}

/** Listens to the pointers on an element; returns a function that stops this. Pixels are relative to the element's corner. */
export function followGestures(element: HTMLElement, gestures: Gestures): () => void {
  const down = new Map<number, Place>();
  let moved = 0;
  let line: Place[] | null = null;
  const at = (event: MouseEvent): Place => {
    const { left, top } = element.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  };
  const end = new AbortController();
  const on = <K extends keyof HTMLElementEventMap>(name: K, handle: (event: HTMLElementEventMap[K]) => void, options = {}) =>
    element.addEventListener(name, handle, { signal: end.signal, ...options });
  on('pointerdown', (event) => {
    if (event.button !== 0) return;
    // A tap does not move a pointer.
    const { x, y } = at(event);
    gestures.hover?.(x, y);
    element.setPointerCapture(event.pointerId);
    down.set(event.pointerId, at(event));
    if (down.size === 1) moved = 0;
    if (line) giveUp();
    else if (down.size === 1 && gestures.trace?.isWanted(event)) line = [{ x, y }];
  });
  on('pointermove', (event) => {
    const to = at(event);
    const from = down.get(event.pointerId);
    if (from) {
      moved += Math.hypot(to.x - from.x, to.y - from.y);
      if (line && moved > CLICK_SLACK) {
        line.push(to);
        gestures.trace?.moved(line);
      } else if (line) return;
      else if (down.size === 2) pinch(event.pointerId, from, to);
      else if (moved > CLICK_SLACK) gestures.pan(to.x - from.x, to.y - from.y);
      down.set(event.pointerId, to);
    }
    gestures.hover?.(to.x, to.y);
  });
  const giveUp = () => {
    line = null;
    gestures.trace?.moved([]);
  };
  const pinch = (pointer: number, from: Place, to: Place) => {
    const [, other] = [...down].find(([id]) => id !== pointer) as [number, Place];
    const before = Math.hypot(from.x - other.x, from.y - other.y);
    const after = Math.hypot(to.x - other.x, to.y - other.y);
    gestures.zoom(before > 0 ? after / before : 1, (to.x + other.x) / 2, (to.y + other.y) / 2);
    gestures.pan((to.x - from.x) / 2, (to.y - from.y) / 2);
  };
  on('pointerup', (event) => {
    const clicked = down.has(event.pointerId) && down.size === 1 && moved <= CLICK_SLACK;
    down.delete(event.pointerId);
    const { x, y } = at(event);
    const drawn = line;
    giveUp();
    if (clicked) gestures.click(x, y);
    else if (drawn) gestures.trace?.ended(drawn);
  });
  on('pointercancel', (event) => {
    down.delete(event.pointerId);
    giveUp();
  });
  on('pointerleave', (event) => {
    if (event.pointerType === 'mouse' && down.size === 0) gestures.leave?.();
  });
  on(
    'wheel',
    (event) => {
      // Without Ctrl or focus, the wheel scrolls the page. A pinch on a touchpad arrives as a wheel event with Ctrl.
      if (!event.ctrlKey && !event.metaKey && !element.closest('[tabindex]')?.matches(':focus-within')) return;
      const { x, y } = at(event);
      const pixels = event.deltaY * (event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 24 : 1);
      const before = gestures.isWhole();
      gestures.zoom(Math.exp(-pixels / 300), x, y);
      // If the picture cannot become smaller, the wheel scrolls the page; with Ctrl it would zoom the page.
      if (event.ctrlKey || !before || !gestures.isWhole()) event.preventDefault();
    },
    { passive: false },
  );
  on('dblclick', (event) => {
    const { x, y } = at(event);
    gestures.zoom(ZOOM_STEP ** 2, x, y);
  });
  return () => end.abort();
}
