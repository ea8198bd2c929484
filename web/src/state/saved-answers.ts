// The session of a report: answers that it holds. Others come from a thread, which reads the rows when it is asked for the first time.

import type { Remote } from 'comlink';
import type { PageData } from '../../../src/cli/view/page-data.js';
import type { CallName } from '../compute/calls.js';
import type { FileSession } from '../compute/file-session.js';
import { rowsOfNpy } from '../compute/npy-bytes.js';
import { callKey, type SavedResults } from '../compute/results.js';
import * as answers from './answers.js';
import { readResults, readSource } from './source.js';
import { working } from './working.js';

type Given = Pick<PageData, 'source' | 'name' | 'nonFinite'>;
type Method = (...args: readonly unknown[]) => Promise<unknown>;

/** Calls a method. `start` starts the thread. */
export async function ask(
  start: () => Remote<FileSession>,
  given: Given,
  method: CallName,
  args: readonly unknown[],
): Promise<unknown> {
  known ??= readResults().then((saved) => new Results(saved as SavedResults));
  const results = await known;
  const key = callKey(method, args);
  if (results.answers.has(key)) return results.answers.get(key);
  if (method === 'elementsOf') return (args[0] as readonly number[]).map(await elements(given));
  // Not what a promise resolves to: anything may be asked of a session, and so also `then`.
  session ??= start();
  opening ??= open(session, given, results);
  await opening;
  return (session[method] as unknown as Method)(...args);
}

class Results {
  readonly answers: ReadonlyMap<string, unknown>;
  readonly permutation: Uint32Array | null;

  constructor({ answers, permutation }: SavedResults) {
    this.answers = new Map(answers.map(({ method, args, result }) => [callKey(method, args), result]));
    this.permutation = permutation;
  }
}

let known: Promise<Results> | undefined;
let session: Remote<FileSession> | undefined;
let opening: Promise<void> | undefined;
let bytes: Promise<Uint8Array<ArrayBuffer>> | undefined;

function open(thread: Remote<FileSession>, { source, name, nonFinite }: Given, { permutation }: Results): Promise<void> {
  return working(`Reading ${name}`, async () => {
    bytes ??= readSource(source);
    answers.facts.value = await thread.openNpy(await bytes, name, nonFinite, null);
    await thread.orderRows(permutation);
  });
}

/** Rows that are pictures need no thread. */
async function elements({ source }: Given): Promise<(row: number) => Float32Array> {
  bytes ??= readSource(source);
  const { data, shape } = rowsOfNpy(await bytes);
  return (row) => Float32Array.from(data.subarray(row * shape[1], (row + 1) * shape[1]));
}
