// How much work is submitted at a time: as much as takes some milliseconds, judged by the slices before. Two slices are under way, so
// that one computes while the results of the other are read, and an abort waits for these two only.

/** The time that a slice is planned to take. An abort must take effect within 100 milliseconds, so neither slice may exceed 50. */
export const SLICE_MS = 20;
/** The same on a processor, whose threads also keep the calling thread from noticing an abort. */
export const SOFTWARE_SLICE_MS = 10;
/** Multiply-adds of the first slice; each slice may plan at most GROWTH times as many as the one before. */
export const FIRST_WORK = 1e7;
export const GROWTH = 4;
/** Where pairs are excluded, a slice is planned by the work that is likely, but its tiles may need all of it. */
export const WORST = 2;
/** The shortest time that is measured. */
const MIN_MS = 0.05;

export class Pace {
  /** Multiply-adds that a slice is planned to have. */
  planned = FIRST_WORK;
  /** Of the slices before, with the last one counting most. */
  private work = 0;
  private ms = 0;

  /** `sliceMs` is the time that a slice should take. */
  constructor(private readonly sliceMs: number) {}

  /** Returns whether work may be added to a slice that has some, or must wait for the next. */
  fits(slice: SliceWork, more: SliceWork): boolean {
    if (slice.most === 0) return true;
    return slice.likely + more.likely <= this.planned && slice.most + more.most <= WORST * this.planned;
  }

  /** Learns from a slice. A callback that ran late makes one slice seem long and the next short, so both are counted together. */
  measure(work: number, ms: number): void {
    this.work = this.work / 2 + work;
    this.ms = this.ms / 2 + Math.max(MIN_MS, ms);
    this.planned = Math.min(GROWTH * this.planned, Math.max(1, (this.work / this.ms) * this.sliceMs));
  }
}

/** Multiply-adds, counting what reading scores takes as multiply-adds too. */
export interface SliceWork {
  readonly likely: number;
  readonly most: number;
}
