/// <reference types="node" />
// The thread of the command that computes for pages with too many rows for a browser: a session for each of them.

import { parentPort, workerData } from 'node:worker_threads';
import { checkCall, type PageCall, type Reply } from './calls.js';
import { Session } from './session.js';
import { decode, encode } from './wire.js';

/** Pages that are known at once; of more, those that have been silent longest are forgotten. */
const MAX_PAGES = 32;
/** Progress is told no more often. */
const PROGRESS_MS = 100;

const { data, shape, nonFinite } = workerData;
const opened = new Session();
await opened.take(data, shape, nonFinite);
const { rows } = opened.facts();
const pages = new Map<string, Session>();
/** Calls under way that the page has given up. */
const ended = new Set<number>();

function sessionOf(page: string): Session {
  const session = pages.get(page) ?? opened.another();
  // The last used are the last in the map.
  pages.delete(page);
  pages.set(page, session);
  for (const known of pages.keys()) {
    if (pages.size <= MAX_PAGES) break;
    pages.delete(known);
  }
  return session;
}

/** Undefined where the bytes are no call. */
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

/** A function that replies to the page. It throws where the page has given up, which ends the work that calls it. */
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
    // JSON has no undefined.
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
