// The thread that computes.

import { type Remote, wrap } from 'comlink';
import startWorker from '#start-worker';
import type { Session } from '../compute/session.js';
import { problem, works } from './answers.js';

const worker = startWorker();
worker.addEventListener('error', ({ message }) => {
  works.value = [];
  problem.value = `the thread that computes has failed: ${message || 'it could not be started'}`;
});

export const session: Remote<Session> = wrap<Session>(worker);
