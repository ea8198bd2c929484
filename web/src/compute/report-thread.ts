/// <reference types="node" />
// The thread of the command that computes what a report opens with.

import { parentPort, workerData } from 'node:worker_threads';
import { firstResults } from './first-results.js';
import { pack } from './packed.js';
import { Session } from './session.js';

const { data, shape, nonFinite } = workerData;
const session = new Session();
await session.take(data, shape, nonFinite);
const bytes = await pack(await firstResults(session));
parentPort?.postMessage(bytes, [bytes.buffer]);
