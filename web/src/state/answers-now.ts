// Answers that a report needs when it opens, in addition to what it draws at once.

import { factsInReport, type SavedAnswer } from '../compute/results.js';
import type { Facts } from '../compute/session.js';
import { facts, neighbours, otherGroups, settledGroups, settledThreshold } from './answers.js';
import { neighbourCount, room } from './choices.js';
import { detailsOf } from './grouping.js';
import { reviewGroups } from './review.js';
import { selectionNeighbours } from './selection-neighbours.js';

export function answersNow(): SavedAnswer[] {
  const saved: SavedAnswer[] = [factsInReport(facts.peek() as Facts)];
  for (const rows of settledGroups.peek()) {
    const details = detailsOf(rows);
    if (details) saved.push({ method: 'describeGroups', args: [[rows]], result: [details] });
  }
  const k = neighbourCount.peek();
  const ofRow = neighbours.peek();
  if (ofRow) saved.push({ method: 'neighbours', args: [ofRow.row, k], result: ofRow });
  const ofMean = selectionNeighbours.peek();
  if (ofMean) saved.push({ method: 'neighboursOfMean', args: [ofMean.rows, k], result: ofMean });
  const others = otherGroups.peek();
  if (others) saved.push({ method: 'otherGroups', args: [others.method, others.threshold], result: others.groups });
  const toReview = reviewGroups.peek();
  if (toReview && room.peek() === 'review') {
    saved.push({ method: 'groupsAt', args: [settledThreshold.peek()], result: toReview });
  }
  return saved;
}
