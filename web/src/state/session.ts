// Connects the page to what computes: one of its threads, or the command.

import { type Remote, transfer, wrap } from 'comlink';
import { startComputing } from '#start-workers';
import type { PageData } from '../../../src/cli/view/page-data.js';
import type { CallName } from '../compute/calls.js';
import type { FileSession } from '../compute/file-session.js';
import type { Facts } from '../compute/session.js';
import { problem, works } from './answers.js';
import { givenBackend } from './given-backend.js';
import { hasResults, readPageData, readSource } from './source.js';

const given = readPageData();

export const session: Remote<FileSession> = given?.computing
  ? remoteSession(given.computing)
  : given && hasResults
    ? savedSession(given)
    : localSession();

/** Opens the rows that the page was created with, which the command already has, or which are read from it. */
export async function openGiven({ source, name, nonFinite, against }: Omit<PageData, 'computing'>): Promise<Facts> {
  if (given?.computing) return session.facts();
  const bytes = await readSource(source);
  return session.openNpy(transfer(bytes, [bytes.buffer]), name, nonFinite, against?.from ?? null);
}

/** The session that answers at an address. Its code is loaded on demand. */
function remoteSession(address: string): Remote<FileSession> {
  const loading = import('./remote-session.js');
  return sessionBy(async (method, args) => (await loading).ask(address, method, args));
}

/** The session of a report, which holds answers. */
function savedSession(data: PageData): Remote<FileSession> {
  const loading = import('./saved-answers.js');
  return sessionBy(async (method, args) => (await loading).ask(localSession, data, method, args));
}

function sessionBy(ask: (method: CallName, args: readonly unknown[]) => Promise<unknown>): Remote<FileSession> {
  const call =
    (_: object, method: CallName) =>
    (...args: readonly unknown[]) =>
      ask(method, args);
  return new Proxy({}, { get: call as ProxyHandler<object>['get'] & object }) as Remote<FileSession>;
}

function localSession(): Remote<FileSession> {
  const worker = startComputing();
  worker.addEventListener('error', ({ message }) => {
    works.value = [];
    problem.value = `the thread that computes has failed: ${message || 'it could not be started'}`;
  });
  const local = wrap<FileSession>(worker);
  // Messages arrive in order, so this one precedes any rows.
  void local.useBackend(givenBackend);
  return local;
}
