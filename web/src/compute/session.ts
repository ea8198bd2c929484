// Computes every answer that the page needs from the library, on a separate thread. Scores are float32.

import {
  ArgumentError,
  type BackendName,
  cosineSimilarity,
  cosineSimilaritySync,
  fitTransform,
  type Group,
  groups,
  type Health,
  health,
  histogram,
  type Matrix,
  type PairsOptions,
  type Rows,
  runtimeInfo,
  type Histogram as ScoreHistogram,
  streamMatrix,
  streamPairs,
  topK,
  UnsupportedError,
} from 'allpairs';
import { transfer } from 'comlink';
import { bestOf } from './best-of.js';
import { breather, type OnProgress } from './breather.js';
import { type Clustering, clusterOrder, PairScores } from './cluster-order.js';
import { type GroupDetails, typicalOf } from './group-details.js';
import { HighestPairs } from './highest-pairs.js';
import { type Neighbours, UMAP_NEIGHBOURS } from './map-neighbours.js';
import { type ModelOverlaps, NEAREST_COMPARED, overlapsOf } from './neighbour-overlap.js';
import { npyOf } from './npy-bytes.js';
import { equalRowsOf, type OddRow, zeroRowsOf } from './oddities.js';
import { type Axes, type Positions, principalPositions } from './principal-positions.js';
import {
  PyramidBuilder,
  type PyramidShape,
  reduceScores,
  sampleOf,
  samplingAt,
  shapeOf,
  TILE,
  type Tile,
  type TilePlace,
} from './pyramid.js';
import { SAMPLED_ROWS, type ScoreRange, rangeOf as scoreRangeOf, typicalRange } from './score-range.js';
import { JoiningPairs, MAX_PAIRS, type SimilarPairs, sortPairs } from './similar-pairs.js';

/** The distribution of the scores of all rows, or of every 2^sampling-th row if there are many. */
export interface Histogram extends ScoreHistogram {
  readonly sampling: number;
}

export interface Facts {
  readonly rows: number;
  readonly depth: number;
  /** Null in a report, before anything is computed where it is opened. */
  readonly threads: number | null;
  /** The adapter, if a GPU computes. */
  readonly gpu: string | null;
  /** The lowest and highest element; from a sample if there are many rows. */
  readonly range: readonly [lowest: number, highest: number];
  /** Null if all scores are equal. */
  readonly typicalScores: ScoreRange | null;
}

/** The health of the rows, and the data that shows unusual rows. */
export interface Examination {
  readonly health: Health;
  readonly nearest: Neighbours;
  readonly zeroRows: readonly number[];
  readonly equalRows: readonly OddRow[];
}

/** Number of nearest rows that decide whether a row is unusual. */
const NEAREST = 10;

/** Edges are 0.001 apart. */
const BINS = 2000;
const LAST_EDGE = 1 - 1 / BINS;
/** Number of scores computed at a time; a multiple of the span of every tile except the coarsest. */
const BLOCK_ROWS = 2048;
/** Number of rows in the sample that shows which scores occur by chance. */
const CHANCE_ROWS = 1000;
/** Pairs are decided by their true cosines but counted by their stored scores, so the numbers may differ by this many. */
const ROUNDED_PAIRS = 4096;
type Row = Float32Array | Float64Array;
type Sides = [rows: Row[], others: Row[] | null];

/** The only backend of a page. Scores of two backends differ in their last bits, so the page never mixes them. */
interface Chosen {
  /** Undefined for the library's own choice. */
  readonly backend: BackendName | undefined;
  /** The adapter, if a GPU computes. */
  readonly gpu: string | null;
}
type CollectOptions = Omit<PairsOptions<'float32'>, 'threshold'>;

export class Session {
  private rows: Row[] = [];
  /** Number of the first row that earlier rows are compared with; null if all rows are compared with each other. */
  private othersFrom: number | null = null;
  private depth = 0;
  private nonFinite: 'throw' | 'zero' = 'throw';
  private choosing: Promise<Chosen> | undefined;
  private backend: BackendName | undefined;
  private known: Facts | undefined;
  /** The order of the last requested matrix, and what ends its computation. */
  private ordered: Row[] = [];
  private pyramid = new AbortController();
  private clustering = new AbortController();
  private neighbouring = new AbortController();
  private examining = new AbortController();
  private grouping = new AbortController();
  private agreeing = new AbortController();
  /** The same rows by a second model, if there is one. */
  protected compared: Session | undefined;

