// What the page computes first, for a report that opens with it.

import { CLUSTERED_AT_ONCE } from './cluster-order.js';
import { GROUPS_AT_FIRST } from './group-details.js';
import { levelWithin, shapeOf, type Tile } from './pyramid.js';
import { CELLS_IN_REPORT, factsInReport, type SavedAnswer, type SavedResults } from './results.js';
import type { Session } from './session.js';
import { fewerPairs, firstThreshold, groupsAt, pairsWanted, type SimilarPairs } from './similar-pairs.js';

const unheard = () => {};

export async function firstResults(session: Session): Promise<SavedResults> {
  const facts = session.facts();
  const { rows } = facts;
  const clustering = rows <= CLUSTERED_AT_ONCE ? await session.clusterOrder(unheard) : null;
  const tiles: Tile[] = [];
  await session.drawMatrix(clustering?.order ?? null, (drawn) => tiles.push(...drawn), unheard);
  const base = levelWithin(shapeOf(rows), CELLS_IN_REPORT);
  const histogram = await session.histogram(unheard);
  // Null only after it has been given up.
  const pairs = (await session.similarPairs(histogram, unheard)) as SimilarPairs;
  const threshold = firstThreshold(pairs, pairsWanted(rows), rows, await session.chanceThreshold());
  const answers: SavedAnswer[] = [factsInReport(facts)];
  for (const group of groupsAt(pairs, threshold, rows).slice(0, GROUPS_AT_FIRST)) {
    answers.push({ method: 'describeGroups', args: [[group]], result: await session.describeGroups([group]) });
  }
  return {
    histogram,
    pairs: fewerPairs(pairs, threshold),
    firstThreshold: threshold,
    order: clustering ? 'clusters' : 'given',
    column: null,
    permutation: clustering?.order ?? null,
    clustering,
    maps: [['pca', await session.principalPositions(unheard)]],
    examination: null,
    modelOverlaps: null,
    names: [],
    selection: new Uint32Array(),
    base,
    tiles: tiles.filter(({ level }) => level >= base),
    answers,
  };
}
