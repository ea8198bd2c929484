// The tiles of the matrix that is shown: those of the pyramid's pass, all kept, and finer ones, asked for when they are looked
// at and forgotten again.

import { signal } from '@preact/signals';
import type { Remote } from 'comlink';
import { cellsAt, keyOf, type PyramidShape, shapeOf, type Tile, type TilePlace } from '../compute/pyramid.js';
import type { Session } from '../compute/session.js';
import { guarded } from './working.js';

/** Finer tiles that are kept: 48 MiB, some screens full. */
const MAX_FINE = 192;
/** Of what is asked for, so much is under way at once: who moves on soon asks for something else. */
const UNDER_WAY = 2;

export class TileStore {
  /** Counts changes, for those who draw. */
  readonly version = signal(0);
  shape: PyramidShape = shapeOf(0);
  private kept = new Map<string, Tile>();
  private fine = new Map<string, Tile>();
  private wanted: TilePlace[] = [];
  private readonly underWay = new Set<string>();
  private session: Remote<Session> | undefined;
  /** Counts matrices: an answer about an earlier one is of no use. */
  private matrix = 0;

  /** Forgets all tiles; returns what takes those of the new matrix. `base`: the finest level that is kept. */
  begin(rows: number, session: Remote<Session>, base = shapeOf(rows).base): (tiles: readonly Tile[]) => void {
    const matrix = ++this.matrix;
    this.session = session;
    this.shape = { ...shapeOf(rows), base };
    this.kept = new Map();
    this.fine = new Map();
    this.wanted = [];
    this.underWay.clear();
    // Whoever begins does not follow what becomes of it.
    this.version.value = this.version.peek() + 1;
    return (tiles) => {
      if (matrix !== this.matrix) return;
      for (const tile of tiles) this.kept.set(keyOf(tile), tile);
      this.version.value++;
    };
  }

  /** The tiles that show the whole with at most so many cells along a side, and their finest level. */
  coarse(cells: number): { readonly base: number; readonly tiles: readonly Tile[] } {
    let { base } = this.shape;
    while (base < this.shape.top && cellsAt(this.shape.rows, base) > cells) base++;
    return { base, tiles: [...this.kept.values()].filter(({ level }) => level >= base) };
  }

  get(place: TilePlace): Tile | undefined {
    const key = keyOf(place);
    const tile = this.kept.get(key) ?? this.fine.get(key);
    if (tile && place.level < this.shape.base) {
      // The last used are the last in the map.
      this.fine.delete(key);
      this.fine.set(key, tile);
    }
    return tile;
  }

  /** Asks for finer tiles, instead of those asked for before. Nearest to the middle first. */
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
