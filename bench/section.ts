// A section of the benchmark: one question, and the code that answers it.

import type { Timing } from '../src/cli/interleaved-timing.js';
import type { LeftOut, ReportTable } from './report.js';

export interface Section {
  readonly name: string;
  /** The question as a sentence. */
  readonly asks: string;
  readonly run: (run: BenchRun) => Promise<ReportTable[]>;
}

/** Shared by all sections of a run. */
export class BenchRun {
  /** Versions of the rivals that were present. */
  readonly versions: Record<string, string> = {};
  private absent: LeftOut[] = [];

  constructor(
    readonly threads: number,
    /** Small sizes and short times, to check that everything runs. */
    readonly quick: boolean,
  ) {}

  /** The first, small sizes for quick runs. */
  sizes(full: readonly string[], quick: readonly string[]): [rows: number, depth: number][] {
    return (this.quick ? quick : full).map((size) => size.split('x').map(Number) as [number, number]);
  }

  timing(seconds: number, slowSeconds?: number): Timing {
    if (this.quick) return { seconds: 0, rounds: 1, slowSeconds: 0.05, warmUpSeconds: 0 };
    return slowSeconds === undefined ? { seconds } : { seconds, slowSeconds };
  }

  /** Reported once per section. */
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
