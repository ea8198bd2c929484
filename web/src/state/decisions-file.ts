// Decisions in a file, and whether a file is about these rows.

import type { Decision, SavedDecisions } from '../../../src/cli/view/page-data.js';

export type DecidedInput = SavedDecisions['input'];

export function toFile(input: DecidedInput, threshold: number, decisions: ReadonlyMap<number, Decision>): SavedDecisions {
  const sorted = [...decisions].sort(([a], [b]) => a - b);
  return {
    kind: 'allpairs-decisions',
    version: 1,
    input,
    threshold,
    decisions: sorted.map(([row, decision]) => ({ row, decision })),
  };
}

/** Returns the decisions of a file. Throws if it is not such a file, is damaged, or is about rows other than `input`. */
export function fromFile(file: unknown, name: string, input: DecidedInput): ReadonlyMap<number, Decision> {
  const { kind, version, input: saved, decisions } = (file ?? {}) as Partial<SavedDecisions>;
  if (kind !== 'allpairs-decisions' || version !== 1 || !saved || !Array.isArray(decisions)) {
    throw new Error(`${name} is not a file of decisions; choose one that “Save decisions” wrote`);
  }
  if (saved.rows !== input.rows || saved.depth !== input.depth || saved.checksum !== input.checksum) {
    throw new Error(
      `${name} has decisions about ${saved.name}, whose rows differ from those of ${input.name}; open the rows that they were made for`,
    );
  }
  const found = new Map<number, Decision>();
  for (const { row, decision } of decisions) {
    const isRight = Number.isInteger(row) && row >= 0 && row < input.rows && (decision === 'keep' || decision === 'drop');
    if (!isRight || found.has(row)) {
      throw new Error(`${name} is damaged: it has “${String(decision)}” for row ${String(row)}; choose another file`);
    }
    found.set(row, decision);
  }
  return found;
}
