// The clustering of the rows, computed once when an order or groups need it.

import { batch } from '@preact/signals';
import type { Clustering } from '../compute/cluster-order.js';
import { clustering } from './answers.js';
import { groupMethod, rowOrder } from './choices.js';
import { session } from './session.js';
import { working } from './working.js';

let underWay: Promise<Clustering | null> | undefined;

/** Null if it was cancelled. */
export function findClustering(): Promise<Clustering | null> {
  if (clustering.peek()) return Promise.resolve(clustering.peek());
  if (underWay) return underWay;
  const mine = working('Clustering', (onProgress) => session.clusterOrder(onProgress), stop).then((found) => {
    if (underWay === mine) clustering.value = found;
    return found;
  });
  underWay = mine;
  const end = () => {
    if (underWay === mine) underWay = undefined;
  };
  mine.then(end, end);
  return mine;
}

function stop(): void {
  batch(() => {
    if (rowOrder.peek() !== 'groups') rowOrder.value = 'given';
    if (groupMethod.peek() === 'clusters') groupMethod.value = 'chains';
  });
  giveUpClustering();
}

/** Cancels it when nothing needs it any more. */
export function giveUpClustering(): void {
  if (!underWay || groupMethod.peek() === 'clusters') return;
  underWay = undefined;
  void session.stopClustering();
}
