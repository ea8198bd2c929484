// Checks option names at run time, because a misspelt option would otherwise be ignored and its default used silently.

import { describe, fail, refuse } from './argument.js';

/**
 * The names of a call's options; false for those that are accepted but not suggested. Defined with `satisfies Record<keyof Options, true>`,
 * so that the compiler finds missing ones.
 */
export type OptionNames = Readonly<Record<string, boolean>>;

/**
 * Throws ArgumentError for an option that `call` does not take, and suggests the nearest name. An option whose value is undefined counts as
 * not given, whatever its name.
 */
export function checkOptionNames(call: string, options: object, names: OptionNames): void {
  for (const name in options) {
    if (Object.hasOwn(names, name) || (options as Record<string, unknown>)[name] === undefined) continue;
    refuseOption(call, name, names);
  }
}

function refuseOption(call: string, name: string, names: OptionNames): never {
  const offered = Object.keys(names).filter((name) => names[name]);
  const near = nearestName(name, offered);
  const advice = near === undefined ? `${call} takes ${offered.join(', ')}` : `did you mean '${near}'?`;
  refuse(name, `Unknown option '${name}'`, advice);
}

/** Throws ArgumentError if options are not an object. */
export function checkOptionsObject(value: unknown): void {
  if (typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value)) return;
  fail('options', 'an object of options', describe(value));
}

/** Edits per letter up to which a name counts as misspelt. */
const EDITS_PER_LETTER = 0.4;

/** Returns the name that `given` most likely stands for, or undefined if no name is close. */
export function nearestName(given: string, names: readonly string[]): string | undefined {
  let nearest: string | undefined;
  let fewest = Math.floor(given.length * EDITS_PER_LETTER) + 1;
  for (const name of names) {
    const edits = countEdits(given.toLowerCase(), name.toLowerCase());
    if (edits >= fewest) continue;
    nearest = name;
    fewest = edits;
  }
  return nearest;
}

/** Returns the Levenshtein distance. */
function countEdits(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = (row[j - 1] as number) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[to.length] as number;
}