  /** Chooses the backend for all rows; without this call, the library chooses. */
  async useBackend(named: string | null): Promise<void> {
    this.choosing = chooseBackend(named);
    // Opening rows reports the error.
    this.choosing.catch(() => {});
  }
  private collecting = new AbortController();

  /** Returns a session about the same rows for another page. */
  another(): Session {
    const other = new Session();
    const { rows, othersFrom, depth, nonFinite, known, backend, compared } = this;
    return Object.assign(other, { rows, othersFrom, depth, nonFinite, known, backend, compared });
  }

  /** Facts about the rows that are known since they were opened. */
  facts(): Facts {
    if (!this.known) throw new Error('expected rows, got none');
    return this.known;
  }

  /** Uses rows in memory. Those before `othersFrom` are compared with the others; null compares all with each other. */
  async take(
    data: Row,
    shape: readonly number[],
    nonFinite: 'throw' | 'zero',
    othersFrom: number | null = null,
  ): Promise<Facts> {
    const [rows = 0, depth = 0] = shape;
    this.othersFrom = othersFrom;
    if (rows * depth === 0) throw new Error('expected rows of numbers, got none');
    this.rows = Array.from({ length: rows }, (_, row) => data.subarray(row * depth, (row + 1) * depth));
    this.depth = depth;
    this.nonFinite = nonFinite;
    const { backend, gpu } = (await this.choosing) ?? { backend: undefined, gpu: null };
    this.backend = backend;
    // Invalid rows are detected now, with an error that names them.
    await this.cosines({ data, shape: [rows, depth] }, [new Float32Array(depth)]);
    const { cores, threadRefusal } = runtimeInfo();
    const threads = threadRefusal === undefined ? cores : 1;
    const { sampling } = this.shape;
    const range = rangeOf(sampleOf(this.rows, sampling));
    this.known = { rows, depth, threads, gpu, range, typicalScores: await this.typicalScores() };
    return this.known;
  }

  /** Uses a second model's vectors of the same rows. */
  async takeCompared(data: Row, shape: readonly number[]): Promise<void> {
    const compared = new Session();
    compared.choosing = this.choosing;
    await compared.take(data, shape, this.nonFinite);
    this.compared = compared;
  }

  /** Returns the k rows most similar to each row. */
  private async nearest(k: number, signal: AbortSignal, onProgress: OnProgress): Promise<Neighbours> {
    const { indices, scores, shape } = await topK(this.rows, {
      ...this.options,
      k,
      signal,
      onProgress: progressOf(onProgress),
    });
    return { indices, scores, shape };
  }

  /** Returns the k rows most similar to one by the second model. */
  comparedNeighbours(row: number, k: number): Promise<{ indices: Uint32Array; scores: Float32Array }> {
    if (!this.compared) throw new Error('expected rows of a second model, got none');
    return this.compared.neighbours(row, k);
  }

  /** Counts, for each number of `NEAREST_COMPARED` and each row, the nearest rows that both models share. Null if it was stopped. */
  async modelOverlaps(onProgress: OnProgress): Promise<ModelOverlaps | null> {
    this.stopModelOverlaps();
    const { signal } = this.agreeing;
    const { compared } = this;
    if (!compared) throw new Error('expected rows of a second model, got none');
    const k = Math.min(this.rows.length - 1, Math.max(...NEAREST_COMPARED));
    const half = (from: number) => (done: number) => onProgress(from + done / 2);
    try {
      const first = await this.nearest(k, signal, half(0));
      const shared = overlapsOf(first, await compared.nearest(k, signal, half(0.5)));
      return { shared, zeroRows: [zeroRowsOf(this.rows), zeroRowsOf(compared.rows)] };
    } catch (error) {
      if (signal.aborted) return null;
      throw error;
    }
  }

