// The result of a benchmark run: docs/benchmarks.json, the source of every figure in the documents.

import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Timed } from '../src/cli/interleaved-timing.js';

/** Times of the candidates for the same work. */
export interface TimesTable {
  readonly kind: 'times';
  /** The name that documents use: '4000x768'. */
  readonly id: string;
  readonly title: string;
  readonly baseline: string;
  readonly rows: readonly Timed[];
}

export interface Column {
  readonly name: string;
  /** 'ms', 'MiB', 'GF/s', 'GB/s', '%', 'error' (the difference from the true value), 'count' or 'text'. */
  readonly unit: string;
  /** Whether the column compares allpairs with rivals. */
  readonly lowerIsBetter?: boolean;
}

/** Other figures of each candidate: one value per column. */
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
  /** The question that the section answers. */
  readonly asks: string;
  readonly tables: readonly ReportTable[];
  readonly leftOut: readonly LeftOut[];
  readonly seconds: number;
  /** Set if the section was measured on another day or machine than the report. */
  readonly date?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

export interface Report {
  /** A run that only checks that everything works, whose figures mean nothing. */
  readonly quick: boolean;
  readonly date: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Versions of the rivals that were present. */
  readonly versions: Readonly<Record<string, string>>;
  readonly sections: Readonly<Record<string, SectionReport>>;
}

/** Our names begin with this; all others are rivals. */
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

/** More digits than a clock has would be noise in the file. */
function roundNumbers(_key: string, value: unknown): unknown {
  if (typeof value !== 'number') return value;
  return Number.isFinite(value) ? Number(value.toPrecision(5)) : String(value);
}
