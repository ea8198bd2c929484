// The tiles of the displayed matrix: those of the pyramid's pass, which are all kept, and finer ones, which are requested when they are
// viewed and dropped later.

import { signal } from '@preact/signals';
import type { Remote } from 'comlink';
import { keyOf, levelWithin, type PyramidShape, shapeOf, type Tile, type TilePlace } from '../compute/pyramid.js';
import type { Session } from '../compute/session.js';
import { guarded } from './working.js';

/** Number of finer tiles that are kept: 48 MiB, enough for several screens. */
const MAX_FINE = 192;
/** Maximum number of active requests. After a move, other tiles are requested soon. */
const UNDER_WAY = 2;

export class TileStore {
  /** Counts changes, for views that draw the tiles. */
  readonly version = signal(0);
  shape: PyramidShape = shapeOf(0);
  private kept = new Map<string, Tile>();
  private fine = new Map<string, Tile>();
  private wanted: TilePlace[] = [];
  private readonly underWay = new Set<string>();
  private session: Remote<Session> | undefined;
  /** Counts matrices, because an answer about an earlier one is useless. */
  private matrix = 0;

  /** Drops all tiles; returns a function that adds those of the new matrix. `base` is the finest level that is kept. */
  begin(
    rows: number,
    others: number | null,
    session: Remote<Session>,
    base = shapeOf(rows, others).base,
  ): (tiles: readonly Tile[]) => void {
    const matrix = ++this.matrix;
    this.session = session;
    this.shape = { ...shapeOf(rows, others), base };
    this.kept = new Map();
    this.fine = new Map();
    this.wanted = [];
    this.underWay.clear();
    // The caller does not wait for the result.
    this.version.value = this.version.peek() + 1;
    return (tiles) => {
      if (matrix !== this.matrix) return;
      for (const tile of tiles) this.kept.set(keyOf(tile), tile);
      this.version.value++;
    };
  }

  /** Returns the tiles that show the whole with at most this many cells along a side, and their finest level. */
  coarse(cells: number): { readonly base: number; readonly tiles: readonly Tile[] } {
    const base = levelWithin(this.shape, cells);
    return { base, tiles: [...this.kept.values()].filter(({ level }) => level >= base) };
  }

  get(place: TilePlace): Tile | undefined {
    const key = keyOf(place);
    const tile = this.kept.get(key) ?? this.fine.get(key);
    if (tile && place.level < this.shape.base) {
      // The map is ordered by use; the tile used last is the last entry.
      this.fine.delete(key);
      this.fine.set(key, tile);
    }
    return tile;
  }

  /** Requests finer tiles in place of those requested before, those nearest to the middle first. */
  want(places: readonly TilePlace[]): void {
    this.wanted = places.filter((place) => place.level < this.shape.base);
    this.askNext();
  }

  private askNext(): void {
    while (this.underWay.size < UNDER_WAY) {
      const place = this.wanted.shift();
      if (!place) return;
      if (!this.underWay.has(keyOf(place)) && !this.fine.has(keyOf(place))) void this.ask(place);
    }
  }

  private async ask(place: TilePlace): Promise<void> {
    const { matrix } = this;
    this.underWay.add(keyOf(place));
    let tile: Tile | undefined;
    await guarded(async () => {
      tile = await this.session?.drawTile(place);
    });
    if (matrix !== this.matrix) return;
    this.underWay.delete(keyOf(place));
    if (!tile) return;
    this.fine.set(keyOf(tile), tile);
    for (const key of this.fine.keys()) {
      if (this.fine.size <= MAX_FINE) break;
      this.fine.delete(key);
    }
    this.version.value++;
    this.askNext();
  }
}

export const tiles: TileStore = new TileStore();