  /** Stops comparing the models. */
  stopModelOverlaps(): void {
    this.agreeing.abort();
    this.agreeing = new AbortController();
  }

  private async typicalScores(): Promise<ScoreRange | null> {
    const [x, y] = this.sides(this.rows).map((rows) => rows && someOf(rows, SAMPLED_ROWS)) as Sides;
    const { data } = await this.cosines(x, y);
    return y ? scoreRangeOf(Float32Array.from(data)) : typicalRange(data, x.length);
  }

  /** Divides rows into those that are compared and the others that they are compared with, which are null if all are compared. */
  private sides(rows: Row[]): Sides {
    const { othersFrom } = this;
    return othersFrom === null ? [rows, null] : [rows.slice(0, othersFrom), rows.slice(othersFrom)];
  }

  private get shape(): PyramidShape {
    const [x, y] = this.sides(this.rows);
    return shapeOf(x.length, y?.length ?? null);
  }

  private get options() {
    return { dtype: 'float32', nonFinite: this.nonFinite, backend: this.backend } as const;
  }

  /**
   * Returns the scores of a few rows. A GPU is asynchronous; otherwise the call is synchronous, because threads may be busy for a long
   * time.
   */
  private cosines(x: Rows, y: Rows | null = null): Matrix | Promise<Matrix> {
    const isGpu = this.backend?.startsWith('webgpu');
    return isGpu ? cosineSimilarity(x, y, this.options) : cosineSimilaritySync(x, y, this.options);
  }

