// Pairs by threshold: the GPU lists those that may reach it, in any order; they are put in order and settled here. A slice with more than
// come back is computed again, in smaller ones; of a tile that has too many pairs for the list, all scores come back.

import { PairsEpilogue } from '../../epilogues/pairs.js';
import type { Hits, TileComputer } from '../tiled/tile-backend.js';
import type { Delivery, PairsOrder, Tile, TileGrid } from '../work.js';
import { listParams, lowestProduct } from './filter.js';
import { PAIR_BYTES, SLOT_HEADER } from './layout.js';
import type { JobMemory } from './memory.js';
import type { Recorder } from './recorder.js';
import { lowestScore, scoreError } from './settle.js';
import { FLAGS, SCAN_COLS, SCAN_ROWS } from './shaders.js';
import { computerOf, strideOf, type TileFinish } from './tile-finish.js';
import type { WholeTiles } from './whole-tiles.js';

/** Pairs that come back of a slice at least; and how many times as many as the last ones had. */
const FEWEST_PAIRS = 2 ** 14;
const MARGIN = 4;
const MOST_TILES = 256;

export class PairsFinish implements TileFinish {
  readonly again: Tile[] = [];
  private readonly tooMany = new Set<Tile>();
  private readonly computer: TileComputer;
  private readonly epilogue: PairsEpilogue;
  private readonly flags: number;
  /** The bits of the lowest score that is listed. */
  private readonly lowest: number;
  private hits: Hits = { count: 0, rows: new Uint32Array(), cols: new Uint32Array(), scores: new Float32Array() };
  private tilesAtOnce = MOST_TILES;
  /** How many pairs come back of a slice: of the next one, and of those under way. */
  private expected: number;
  private readonly expectedOf = new WeakMap<readonly Tile[], number>();

  constructor(
    private readonly memory: JobMemory,
    private readonly grid: TileGrid,
    private readonly order: PairsOrder,
    private readonly whole: WholeTiles,
  ) {
    this.computer = {
      ...computerOf(memory),
      findPairs: () => this.hits,
      computeTile: () => {
        throw new Error('the pairs of a tile have been found');
      },
    };
    this.epilogue = new PairsEpilogue(order, this.computer);
    this.flags = memory.shape.grouping ? FLAGS[memory.shape.grouping] : 0;
    const lowest = Float32Array.of(lowestScore(order.threshold, memory.shape.depth));
    this.lowest = new Uint32Array(lowest.buffer)[0] as number;
    this.expected = Math.min(FEWEST_PAIRS, memory.mostPairs);
  }

  lowestOf(tile: Tile): number | undefined {
    const { sketching } = this.memory;
    return sketching && !this.tooMany.has(tile) ? lowestProduct(this.order.threshold, sketching) : undefined;
  }

  panelsOf(bytes: ArrayBuffer, tiles: readonly Tile[]): number | undefined {
    return this.isWhole(tiles) ? undefined : new Uint32Array(bytes)[1];
  }

  beginSlice(recorder: Recorder): void {
    recorder.clear(this.memory.total, SLOT_HEADER);
  }

  fits(tiles: readonly Tile[], next: Tile): boolean {
    if (tiles.length === 0) return true;
    return !this.isWhole(tiles) && !this.tooMany.has(next) && tiles.length < this.tilesAtOnce;
  }

  record(recorder: Recorder, tile: Tile, before: readonly Tile[], slot: GPUBuffer): void {
    if (this.tooMany.has(tile)) {
      this.whole.record(recorder, tile, before, slot);
      return;
    }
    const { memory } = this;
    const { x, [tile.colOperand]: y } = memory;
    const [rows, cols] = [tile.rowEnd - tile.rowStart, tile.colEnd - tile.colStart];
    const listed = this.lowestOf(tile) === undefined ? {} : listParams(memory);
    const params = {
      ...listed,
      rows,
      cols,
      stride: strideOf(tile),
      rowStart: tile.rowStart,
      colStart: tile.colStart,
      flags: this.flags | (tile.diagonal ? FLAGS.diagonal : 0) | ('d' in listed ? FLAGS.listed : 0),
      a: before.length,
      b: memory.mostPairs,
      c: this.lowest,
    };
    recorder.dispatch(memory.bindFind(x, y), params, Math.ceil(cols / SCAN_COLS), Math.ceil(rows / SCAN_ROWS));
  }

  endSlice(recorder: Recorder, tiles: readonly Tile[], slot: GPUBuffer): void {
    if (this.isWhole(tiles)) return;
    const expected = tiles.length === 0 ? 0 : this.expected;
    this.expectedOf.set(tiles, expected);
    recorder.copy(this.memory.total, 0, slot, 0, SLOT_HEADER);
    recorder.copy(this.memory.finds, 0, slot, SLOT_HEADER, PAIR_BYTES * expected);
  }

