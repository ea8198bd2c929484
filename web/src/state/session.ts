// The thread that computes.

import { type Remote, wrap } from 'comlink';
import { startComputing } from '#start-workers';
import type { Session } from '../compute/session.js';
import { problem, works } from './answers.js';
import { givenBackend } from './given-backend.js';

const worker = startComputing();
worker.addEventListener('error', ({ message }) => {
  works.value = [];
  problem.value = `the thread that computes has failed: ${message || 'it could not be started'}`;
});

export const session: Remote<Session> = wrap<Session>(worker);
// Messages arrive in order, so this comes before any rows.
void session.useBackend(givenBackend);
