import { READY } from '../../platform/platform.js';
import { serve, type WorkOrder } from './worker.js';

// A dedicated worker's global scope, of which the page's types know only this much.
const port = globalThis as unknown as {
  onmessage: (event: { data: WorkOrder }) => void;
  postMessage(message: unknown, transfer: readonly ArrayBufferLike[]): void;
};

port.onmessage = (event) => serve(event.data, (message, transfer) => port.postMessage(message, transfer));
port.postMessage(READY, []);
