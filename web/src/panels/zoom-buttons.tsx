import type { Signal } from '@preact/signals';

export interface Zoomable {
  zoomIn(): void;
  zoomOut(): void;
  showWhole(): void;
  /** Whether a drag selects rows instead of moving the picture. */
  readonly isSelecting: Signal<boolean>;
}

/**
 * Buttons over the corner of a picture, for users without a wheel or Shift. `what` names it ("the map"); `shape` is how rows are selected.
 */
export function ZoomButtons({ of: picture, what, shape }: { of: Zoomable; what: string; shape: 'box' | 'lasso' }) {
  return (
    <div class={`zoom-buttons ${shape === 'box' ? 'in-corner' : ''}`}>
      <button type="button" aria-label={`Zoom in ${what}`} title="Zoom in" onClick={picture.zoomIn}>
        +
      </button>
      <button type="button" aria-label={`Zoom out ${what}`} title="Zoom out" onClick={picture.zoomOut}>
        −
      </button>
      <button type="button" aria-label={`Show the whole of ${what}`} title="Show the whole" onClick={picture.showWhole}>
        ⤢
      </button>
      <button
        type="button"
        aria-label={`Drag to select rows in ${what}`}
        title={`Drag a ${shape} to select rows (or hold Shift)`}
        aria-pressed={picture.isSelecting.value}
        onClick={() => {
          picture.isSelecting.value = !picture.isSelecting.value;
        }}
      >
        <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
          {shape === 'box' ? <rect x="2" y="3" width="12" height="10" /> : <ellipse cx="8" cy="8" rx="6.5" ry="5" />}
        </svg>
      </button>
    </div>
  );
}