  bytesOf(tiles: readonly Tile[]): number {
    return this.isWhole(tiles) ? this.whole.bytesOf(tiles) : SLOT_HEADER + PAIR_BYTES * (this.expectedOf.get(tiles) ?? 0);
  }

  *take(bytes: ArrayBuffer, tiles: readonly Tile[]): Generator<Delivery> {
    if (tiles.length === 0) return;
    if (this.isWhole(tiles)) return yield* this.whole.take(bytes, tiles);
    const words = new Uint32Array(bytes);
    const count = words[0] as number;
    if (!this.holds(count, tiles)) return;
    for (const [at, hits] of hitsByTile(words, count, tiles, this.memory.layout.tileRows).entries()) {
      if (hits.count === 0) continue;
      const tile = tiles[at] as Tile;
      this.hits = this.settled(tile, hits);
      const delivery = this.epilogue.take(this.grid.pass, tile);
      if (delivery) yield delivery;
    }
  }

  /** Whether all pairs of a slice came back; else its tiles are computed again. Learns from it what to expect of the next. */
  private holds(count: number, tiles: readonly Tile[]): boolean {
    const { mostPairs } = this.memory;
    const isComplete = count <= (this.expectedOf.get(tiles) as number);
    this.expected = Math.max(this.expected, Math.min(mostPairs, MARGIN * count));
    if (count > mostPairs / MARGIN) this.tilesAtOnce = Math.max(1, Math.floor(Math.min(tiles.length, this.tilesAtOnce) / 2));
    else if (this.tilesAtOnce < MOST_TILES) this.tilesAtOnce++;
    if (isComplete) return true;
    if (tiles.length === 1 && count > mostPairs) this.tooMany.add(tiles[0] as Tile);
    this.again.push(...tiles);
    return false;
  }

  private isWhole([first]: readonly Tile[]): boolean {
    return first !== undefined && this.tooMany.has(first);
  }

  /** Those whose true cosine is what the order asks for. */
  private settled(tile: Tile, { count, rows, cols, scores }: Hits): Hits {
    const { computer, order } = this;
    const { threshold, below } = order;
    const sure = threshold + 2 * scoreError(this.memory.shape.depth);
    const isSimple = !computer.thresholdOf && below > 1;
    let kept = 0;
    for (let at = 0; at < count; at++) {
      const [row, col, score] = [rows[at] as number, cols[at] as number, scores[at] as number];
      if (!(isSimple && score >= sure)) {
        const lowest = computer.thresholdOf ? computer.thresholdOf(tile, row, col) : threshold;
        if (!computer.reaches(tile, row, col, score, lowest)) continue;
        if (below <= 1 && computer.reaches(tile, row, col, score, below)) continue;
      }
      rows[kept] = row;
      cols[kept] = col;
      scores[kept++] = score;
    }
    return { count: kept, rows, cols, scores };
  }
}

/** The listed pairs of each tile, by row and column: sorted by counting, first by column, then by row, then by tile. */
function hitsByTile(words: Uint32Array, count: number, tiles: readonly Tile[], tileRows: number): Hits[] {
  const first = SLOT_HEADER / 4;
  const step = PAIR_BYTES / 4;
  let order = Uint32Array.from({ length: count }, (_, at) => first + at * step);
  const sortBy = (keyOf: (at: number) => number, keys: number) => {
    const next = new Uint32Array(keys + 1);
    for (const at of order) next[keyOf(at) + 1] = (next[keyOf(at) + 1] as number) + 1;
    for (let key = 1; key <= keys; key++) next[key] = (next[key] as number) + (next[key - 1] as number);
    const sorted = new Uint32Array(count);
    for (const at of order) {
      const to = next[keyOf(at)] as number;
      next[keyOf(at)] = to + 1;
      sorted[to] = at;
    }
    order = sorted;
    return next;
  };
  sortBy((at) => (words[at] as number) & 0xffff, tileRows);
  sortBy((at) => (words[at] as number) >>> 16, tileRows);
  const ends = sortBy((at) => words[at + 1] as number, tiles.length);
  const scores = new Float32Array(words.buffer, words.byteOffset, words.length);
  let from = 0;
  return tiles.map((_, tile) => {
    const places = order.subarray(from, ends[tile]);
    from = ends[tile] as number;
    return {
      count: places.length,
      rows: Uint32Array.from(places, (at) => (words[at] as number) >>> 16),
      cols: Uint32Array.from(places, (at) => (words[at] as number) & 0xffff),
      scores: Float32Array.from(places, (at) => scores[at + 2] as number),
    };
  });
}
