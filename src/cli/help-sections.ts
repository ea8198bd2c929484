// The sections of a command's help, and which options only --help-all shows.

import type { Option } from 'commander';

const SECTIONS: Readonly<Record<string, readonly string[]>> = {
  'Input:': [
    'column',
    'query',
    'text',
    'against-text',
    'format',
    'nulls',
    'element',
    'header',
    'no-header',
    'width',
    'index-base',
    'against-column',
    'against-query',
    'non-finite',
    'zero-rows',
  ],
  'Names of rows:': ['ids', 'carry', 'labels', 'against-ids', 'against-carry', 'against-labels'],
  'Transforms:': ['center', 'remove-components', 'whiten', 'transform', 'save-transform'],
  'Output:': ['output', 'distance', 'symmetric', 'neighbors', 'dtype', 'json', 'quiet'],
  'Work:': ['memory', 'threads', 'backend', 'no-pruning', 'save-every', 'dry-run', 'restart'],
};

/** Options that few people need. */
const ADVANCED: ReadonlySet<string> = new Set([
  'against-text',
  'format',
  'nulls',
  'element',
  'header',
  'no-header',
  'width',
  'index-base',
  'against-column',
  'against-query',
  'non-finite',
  'zero-rows',
  'against-ids',
  'against-carry',
  'against-group',
  'remove-components',
  'whiten',
  'transform',
  'save-transform',
  'neighbors',
  'dtype',
  'backend',
  'no-pruning',
  'save-every',
  'restart',
]);

const nameOf = ({ long }: Option) => (long ?? '').slice(2);

/** The heading that an option is listed under, or undefined for the options of the command itself. */
export function sectionOf(option: Option): string | undefined {
  return Object.keys(SECTIONS).find((heading) => SECTIONS[heading]?.includes(nameOf(option)));
}

/** Sections come in this order, after the options of the command itself. */
export function placeOfSection(heading: string): number {
  return Object.keys(SECTIONS).indexOf(heading);
}

export function isAdvanced(option: Option): boolean {
  return ADVANCED.has(nameOf(option));
}
