// What a job is, in one JSON object. It has a checksum of all else, as one wrong digit would be another question; and what it says is
// looked at before anything is allocated for it.

import { createHash } from 'node:crypto';
import { FormatError } from '../../errors.js';
import type { DType } from '../../rows/dtype.js';
import { bytesOfElement } from '../../rows/element-type.js';
import { BACKEND_NAMES, type BackendName } from '../../types.js';
import type { RowPlace } from './row-place.js';
import { pairsOfShard, type Shard } from './shards.js';
import { chunkBytesFor } from './verified-bytes.js';

/** What a job computes. */
export type Question =
  | { readonly kind: 'topk'; readonly k: number }
  | { readonly kind: 'pairs'; readonly threshold: number }
  | { readonly kind: 'matrix' };

export interface JobManifest {
  readonly allpairs: string;
  /** Of this job and no other: whoever has a part knows whether it belongs here. */
  readonly id: string;
  readonly question: Question;
  readonly dtype: DType;
  /** Which kernels compute, on every machine, and what they make of a few numbers: others round otherwise. */
  readonly backend: BackendName;
  readonly fingerprint: string;
  readonly x: RowPlace;
  /** Undefined where x is compared with itself. */
  readonly y?: RowPlace | undefined;
  /** [rowStart, rowEnd, colStart, colEnd] of each. */
  readonly shards: readonly (readonly [number, number, number, number])[];
}

export function encodeManifest(manifest: JobManifest): Uint8Array {
  return Buffer.from(`${JSON.stringify({ sha256: digestOf(manifest), ...manifest })}\n`);
}

/** Throws FormatError, for `name`, where this is no manifest, or a damaged one. */
export function decodeManifest(bytes: Uint8Array, name: string): JobManifest {
  const damaged = (what: string) => new FormatError(name, 0, `damaged: ${what}`);
  let parsed: { readonly sha256?: unknown } | null;
  try {
    parsed = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    throw damaged('no JSON');
  }
  if (typeof parsed !== 'object' || parsed?.sha256 === undefined) throw new FormatError(name, 0, 'this is no job of allpairs');
  const { sha256, ...manifest } = parsed;
  if (sha256 !== digestOf(manifest)) throw damaged('its checksum is wrong');
  const wrong = whatIsWrong(manifest as unknown as JobManifest);
  if (wrong) throw damaged(wrong);
  return manifest as unknown as JobManifest;
}

function digestOf(manifest: unknown): string {
  return createHash('sha256').update(JSON.stringify(manifest)).digest('hex');
}

const KINDS: Readonly<Record<string, (question: never) => boolean>> = {
  topk: ({ k }: { k: unknown }) => isCount(k) && k > 0,
  pairs: ({ threshold }: { threshold: unknown }) => typeof threshold === 'number' && threshold >= -1 && threshold <= 1,
  matrix: () => true,
};

function whatIsWrong({ id, question, dtype, backend, x, y, shards }: JobManifest): string | undefined {
  if (typeof id !== 'string' || !/^[0-9a-f]{16}$/.test(id)) return 'no id';
  if (!Object.hasOwn(KINDS, question?.kind) || !KINDS[question.kind]?.(question as never)) return 'no question';
  if (dtype !== 'float32' && dtype !== 'float64') return 'no element type';
  if (!BACKEND_NAMES.includes(backend)) return 'no backend';
  if (!isPlace(x) || (y !== undefined && !isPlace(y))) return 'no place of rows';
  if (y && y.layout.depth !== x.layout.depth) return 'rows of two lengths';
  if (!Array.isArray(shards) || !shards.every((shard) => Array.isArray(shard) && shard.length === 4 && shard.every(isCount))) {
    return 'no shards';
  }
  return coversAll(shards, x.layout.rows, y?.layout.rows) ? undefined : 'its shards are not all of the work';
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isPlace(place: RowPlace | undefined): boolean {
  if (typeof place?.name !== 'string' || typeof place.within !== 'boolean' || !isCount(place.bytes)) return false;
  const { rows, depth, type, offset, rowBytes } = place.layout ?? {};
  if (![rows, depth, offset, rowBytes].every(isCount) || typeof place.sums?.name !== 'string') return false;
  let rowLength: number;
  try {
    rowLength = depth * bytesOfElement(type);
  } catch {
    return false;
  }
  const end = offset + Math.max(0, rows - 1) * rowBytes + (rows > 0 ? rowLength : 0);
  return rowBytes >= rowLength && end <= place.bytes && place.chunkBytes === chunkBytesFor(place.bytes);
}

function coversAll(shards: JobManifest['shards'], rows: number, others: number | undefined): boolean {
  const symmetric = others === undefined;
  const cols = others ?? rows;
  let pairs = 0;
  for (const [rowStart, rowEnd, colStart, colEnd] of shards) {
    const shard: Shard = { rowStart, rowEnd, colStart, colEnd };
    if (rowStart >= rowEnd || colStart >= colEnd || rowEnd > rows || colEnd > cols) return false;
    if (symmetric && colStart < rowEnd && !(colStart === rowStart && colEnd >= rowEnd)) return false;
    pairs += pairsOfShard(shard, symmetric);
  }
  const all = symmetric ? (rows * (rows + 1)) / 2 : rows * cols;
  // Of very many rows neither is a whole number any more.
  return Math.abs(pairs - all) <= all * 1e-12;
}
