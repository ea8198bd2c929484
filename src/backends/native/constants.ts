// Numbers that this code and the addon share (native/core/constants.h). An addon with others would give wrong results without
// an error, so they are compared when it loads.

import { NO_GROUP, NO_INDEX, NO_SCORE, SUM_UNITS } from '../constants.js';

/** The addon knows a purpose by its place. */
export const PURPOSES = ['dense', 'pairs', 'top-k', 'histogram', 'tiles'] as const;

/** And which pairs count by the place of that. */
export const GROUPINGS = [undefined, 'across', 'within'] as const;

/** The most rows of a tile that the addon takes. */
export const MAX_TILE_ROWS = 16384;

export interface AddonConstants {
  /** In order, separated by commas. */
  readonly purposes: string;
  readonly maxTileRows: number;
  readonly sumUnits: number;
  readonly noScore: number;
  readonly noIndex: number;
  readonly groupings: string;
  readonly noGroup: number;
}

const CONSTANTS: AddonConstants = {
  purposes: PURPOSES.join(','),
  maxTileRows: MAX_TILE_ROWS,
  sumUnits: SUM_UNITS,
  noScore: NO_SCORE,
  noIndex: NO_INDEX,
  groupings: GROUPINGS.join(','),
  noGroup: NO_GROUP,
};

/** Why an addon with these constants cannot be used, or undefined if they are the ones of this code. */
export function refusalOfConstants(constants: Partial<AddonConstants> | undefined): string | undefined {
  for (const [name, here] of Object.entries(CONSTANTS)) {
    const there = constants?.[name as keyof AddonConstants];
    if (there === here) continue;
    const found = there === undefined ? `it does not say what ${name} is` : `${name} is ${there} there and ${here} here`;
    return `the addon was built for another version of allpairs (${found}); reinstall allpairs, or run "npm run build" in a checkout`;
  }
  return undefined;
}