  /** Computes the matrix of the rows in this order, and delivers its tiles as they are finished. Cancels the previous call. */
  async drawMatrix(
    order: Uint32Array | null,
    onTiles: (tiles: readonly Tile[]) => void,
    onProgress: OnProgress,
  ): Promise<void> {
    this.pyramid.abort();
    this.pyramid = new AbortController();
    const { signal } = this.pyramid;
    this.orderRows(order);
    try {
      for await (const tiles of this.tilesOf(this.ordered, signal, onProgress)) onTiles(tiles);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  /** From now on, tiles show the rows in this order. */
  orderRows(order: Uint32Array | null): void {
    const { rows } = this;
    this.ordered = order ? Array.from(order, (row) => rows[row] as Row) : rows;
  }

  private async *tilesOf(rows: Row[], signal: AbortSignal, onProgress: OnProgress): AsyncGenerator<Tile[]> {
    const { shape } = this;
    const [x, y] = this.sides(rows).map((side) => side && sampleOf(side, shape.sampling)) as Sides;
    // In rows of the sample.
    const level = shape.base - shape.sampling;
    const span = TILE * 2 ** level;
    const builder = new PyramidBuilder(shape);
    const blockRows = Math.max(span, BLOCK_ROWS);
    const options = { ...this.options, blockRows, signal, onProgress: progressOf(onProgress) };
    for await (const { row, col, matrix, mirrored } of streamMatrix(x, y, options)) {
      const [height, width] = matrix.shape;
      const tiles: Tile[] = [];
      for (let top = 0; top < height; top += span) {
        for (let left = mirrored || y ? 0 : top; left < width; left += span) {
          const window = {
            data: matrix.data,
            offset: top * width + left,
            stride: width,
            rows: Math.min(span, height - top),
            cols: Math.min(span, width - left),
          };
          const cells = reduceScores(window, level);
          tiles.push(...builder.add({ level: shape.base, row: (row + top) / span, col: (col + left) / span, cells }));
        }
      }
      yield tiles;
    }
  }

  /** Returns a tile below the base level of the last drawn matrix. */
  async drawTile({ level, row, col }: TilePlace): Promise<Tile> {
    const span = TILE * 2 ** level;
    const sampling = samplingAt(this.shape, level);
    const [rows, others] = this.sides(this.ordered);
    const part = (side: Row[], at: number) => sampleOf(side.slice(at * span, (at + 1) * span), sampling);
    const y = others || row !== col ? part(others ?? rows, col) : null;
    const { data, shape } = await cosineSimilarity(part(rows, row), y, this.options);
    const cells = reduceScores({ data, offset: 0, stride: shape[1], rows: shape[0], cols: shape[1] }, level - sampling);
    return { level, row, col, cells };
  }

  /** Returns the score of two rows. */
  async score(i: number, j: number): Promise<number> {
    const scores = await this.cosines([this.rows[i] as Row], i === j ? null : [this.rows[j] as Row]);
    return scores.at(0, 0) ?? 0;
  }

  /**
   * Returns the k rows most similar to one, best first; equal scores are ordered by row. The same as `topK`, but without waiting for
   * threads that may be busy for a long time.
   */
  neighbours(row: number, k: number): Promise<{ indices: Uint32Array; scores: Float32Array }> {
    const { othersFrom } = this;
    const isAnother = (other: number) => (othersFrom === null ? other !== row : other < othersFrom !== row < othersFrom);
    return this.nearestTo(this.rows[row] as Row, k, isAnother);
  }

  /** Returns the most similar of the other rows for each row. */
  async bestMatches(onProgress: OnProgress): Promise<{ indices: Uint32Array; scores: Float32Array }> {
    const [x, y] = this.sides(this.rows);
    const { indices, scores } = await topK(x, y, { ...this.options, k: 1, onProgress: progressOf(onProgress) });
    return { indices: indices.map((other) => other + x.length), scores };
  }

  /** Returns the k rows most similar to the mean of some rows scaled to length 1, without those rows. */
  neighboursOfMean(rows: readonly number[], k: number): Promise<{ indices: Uint32Array; scores: Float32Array }> {
    const mean = new Float64Array(this.depth);
    for (const row of rows) {
      const elements = unit(this.rows[row] as Row, this.depth);
      for (let at = 0; at < mean.length; at++) mean[at] = (mean[at] as number) + (elements[at] as number) / rows.length;
    }
    const members = new Set(rows);
    return this.nearestTo(Float32Array.from(mean), k, (row) => !members.has(row));
  }

  /** Returns the k rows most similar to a vector, among those that count. */
  private async nearestTo(vector: Row, k: number, counts: (row: number) => boolean) {
    const { data } = await this.cosines([vector], this.rows);
    const indices = bestOf(data, k, counts);
    return { indices, scores: Float32Array.from(indices, (row) => data[row] as number) };
  }

  /** Returns what `health` finds, and the nearest rows of each row; null if it was cancelled. */
  async examine(onProgress: OnProgress): Promise<Examination | null> {
    this.stopExamining();
    const { signal } = this.examining;
    const { rows } = this;
    try {
      const half = (from: number) => (done: number) => onProgress(from + done / 2);
      const options = { dtype: 'float32', backend: this.backend, signal, onProgress: progressOf(half(0)) } as const;
      const found = await health(rows, options);
      const nearest = await this.nearest(Math.min(NEAREST, rows.length - 1), signal, half(0.5));
      return { health: found, nearest, zeroRows: zeroRowsOf(rows), equalRows: equalRowsOf(rows) };
    } catch (error) {
      if (signal.aborted) return null;
      throw error;
    }
  }

  stopExamining(): void {
    this.examining.abort();
    this.examining = new AbortController();
  }

  /** Returns all rows as a .npy. */
  rowsAsNpy(): Uint8Array<ArrayBuffer> {
    const [first] = this.rows;
    const bytes = npyOf(this.rows, this.depth, first instanceof Float64Array ? '<f8' : '<f4');
    return transfer(bytes, [bytes.buffer]);
  }

  /** Returns a checksum of all elements (FNV-1a of their bits, twice), which distinguishes rows of the same shape. */
  checksum(): string {
    const sums = [0x811c9dc5, 0x050c5d1f];
    for (const row of this.rows) {
      const words = new Uint32Array(row.buffer, row.byteOffset, row.byteLength / 4);
      for (const word of words) {
        sums[0] = Math.imul((sums[0] as number) ^ word, 0x01000193);
        sums[1] = Math.imul((sums[1] as number) ^ (word >>> 7) ^ (word << 11), 0x01000193);
      }
    }
    return sums.map((sum) => (sum >>> 0).toString(16).padStart(8, '0')).join('');
  }

  /** Returns the elements of some rows, from which their pictures are drawn. */
  elementsOf(rows: readonly number[]): Float32Array[] {
    return rows.map((row) => Float32Array.from(this.rows[row] as Row));
  }

  async histogram(onProgress: OnProgress): Promise<Histogram> {
    const { sampling } = this.shape;
    const [x, y] = this.sides(this.rows).map((side) => side && sampleOf(side, sampling)) as Sides;
    return { ...(await histogram(x, y, { ...this.options, bins: BINS, onProgress: progressOf(onProgress) })), sampling };
  }

  /** Returns all pairs from the lowest edge that leaves few enough to hold. */
  async similarPairs(histogram: Histogram, onProgress: OnProgress): Promise<SimilarPairs | null> {
    this.stopPairs();
    const { signal } = this.collecting;
    try {
      return await this.collect(histogram, { ...this.options, signal, onProgress: progressOf(onProgress) });
    } catch (error) {
      if (signal.aborted) return null;
      throw error;
    }
  }

  /** Cancels collecting pairs, if that is in progress. */
  stopPairs(): void {
    this.collecting.abort();
    this.collecting = new AbortController();
  }

  private async collect({ edges, atOrAbove, sampling }: Histogram, options: CollectOptions): Promise<SimilarPairs> {
    if (sampling > 0) return this.highestPairs(edges, atOrAbove, sampling, options);
    const bin = atOrAbove.findIndex((count) => count <= MAX_PAIRS);
    for (let at = bin; at >= 0 && at < atOrAbove.length; at++) {
      const most = Math.min(MAX_PAIRS, (atOrAbove[at] as number) + ROUNDED_PAIRS);
      const sorted = await this.pairsFrom(edges[at] as number, most, options);
      if (sorted) return moved(sorted);
    }
    return this.joiningPairs(edges.at(-1) as number, options);
  }

  /** Yields the pairs at or above a score, by the row numbers of this session. */
  private async *streamedPairs(threshold: number, options: CollectOptions) {
    const [x, y] = this.sides(this.rows);
    for await (const { rows, cols, scores, length } of streamPairs(x, y, { ...options, threshold })) {
      yield { rows, cols: y ? cols.map((other) => other + x.length) : cols, scores, length };
    }
  }

  /** Returns all pairs at or above a score, or null if there are more than `most`. */
  private async pairsFrom(floor: number, most: number, options: CollectOptions): Promise<SimilarPairs | null> {
    const unsorted = { rows: new Uint32Array(most), cols: new Uint32Array(most), scores: new Float32Array(most) };
    let length = 0;
    for await (const batch of this.streamedPairs(floor, options)) {
      if (length + batch.length > most) return null;
      unsorted.rows.set(batch.rows, length);
      unsorted.cols.set(batch.cols, length);
      unsorted.scores.set(batch.scores, length);
      length += batch.length;
    }
    const found = {
      rows: unsorted.rows.subarray(0, length),
      cols: unsorted.cols.subarray(0, length),
      scores: unsorted.scores.subarray(0, length),
    };
    return sortPairs(floor, found, this.rows.length);
  }

  /** If there are many rows: returns all pairs that are unlikely to occur by chance, or as many of the highest as can be held. */
  private async highestPairs(
    edges: Float64Array,
    atOrAbove: ArrayLike<number>,
    sampling: number,
    options: CollectOptions,
  ): Promise<SimilarPairs> {
    // A pair of the sample represents 4^sampling pairs.
    const bin = Array.from(edges).findIndex((_, at) => (atOrAbove[at] ?? 0) * 4 ** sampling <= MAX_PAIRS / 2);
    const expected = edges[bin] ?? 1;
    const chance = await this.chanceThreshold();
    const highest = new HighestPairs(
      Math.min(LAST_EDGE, Math.max(expected, Number.isNaN(chance) ? expected : chance)),
      MAX_PAIRS,
    );
    for await (const batch of this.streamedPairs(highest.floor, options)) highest.add(batch);
    // Most of the pairs that can be held have the same score.
    if (highest.floor === Number.POSITIVE_INFINITY) return this.joiningPairs(edges.at(-1) as number, options);
    return moved(sortPairs(highest.floor, highest.unsorted(), this.rows.length));
  }

  /** If even the highest threshold keeps too many pairs, for example of thousands of equal rows. */
  private async joiningPairs(floor: number, options: CollectOptions): Promise<SimilarPairs> {
    const joining = new JoiningPairs(this.rows.length);
    for await (const batch of this.streamedPairs(floor, options)) joining.add(batch);
    return joining.finish(floor, this.rows.length);
  }

  /** Null if it was cancelled. */
  async clusterOrder(onProgress: OnProgress): Promise<Clustering | null> {
    this.stopClustering();
    const { signal } = this.clustering;
    const scores = new PairScores(this.rows.length);
    const onCompared = progressOf((done) => onProgress(done / 2));
    const rowsOf = (ends: readonly number[]) => ends.map((row) => this.rows[row] as Row);
    try {
      const options = { ...this.options, blockRows: BLOCK_ROWS, signal, onProgress: onCompared };
      for await (const { row, col, matrix } of streamMatrix(this.rows, options)) {
        for (let at = 0; at < matrix.shape[0]; at++) scores.fill(row + at, col, matrix.row(at));
      }
      return await clusterOrder(
        scores,
        // Only the order matters here, and there are thousands of such small calls, one after another.
        (a, b) => cosineSimilaritySync(rowsOf(a), rowsOf(b), { ...this.options, backend: undefined }).data,
        breather((done) => onProgress(0.5 + done / 2), signal),
      );
    } catch (error) {
      if (signal.aborted) return null;
      throw error;
    }
  }

  /** Cancels the clustering in progress, if any. */
  stopClustering(): void {
    this.clustering.abort();
    this.clustering = new AbortController();
  }

  principalPositions(onProgress: OnProgress): Promise<Positions> {
    const { rows, depth } = this;
    const unitRow = (row: number) => unit(rows[row] as Row, depth);
    // How far a unit row reaches along an axis of length 1 is their cosine. No score is shown, and GPUs lack float64.
    const along = async (axes: readonly Float64Array[]) => {
      const options = { ...this.options, backend: undefined, dtype: 'float64', onProgress: progressOf(onProgress) } as const;
      return (await cosineSimilarity(rows, axes, options)).data;
    };
    return principalPositions(rows.length, unitRow, findAxes, along);
  }

  /** Returns the input of UMAP for the rows; null if it was cancelled. */
  async mapNeighbours(onProgress: OnProgress): Promise<Neighbours | null> {
    this.stopMapNeighbours();
    const { signal } = this.neighbouring;
    try {
      return await this.nearest(UMAP_NEIGHBOURS - 1, signal, onProgress);
    } catch (error) {
      if (signal.aborted) return null;
      throw error;
    }
  }

  /** Cancels the search for the neighbours of the map, if that is in progress. */
  stopMapNeighbours(): void {
    this.neighbouring.abort();
    this.neighbouring = new AbortController();
  }

  /** Returns the score above which few pairs occur by chance, from a sample of the rows; NaN if it is unknown. */
  async chanceThreshold(): Promise<number> {
    return (await health(someOf(this.rows, CHANCE_ROWS), { dtype: 'float32', backend: this.backend })).suggestedThreshold;
  }

  /** Returns groups by a method other than chains, largest first. */
  async otherGroups(method: 'complete' | 'community', threshold: number, onProgress: OnProgress): Promise<number[][] | null> {
    this.grouping.abort();
    this.grouping = new AbortController();
    const { signal } = this.grouping;
    const options = { ...this.options, method, threshold, minimumSize: 2, signal, onProgress: progressOf(onProgress) };
    try {
      return (await groups(this.rows, options)).groups.map(({ rows }) => Array.from(rows));
    } catch (error) {
      if (signal.aborted) return null;
      throw error;
    }
  }

  /** Returns the details of each of these groups. */
  async describeGroups(listed: readonly (readonly number[])[]): Promise<GroupDetails[]> {
    const found: GroupDetails[] = [];
    for (const rows of listed) {
      const { representative, mean } = typicalOf(rows.map((row) => unit(this.rows[row] as Row, this.depth)));
      const members = rows.map((row) => this.rows[row] as Row);
      const { minimum } = await histogram(members, { ...this.options, bins: 1 });
      const { data: scores } = await this.cosines([members[representative] as Row], members);
      found.push({ representative: rows[representative] as number, mean, lowest: minimum, scores });
    }
    return found;
  }

  /** Returns groups with their representatives, as the command line writes them. */
  async groupsAt(threshold: number, onProgress: OnProgress): Promise<Pick<Group, 'rows' | 'representative' | 'scores'>[]> {
    const found = await groups(this.rows, { ...this.options, threshold, onProgress: progressOf(onProgress) });
    return found.groups.map(({ rows, representative, scores }) => ({ rows, representative, scores }));
  }
}

/** Returns up to `most` rows, evenly spaced. */
function someOf(rows: readonly Row[], most: number): Row[] {
  const count = Math.min(rows.length, most);
  return Array.from({ length: count }, (_, at) => rows[Math.floor((at * rows.length) / count)] as Row);
}

/** Uses the backend that the address names, or else a GPU if there is one. Rejects if the named one cannot run here. */
async function chooseBackend(named: string | null): Promise<Chosen> {
  // The library's GPU code is loaded only if there is a GPU.
  if (named === null && !(await navigator.gpu?.requestAdapter().catch(() => null))) return { backend: undefined, gpu: null };
  const backend = (named ?? 'webgpu') as BackendName;
  try {
    await cosineSimilarity([[1]], { backend, dtype: 'float32' });
  } catch (error) {
    if (named === null && error instanceof UnsupportedError) return { backend: undefined, gpu: null };
    throw error;
  }
  const { description = null } = runtimeInfo().backends.find(({ name }) => name === backend) ?? {};
  return { backend, gpu: backend.startsWith('webgpu') ? description : null };
}

/** Transferred to the page instead of copied, because this thread does not need them. */
const moved = (pairs: SimilarPairs) =>
  transfer(pairs, [pairs.rows.buffer, pairs.cols.buffer, pairs.scores.buffer, pairs.joins.buffer]);

const progressOf =
  (onProgress: OnProgress) =>
  ({ done, total }: { readonly done: number; readonly total: number }) =>
    onProgress(done / total);

function rangeOf(rows: readonly Row[]): readonly [number, number] {
  let lowest = Number.POSITIVE_INFINITY;
  let highest = Number.NEGATIVE_INFINITY;
  for (const row of rows) {
    for (const element of row) {
      if (element < lowest && element > Number.NEGATIVE_INFINITY) lowest = element;
      if (element > highest && element < Number.POSITIVE_INFINITY) highest = element;
    }
  }
  return [lowest, highest];
}

/** Returns two principal axes, or as many as there are. */
async function findAxes(data: Float64Array, depth: number): Promise<Axes> {
  const rows = { data, shape: [depth === 0 ? 0 : data.length / depth, depth] } as const;
  for (const removeComponents of [2, 1]) {
    try {
      return await fitTransform(rows, { removeComponents });
    } catch (error) {
      // The rows vary in fewer directions, or there are too few of them.
      if (!(error instanceof ArgumentError)) throw error;
    }
  }
  return { mean: [], components: [] };
}

/** Returns a row scaled to length 1 in float64; zeros for a zero row and for one that is not finite. */
function unit(row: Row, depth: number): Float64Array {
  // Scaled first by the largest element, whose square could overflow or underflow.
  let largest = 0;
  for (const element of row) largest = Math.max(largest, Math.abs(element));
  if (!(largest > 0 && largest < Number.POSITIVE_INFINITY)) return new Float64Array(depth);
  const scaled = Float64Array.from(row, (element) => element / largest);
  const norm = Math.sqrt(scaled.reduce((sum, element) => sum + element * element, 0));
  return scaled.map((element) => element / norm);
}
