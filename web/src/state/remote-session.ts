// A session in the command, with the same calls as the session in the page's own thread. Each call is a request and ends with it.

import type { PageCall, Reply } from '../compute/calls.js';
import { decode, encode, messagesIn } from '../compute/wire.js';

/** Identifies the page to the command. */
const page = crypto.randomUUID();

/** Calls a method of the session that answers at `address`, which is relative to the page. */
export async function ask(address: string, method: PageCall['method'], args: readonly unknown[]): Promise<unknown> {
  const url = new URL(address, document.baseURI);
  const call: PageCall = { page, method, args };
  const answer = await fetch(url, { method: 'POST', body: encode(call) }).catch(() => {
    throw new Error('the command does not answer; is it still running?');
  });
  if (!answer.ok || !answer.body) throw new Error(`the command answered ${answer.status} to ${call.method}; reload the page`);
  const callbacks = call.args.filter((argument) => typeof argument === 'function');
  for await (const message of messagesIn(answer.body)) {
    const reply = decode(message) as Reply;
    if ('error' in reply) throw new Error(reply.error);
    if ('result' in reply) return reply.result;
    callbacks[reply.callback]?.(...reply.args);
  }
  throw new Error('the command ended its answer early; is it still running?');
}
