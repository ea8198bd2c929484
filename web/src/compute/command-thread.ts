/// <reference types="node" />
// The thread of the command that computes for pages with too many rows for a browser: a session for each of them.

import { parentPort, workerData } from 'node:worker_threads';
import { checkCall, type PageCall, type Reply } from './calls.js';
import { Session } from './session.js';
import { decode, encode } from './wire.js';

/** Number of pages with their own state. If there are more, those that have been silent longest are forgotten. */
const MAX_PAGES = 32;
/** Minimum interval between progress reports. */
const PROGRESS_MS = 100;

const { data, shape, nonFinite, compared, othersFrom } = workerData;
const opened = new Session();
await opened.take(data, shape, nonFinite, othersFrom);
if (compared) await opened.takeCompared(compared.data, compared.shape);
const { rows } = opened.facts();
const pages = new Map<string, Session>();
/** Active calls that the page has cancelled. */
const ended = new Set<number>();

function sessionOf(page: string): Session {
  const session = pages.get(page) ?? opened.another();
  // The map is ordered by use; the last used page is the last entry.
  pages.delete(page);
  pages.set(page, session);
  for (const known of pages.keys()) {
    if (pages.size <= MAX_PAGES) break;
    pages.delete(known);
  }
  return session;
}

/** Undefined if the bytes are not a call. */
function callIn(body: Uint8Array, number: number): PageCall | undefined {
  try {
    return checkCall(
      decode(body, (callback) => callbackTo(number, callback)),
      rows,
    );
  } catch {
    return undefined;
  }
}

/** Returns a function that replies to the page. It throws if the page has cancelled the call, which ends the work that calls it. */
function callbackTo(call: number, callback: number): (...args: unknown[]) => void {
  let told = 0;
  return (...args) => {
    if (ended.has(call)) throw new Error('the page has given this up');
    const isProgress = typeof args[0] === 'number';
    if (isProgress && performance.now() - told < PROGRESS_MS) return;
    told = performance.now();
    reply(call, { callback, args }, false);
  };
}

function reply(call: number, message: Reply, last: boolean): void {
  const bytes = encode(message);
  parentPort?.postMessage({ call, bytes, last }, [bytes.buffer]);
}

async function answer(call: number, body: Uint8Array): Promise<void> {
  const asked = callIn(body, call);
  if (!asked) {
    parentPort?.postMessage({ call, bytes: undefined, last: true });
    return;
  }
  try {
    const session = sessionOf(asked.page);
    const method = session[asked.method] as (...args: unknown[]) => unknown;
    // JSON cannot represent undefined.
    reply(call, { result: (await method.apply(session, [...asked.args])) ?? null }, true);
  } catch (error) {
    reply(call, { error: error instanceof Error ? error.message : String(error) }, true);
  } finally {
    ended.delete(call);
  }
}

const underWay = new Set<number>();

parentPort?.on('message', ({ call, body }: { readonly call: number; readonly body: Uint8Array | undefined }) => {
  if (!body) {
    if (underWay.has(call)) ended.add(call);
    return;
  }
  underWay.add(call);
  void answer(call, body).finally(() => underWay.delete(call));
});
