// Shows progress in one line on stderr, if it is a terminal.

import process from 'node:process';
import type { Progress } from '../index.js';
import { formatCount, formatSeconds } from './output.js';

/** Moves to the beginning of the line and erases it. */
export const CLEAR_LINE = '\r\x1b[2K';
/** Shorter work needs no progress line. */
const FIRST_AFTER_MS = 500;
const AT_MOST_EVERY_MS = 100;

/** Shows progress until `finish`; does nothing if `quiet` is set or stderr is not a terminal. */
export class ProgressLine {
  private readonly started = performance.now();
  private last = 0;
  private shown = false;
  private part: number | undefined;
  private zeros = 0;
  private readonly active: boolean;

  constructor(quiet: boolean | undefined) {
    this.active = !quiet && process.stderr.isTTY === true;
  }

  /** Shows the progress of scores. */
  readonly update = (progress: Progress): void => {
    this.part = progress.computed;
    this.zeros = progress.zeroRows ?? 0;
    this.show(progress, 1e6, 'million scores/s');
  };

  /** The fraction of multiply-adds that was computed, if pairs were excluded. */
  get computed(): number | undefined {
    return this.part;
  }

  /** The number of zero rows found so far. */
  get zeroRows(): number {
    return this.zeros;
  }

  /** Shows the progress of reading rows. */
  readonly showRows = (progress: Progress): void => this.show(progress, 1, 'rows/s');

  private show({ done, total }: Progress, unit: number, name: string): void {
    const now = performance.now();
    const elapsed = now - this.started;
    if (!this.active || elapsed < FIRST_AFTER_MS || now - this.last < AT_MOST_EVERY_MS || done === 0) return;
    this.last = now;
    this.shown = true;
    const percent = ((100 * done) / total).toFixed(0).padStart(3);
    const rate = formatCount(Math.round((1000 * done) / elapsed / unit));
    const left = formatSeconds(((total - done) * elapsed) / done / 1000);
    process.stderr.write(`${CLEAR_LINE}${percent} %   ${rate} ${name}   ${left} left`);
  }

  finish(): void {
    if (this.shown) process.stderr.write(CLEAR_LINE);
  }
}
