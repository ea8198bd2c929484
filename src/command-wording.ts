// How the command line writes the arguments, options and calls of the API.

import type { Wording } from './message.js';

/** Options whose names differ from those of the API. */
const OPTIONS: Readonly<Record<string, string>> = { k: '-k', memoryBudget: '--memory', keep: '--keep-rows' };
/** What corresponds to a call on the command line. */
const CALLS: Readonly<Record<string, string>> = { fitTransform: '--save-transform' };
/** The fraction of --memory that decoded rows may take before they go to a temporary file; it is the `memoryBudget` of `openRows`. */
export const DECODED_FRACTION: number = 1 / 8;
const MIB = 2 ** 20;
const nameAgainst = (file: string | undefined) => (file === undefined ? '--against' : `--against ${file}`);
const ROWS: Readonly<Record<string, (file: string | undefined) => string>> = {
  x: (file) => file ?? 'the input',
  y: nameAgainst,
  against: nameAgainst,
};

export const COMMAND_WORDING: Wording = {
  argument: (name, file) => ROWS[name]?.(file) ?? optionName(name),
  option: (name, value) => {
    if (value === false) return optionName(name).replace('--', '--no-');
    // Only readers of rows state an amount.
    if (name === 'memoryBudget' && typeof value === 'number') {
      return `${optionName(name)} ${Math.ceil(value / DECODED_FRACTION / MIB)}MiB`;
    }
    if (typeof value === 'number') return `${optionName(name)} ${value}`;
    return typeof value === 'string' ? `${optionName(name)} ${quoteForShell(value)}` : optionName(name);
  },
  call: (name) => CALLS[name] ?? name.toLowerCase(),
};

/** Returns --non-finite for nonFinite. */
function optionName(name: string): string {
  return OPTIONS[name] ?? `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** Quotes a value so that a shell takes it as one word and expands nothing. */
function quoteForShell(value: string): string {
  return /^[\w.,:/@%+=-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`;
}
