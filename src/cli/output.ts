// Tables for people and JSON for programs.

import process from 'node:process';
import { stripVTControlCharacters } from 'node:util';
import Table from 'cli-table3';
import pc from 'picocolors';
import { writeNow } from './stdout.js';

/** True if a program reads the output: with --json, or if stdout is not a terminal. */
export function wantsJson(options: { json?: boolean | undefined }): boolean {
  return options.json === true || !process.stdout.isTTY;
}

export function printJson(value: unknown): void {
  writeNow(`${JSON.stringify(value)}\n`);
}

export function print(text: string): void {
  writeNow(`${text}\n`);
}

/** Prints a status line to stderr, because stdout contains only results. */
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

/** Formats columns without lines; `aligned` is 'left' or 'right' for each. */
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

/** Formats a score from 0 to 1 as a bar, which is empty below 0. */
export function bar(score: number): string {
  const full = Math.round(Math.max(0, score) * BAR_WIDTH);
  return green('█'.repeat(full)) + dim('░'.repeat(BAR_WIDTH - full));
}

/** Formats a score with a fixed place for its sign. */
export function formatScore(score: number): string {
  return score.toFixed(4).padStart(7);
}

export function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}

/** Formats what is done in a second: '33,061/s', and from a million on '1,530 million/s'. */
export function formatRate(count: number, seconds: number): string {
  const rate = count / seconds;
  return rate < 1e6 ? `${formatCount(Math.round(rate))}/s` : `${formatCount(Math.round(rate / 1e6))} million/s`;
}

/** Formats percentages: '7 %', with another digit below 10 %. */
export function formatPercent(part: number): string {
  return `${(100 * part).toFixed(part < 0.1 ? 1 : 0)} %`;
}

/** Formats bytes: '1.5 GiB'. */
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

/** Formats long durations: '3.2 h', '41 days'. */
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
