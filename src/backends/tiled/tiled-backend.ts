// Makes a backend of one that only computes tiles, by adding threads that take tiles from a shared counter, and the epilogues in
// TypeScript.

import type { createEpilogue } from '../../epilogues/create.js';
import type { DType } from '../../rows/dtype.js';
import type { RowSource } from '../../rows/row-source.js';
import type { Backend, ComputeSmall, GridWork, Job, JobShape, PruningCosts, SketchDepths, Sketching } from '../backend.js';
import type { Order, TileGrid } from '../work.js';
import type { ThreadPool } from './thread-pool.js';
import type { TileBackend, TileJob } from './tile-backend.js';
import { TiledGrid } from './tiled-grid.js';

export class TiledBackend implements Backend {
  readonly servesSync = true;
  readonly needsSharedMemory = true;
  readonly computeSmall: ComputeSmall | undefined;
  private createEpilogue: typeof createEpilogue | undefined;

  constructor(
    private readonly tiles: TileBackend,
    private readonly pool: ThreadPool,
  ) {
    this.computeSmall = tiles.computeSmall;
  }

  /** Loads what only calls without a matrix need. */
  ready(): Promise<void> | undefined {
    return this.createEpilogue ? undefined : this.load();
  }

  private async load(): Promise<void> {
    const [epilogues] = await Promise.all([import('../../epilogues/create.js'), this.tiles.ready?.()]);
    this.createEpilogue = epilogues.createEpilogue;
  }

  get name(): string {
    return this.tiles.name;
  }

  get description(): string {
    return this.tiles.description;
  }

  get smallWork(): number {
    return this.tiles.smallWork;
  }

  get packedLimit(): number {
    return this.tiles.packedLimit;
  }

  get threadRefusal(): string | undefined {
    return this.pool.refusal;
  }

  get depthBlock(): number {
    return this.tiles.depthBlock;
  }

  panelRows(dtype: DType): number {
    return this.tiles.panelRows(dtype);
  }

  tileRows(dtype: DType, depth: number, stored?: number): number {
    return this.tiles.tileRows(dtype, depth, stored);
  }

  tileStep(dtype: DType): number {
    return this.tiles.tileStep(dtype);
  }

  get pruningCosts(): PruningCosts | undefined {
    return this.tiles.pruningCosts;
  }

  get filtersSparse(): boolean {
    return this.tiles.filtersSparse;
  }

  packedBytes(dtype: DType, rows: number, depth: number, sketches: SketchDepths): number {
    return this.tiles.packedBytes(dtype, rows, depth, sketches);
  }

  scratchBytes(shape: JobShape): number {
    return this.tiles.scratchBytes(shape);
  }

  createJob(shape: JobShape): Job {
    return new TiledJob(this.tiles.createJob(shape), this.tiles.name, this.pool, this.createEpilogue);
  }
}

class TiledJob implements Job {
  constructor(
    private readonly job: TileJob,
    private readonly backend: string,
    private readonly pool: ThreadPool,
    private readonly epilogues: typeof createEpilogue | undefined,
  ) {}

  get packBlock(): number {
    return this.job.packBlock;
  }

  setSketching(sketching: Sketching): void {
    this.job.setSketching(sketching);
  }

  setColumnRanks(ranks: Uint32Array): void {
    this.job.setColumnRanks(ranks);
  }

  packRows(operand: 'x' | 'y', source: RowSource, from: number, to: number, at: number, zeroNonFinite: boolean): number {
    return this.job.packRows(operand, source, from, to, at, zeroNonFinite);
  }

  zeroRows(operand: 'x' | 'y', at: number, count: number): ArrayLike<number> {
    return this.job.zeroRows(operand, at, count);
  }

  setGroups(operand: 'x' | 'y', at: number, groups: Uint32Array): void {
    this.job.setGroups(operand, at, groups);
  }

  setThresholds(operand: 'x' | 'y', at: number, thresholds: Float64Array): void {
    this.job.setThresholds(operand, at, thresholds);
  }

  openGrid(grid: TileGrid, order: Order): GridWork {
    const { job, backend, epilogues } = this;
    return new TiledGrid({ grid, order, job, backend, createEpilogue: epilogues }, this.pool);
  }

  release(): void {
    this.job.release();
  }
}
