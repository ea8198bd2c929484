import { parentPort, type TransferListItem } from 'node:worker_threads';
import { READY } from '../../platform/platform.js';
import { serve } from './worker.js';

parentPort?.on('message', (order) =>
  serve(order, (message, transfer) => parentPort?.postMessage(message, transfer as TransferListItem[])),
);
parentPort?.postMessage(READY);
