// Tables for people, JSON for programs.

import process from 'node:process';
import { stripVTControlCharacters } from 'node:util';
import Table from 'cli-table3';
import pc from 'picocolors';
import { writeNow } from './stdout.js';

/** True where a program reads the output: --json, or stdout is no terminal. */
export function wantsJson(options: { json?: boolean | undefined }): boolean {
  return options.json === true || !process.stdout.isTTY;
}

export function printJson(value: unknown): void {
  writeNow(`${JSON.stringify(value)}\n`);
}

export function print(text: string): void {
  writeNow(`${text}\n`);
}

/** Prints a status line: to stderr, so that stdout holds results only. */
export function note(text: string): void {
  process.stderr.write(`${process.stderr.isTTY ? text : stripVTControlCharacters(text)}\n`);
}

const NO_LINES = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
};

/** Columns without lines; `aligned` has 'left' or 'right' for each. */
export function formatTable(rows: readonly (readonly string[])[], aligned: readonly ('left' | 'right')[]): string {
  const table = new Table({
    chars: NO_LINES,
    colAligns: [...aligned],
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
  });
  table.push(...rows.map((row) => [...row]));
  return table.toString().replace(/[ \t]+$/gm, '');
}

const BAR_WIDTH = 12;

/** A score from 0 to 1 as a bar; below 0 empty. */
export function bar(score: number): string {
  const full = Math.round(Math.max(0, score) * BAR_WIDTH);
  return green('█'.repeat(full)) + dim('░'.repeat(BAR_WIDTH - full));
}

/** A score with its sign's place kept. */
export function formatScore(score: number): string {
  return score.toFixed(4).padStart(7);
}

export function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}

/** '1.5 GiB'. */
/** '7 %', with a digit more below 10 %. */
export function formatPercent(part: number): string {
  return `${(100 * part).toFixed(part < 0.1 ? 1 : 0)} %`;
}

export function formatBytes(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  let value = bytes;
  let unit = 0;
  for (; value >= 1024 && unit < units.length - 1; unit++) value /= 1024;
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

export function formatSeconds(seconds: number): string {
  if (seconds < 1) return `${(seconds * 1000).toFixed(seconds < 0.01 ? 1 : 0)} ms`;
  return seconds < 100 ? `${seconds.toFixed(1)} s` : `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

/** Of long work: '3.2 h', '41 days'. */
export function formatDuration(seconds: number): string {
  if (seconds < 2 * 3600) return formatSeconds(seconds);
  const hours = seconds / 3600;
  if (hours < 48) return `${hours.toFixed(1)} h`;
  const days = hours / 24;
  return days < 730 ? `${formatCount(Math.round(days))} days` : `${formatCount(Math.round(days / 365.25))} years`;
}

export const dim = pc.dim;
export const bold = pc.bold;
export const green = pc.green;
export const yellow = pc.yellow;
export const red = pc.red;
