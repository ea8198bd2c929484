// The loop of a computing thread: take the next tile number, compute, deliver, until no tile is left. The two entries in this folder
// connect it to the ports of Node and of browsers.

import { createEpilogue } from '../../epilogues/create.js';
import { tileAt } from '../grid.js';
import { buffersOf, type Delivery } from '../work.js';
import { attachTiles } from './attach.js';
import { DONE, NEXT, type Reply, STOP, TAKEN, type WorkOrder } from './work-order.js';

/** Carries out an order and reports the outcome. */
export function serve(order: WorkOrder, reply: Reply): void {
  try {
    computeTiles(order, reply);
    reply({ kind: 'done' }, []);
  } catch (error) {
    reply({ kind: 'failed', error }, []);
  }
}

function computeTiles(order: WorkOrder, reply: Reply): void {
  const { control, grid } = order;
  const cell = TAKEN + order.thread;
  const isStopped = () => Atomics.load(control, STOP) !== 0;
  let underWay = false;
  const deliver = (delivery: Delivery | undefined) => {
    if (delivery === undefined) return;
    if (underWay) Atomics.wait(control, cell, 0);
    Atomics.store(control, cell, 0);
    // A stop that came before the line above would not wake the next wait.
    if (isStopped()) return;
    reply({ kind: 'delivery', delivery }, buffersOf(delivery));
    underWay = true;
  };
  const epilogue = createEpilogue(order.epilogue, attachTiles(order.backend, order.job), isStopped);
  while (!isStopped()) {
    const index = Atomics.add(control, NEXT, 1);
    if (index >= grid.count) {
      deliver(epilogue.finish?.());
      return;
    }
    deliver(epilogue.take(grid.pass, tileAt(grid, index)));
    Atomics.add(control, DONE, 1);
  }
}
