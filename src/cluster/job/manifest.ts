// The manifest describes a job in one JSON object. It contains a checksum, because one wrong digit would ask another question, and its
// values are checked before they are used to allocate memory.

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
  /** Identifies this job, so that parts of another job are recognised. */
  readonly id: string;
  readonly question: Question;
  readonly dtype: DType;
  /** The kernels that every machine must use, and the fingerprint of their results, because other kernels round differently. */
  readonly backend: BackendName;
  readonly fingerprint: string;
  readonly x: RowPlace;
  /** Undefined for a self-comparison. */
  readonly y?: RowPlace | undefined;
  /** [rowStart, rowEnd, colStart, colEnd] of each shard. */
  readonly shards: readonly (readonly [number, number, number, number])[];
}

export function encodeManifest(manifest: JobManifest): Uint8Array {
  return Buffer.from(`${JSON.stringify({ sha256: digestOf(manifest), ...manifest })}\n`);
}

/** Throws FormatError, which names `name`, if `bytes` are damaged or not a manifest. */
export function decodeManifest(bytes: Uint8Array, name: string): JobManifest {
  const damaged = (what: string) => new FormatError(name, 0, `damaged: ${what}`);
  let parsed: { readonly sha256?: unknown } | null;
  try {
    parsed = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    throw damaged('it is not valid JSON');
  }
  if (typeof parsed !== 'object' || parsed?.sha256 === undefined) throw new FormatError(name, 0, 'this is not an allpairs job');
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
  if (typeof id !== 'string' || !/^[0-9a-f]{16}$/.test(id)) return 'the id is missing';
  if (!Object.hasOwn(KINDS, question?.kind) || !KINDS[question.kind]?.(question as never)) return 'the question is missing';
  if (dtype !== 'float32' && dtype !== 'float64') return 'the element type is missing';
  if (!BACKEND_NAMES.includes(backend)) return 'the backend is missing';
  if (!isPlace(x) || (y !== undefined && !isPlace(y))) return 'the location of the rows is missing';
  if (y && y.layout.depth !== x.layout.depth) return 'x and y have rows of different lengths';
  if (!Array.isArray(shards) || !shards.every((shard) => Array.isArray(shard) && shard.length === 4 && shard.every(isCount))) {
    return 'the shards are missing';
  }
  return coversAll(shards, x.layout.rows, y?.layout.rows) ? undefined : 'its shards do not cover all the work';
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
  // For very many rows, neither number is an exact integer.
  return Math.abs(pairs - all) <= all * 1e-12;
}
