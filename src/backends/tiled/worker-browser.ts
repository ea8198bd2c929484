import { READY } from '../../platform/platform.js';
import type { WorkOrder } from './work-order.js';
import { serve } from './worker.js';

// The part of a dedicated worker's global scope that is used; the page's types do not include it.
const port = globalThis as unknown as {
  onmessage: (event: { data: WorkOrder }) => void;
  postMessage(message: unknown, transfer: readonly ArrayBufferLike[]): void;
};

port.onmessage = (event) => serve(event.data, (message, transfer) => port.postMessage(message, transfer));
port.postMessage(READY, []);
