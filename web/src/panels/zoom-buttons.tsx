export interface Zoomable {
  zoomIn(): void;
  zoomOut(): void;
  showWhole(): void;
}

/** Over the corner of a picture, for users without a wheel. `what` names it: "the map". */
export function ZoomButtons({ of: picture, what }: { of: Zoomable; what: string }) {
  return (
    <div class="zoom-buttons">
      <button type="button" aria-label={`Zoom in ${what}`} title="Zoom in" onClick={picture.zoomIn}>
        +
      </button>
      <button type="button" aria-label={`Zoom out ${what}`} title="Zoom out" onClick={picture.zoomOut}>
        −
      </button>
      <button type="button" aria-label={`Show the whole of ${what}`} title="Show the whole" onClick={picture.showWhole}>
        ⤢
      </button>
    </div>
  );
}
