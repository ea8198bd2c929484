// Numbers that this code shares with the addon (native/core/constants.h). They are compared when the addon loads, because different numbers
// would silently give wrong results.

import { NO_GROUP, NO_INDEX, NO_SCORE, SUM_UNITS } from '../constants.js';

/** The addon identifies a purpose by its index. */
export const PURPOSES = ['dense', 'pairs', 'top-k', 'histogram', 'tiles'] as const;

/** The addon also identifies groupings by their index. */
export const GROUPINGS = [undefined, 'across', 'within'] as const;

/** Maximum number of rows of a tile that the addon accepts. */
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

/** Returns why an addon with these constants cannot be used, or undefined if they match this code. */
export function refusalOfConstants(constants: Partial<AddonConstants> | undefined): string | undefined {
  for (const [name, here] of Object.entries(CONSTANTS)) {
    const there = constants?.[name as keyof AddonConstants];
    if (there === here) continue;
    const found = there === undefined ? `it does not state ${name}` : `${name} is ${there} there and ${here} here`;
    return `the addon was built for another version of allpairs (${found}); reinstall allpairs, or run "npm run build" in a checkout`;
  }
  return undefined;
}
