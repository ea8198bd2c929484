// What a run of the benchmarks leaves: docs/benchmarks.json, from which every figure of the documents is taken.

import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Timed } from '../src/cli/interleaved-timing.js';

/** How long each candidate took for the same work. */
export interface TimesTable {
  readonly kind: 'times';
  /** As documents name it: '4000x768'. */
  readonly id: string;
  readonly title: string;
  readonly baseline: string;
  readonly rows: readonly Timed[];
}

export interface Column {
  readonly name: string;
  /** 'ms', 'MiB', 'GF/s', 'GB/s', '%', 'error' (a distance from the truth), 'count' or 'text'. */
  readonly unit: string;
  /** Whether rivals and we are compared by it. */
  readonly lowerIsBetter?: boolean;
}

/** What else there is to say of each: one value a column. */
export interface ValuesTable {
  readonly kind: 'values';
  readonly id: string;
  readonly title: string;
  readonly columns: readonly Column[];
  readonly rows: readonly { readonly name: string; readonly values: readonly (number | string | null)[] }[];
}

export type ReportTable = TimesTable | ValuesTable;

export interface LeftOut {
  readonly name: string;
  readonly reason: string;
}

export interface SectionReport {
  /** The question. */
  readonly asks: string;
  readonly tables: readonly ReportTable[];
  readonly leftOut: readonly LeftOut[];
  readonly seconds: number;
  /** Where the section was measured on another day, or machine, than the report. */
  readonly date?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

export interface Report {
  /** Of sizes and times that only try whether everything runs: no figure means anything. */
  readonly quick: boolean;
  readonly date: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Of every rival that was there. */
  readonly versions: Readonly<Record<string, string>>;
  readonly sections: Readonly<Record<string, SectionReport>>;
}

/** Names of ours begin so; all others are rivals. */
export function isOurs(name: string): boolean {
  return name.startsWith('allpairs');
}

export const REPORT_FILE = fileURLToPath(new URL('../docs/benchmarks.json', import.meta.url));

export async function readReport(): Promise<Report> {
  return JSON.parse(await readFile(REPORT_FILE, 'utf8')) as Report;
}

export async function writeReport(report: Report): Promise<void> {
  await writeFile(REPORT_FILE, `${JSON.stringify(report, roundNumbers, 1)}\n`);
}

/** More digits than a clock has would only be noise in the file. */
function roundNumbers(_key: string, value: unknown): unknown {
  if (typeof value !== 'number') return value;
  return Number.isFinite(value) ? Number(value.toPrecision(5)) : String(value);
}
