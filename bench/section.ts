// A section of the benchmark: one question, and what to run for its answer.

import type { Timing } from '../src/cli/interleaved-timing.js';
import type { LeftOut, ReportTable } from './report.js';

export interface Section {
  readonly name: string;
  /** The question, a sentence. */
  readonly asks: string;
  readonly run: (run: BenchRun) => Promise<ReportTable[]>;
}

/** What all sections of one run share. */
export class BenchRun {
  /** Of the rivals that were there. */
  readonly versions: Record<string, string> = {};
  private absent: LeftOut[] = [];

  constructor(
    readonly threads: number,
    /** Small sizes for short times: to see that everything runs. */
    readonly quick: boolean,
  ) {}

  /** Of quick runs the first, small ones. */
  sizes(full: readonly string[], quick: readonly string[]): [rows: number, depth: number][] {
    return (this.quick ? quick : full).map((size) => size.split('x').map(Number) as [number, number]);
  }

  timing(seconds: number, slowSeconds?: number): Timing {
    if (this.quick) return { seconds: 0, rounds: 1, slowSeconds: 0.05, warmUpSeconds: 0 };
    return slowSeconds === undefined ? { seconds } : { seconds, slowSeconds };
  }

  /** Said once a section. */
  leaveOut(name: string, reason: string): void {
    if (this.absent.some((other) => other.name === name && other.reason === reason)) return;
    this.absent.push({ name, reason });
  }

  takeLeftOut(): LeftOut[] {
    const absent = this.absent;
    this.absent = [];
    return absent;
  }
}
