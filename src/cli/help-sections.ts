// The sections of a command's help, and which options only --help-all shows.

import type { Option } from 'commander';

interface Section {
  readonly usual: readonly string[];
  /** Options that few users need. */
  readonly advanced: readonly string[];
}

/** In the order of the help. The options of the command itself are the first section, and usual unless listed. */
const SECTIONS: Readonly<Record<string, Section>> = {
  'Options:': { usual: [], advanced: ['against-group'] },
  'Input:': {
    usual: ['column', 'query', 'text'],
    advanced: [
      ...['against-text', 'format', 'nulls', 'element', 'header', 'no-header', 'width', 'index-base'],
      ...['against-column', 'against-query', 'non-finite', 'zero-rows'],
    ],
  },
  'Names of rows:': { usual: ['ids', 'carry', 'labels', 'against-labels'], advanced: ['against-ids', 'against-carry'] },
  'Transforms:': { usual: ['center'], advanced: ['remove-components', 'whiten', 'transform', 'save-transform'] },
  'Output:': { usual: ['output', 'distance', 'symmetric', 'json', 'quiet'], advanced: ['neighbors', 'dtype'] },
  'Work:': { usual: ['memory', 'threads', 'dry-run'], advanced: ['backend', 'no-pruning', 'save-every', 'restart'] },
};

const nameOf = ({ long }: Option) => (long ?? '').slice(2);

/** Returns the heading that an option is listed under, or undefined for most options of the command itself. */
export function sectionOf(option: Option): string | undefined {
  const name = nameOf(option);
  return Object.keys(SECTIONS).find((heading) => {
    const { usual = [], advanced = [] } = SECTIONS[heading] ?? {};
    return usual.includes(name) || advanced.includes(name);
  });
}

export function placeOfSection(heading: string): number {
  return Object.keys(SECTIONS).indexOf(heading);
}

export function isAdvanced(option: Option): boolean {
  return Object.values(SECTIONS).some(({ advanced }) => advanced.includes(nameOf(option)));
}
