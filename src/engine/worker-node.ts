import { parentPort, type TransferListItem } from 'node:worker_threads';
import { serve } from './worker.js';

parentPort?.on('message', (order) =>
  serve(order, (message, transfer) => parentPort?.postMessage(message, transfer as TransferListItem[])),
);
