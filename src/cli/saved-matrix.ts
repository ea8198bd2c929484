// Writes the whole matrix to a file, block by block, so that another process can continue after the last recorded block.

import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { type MatrixBlock, streamMatrix } from '../index.js';
import type { ByteSource } from '../io/bytes/byte-source.js';
import { openBytes } from '../io/bytes/file-bytes.js';
import { type BlockPlace, bytesOfMatrix, createMatrixFile, MatrixFileWriter, type WrittenBlock } from '../io/matrix-file.js';
import { checkNpzSize, writeNpz } from '../io/rows/npz-file.js';
import { joinSummaries, NO_SCORES, type ScoreSummary } from '../io/runs/score-summary.js';
import type { WorkFolder } from '../io/runs/work-folder.js';
import type { BlockPartOptions } from '../part-options.js';
import { type Call, dtypeFor, scoreType } from './call.js';
import { formatBytes } from './output.js';
import type { SavedRun } from './saved-run.js';
import { writtenBlocks } from './scores.js';

const MATRIX = 'matrix.npy';
const BLOCK = 'block-';

/** A block that has been written. */
interface NotedBlock extends WrittenBlock {
  readonly index: number;
  readonly place: BlockPlace;
}

/** Writes the output of `run`, a .npy or .npz file; returns a summary of its scores. */
export async function writeMatrix(run: SavedRun, call: Call): Promise<ScoreSummary> {
  const { x, y, options } = call;
  const { folder } = run;
  const file = { path: folder.at(MATRIX), dtype: dtypeOf(call), rows: x.rows, cols: (y ?? x).rows, symmetric: !y };
  const isThere = existsSync(file.path);
  // If the file is missing, it was moved into place just before the process ended. Computing it again gives the same file.
  const noted = isThere ? await notedBlocks(folder) : new Map<number, NotedBlock>();
  const bytes = bytesOfMatrix(file);
  if (isNpz(folder)) checkNpzSize(folder.output, bytes);
  if (!isThere) await checkSpace(folder, isNpz(folder) ? 2 * bytes : bytes);
  const writer = new MatrixFileWriter(await createMatrixFile(file, isThere));
  try {
    await forgetDamaged(noted, writer, options.signal);
    const blockRows = run.plan.blockRows as number;
    const part: BlockPartOptions = { skip: (index) => noted.has(index) };
    for await (const block of writtenBlocks(streamMatrix(x, y, { ...options, ...part, blockRows }), call.distance)) {
      const written = await writeBlock(block, writer);
      await folder.writeJson(`${BLOCK}${String(block.index).padStart(9, '0')}.json`, written);
      run.noteProgress();
      noted.set(block.index, written);
    }
    await writer.sync();
  } finally {
    await writer.close();
    await call.finish();
  }
  await moveToOutput(run, call, bytes);
  const inOrder = Array.from(noted.values()).sort((a, b) => a.index - b.index);
  return inOrder.reduce((sum, { summary }) => joinSummaries(sum, summary), NO_SCORES);
}

export function dtypeOf(call: Call): 'float32' | 'float64' {
  return dtypeFor(call.x, call.y, call.options.dtype);
}

async function writeBlock({ index, row, col, matrix, mirrored }: MatrixBlock, writer: MatrixFileWriter): Promise<NotedBlock> {
  const [rows, cols] = matrix.shape;
  const place = { row, col, rows, cols, mirrored };
  return { index, place, ...(await writer.write({ ...place, scores: matrix.data.buffer })) };
}

async function notedBlocks(folder: WorkFolder): Promise<Map<number, NotedBlock>> {
  const noted = new Map<number, NotedBlock>();
  for (const name of await folder.list(BLOCK)) {
    const block = (await folder.readJson(name)) as NotedBlock;
    noted.set(block.index, block);
  }
  return noted;
}

/** Forgets blocks that the disk has lost, so that they are computed again. */
async function forgetDamaged(
  noted: Map<number, NotedBlock>,
  writer: MatrixFileWriter,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (const { index, place, checksum } of noted.values()) {
    signal?.throwIfAborted();
    if ((await writer.checksumOf(place)) !== checksum) noted.delete(index);
  }
}

/** Checks the free space before the work starts, because the file begins as a hole, which fits on any disk. */
async function checkSpace({ path, output }: WorkFolder, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(path);
  if (bytes <= bavail * bsize) return;
  const message = `${output}: the disk is too full (ENOSPC): needs ${formatBytes(bytes)}, has ${formatBytes(bavail * bsize)} free`;
  throw Object.assign(new Error(message), { code: 'ENOSPC', syscall: 'statfs' });
}

/** Moves the finished matrix to the output, unchanged or inside a .npz. */
async function moveToOutput(run: SavedRun, call: Call, bytes: number): Promise<void> {
  const { folder } = run;
  if (!isNpz(folder)) return run.finishWith(MATRIX);
  const source = await openBytes(folder.at(MATRIX));
  const { x, y, options } = call;
  const shape = [x.rows, (y ?? x).rows];
  try {
    await run.finish((file) =>
      writeNpz(
        file,
        folder.output,
        [
          {
            name: call.distance ? 'distances' : 'scores',
            type: scoreType(call),
            shape,
            content: () => lastBytes(source, bytes),
          },
        ],
        options.signal,
      ),
    );
  } finally {
    await source.close();
  }
}

function isNpz({ output }: WorkFolder): boolean {
  return output.toLowerCase().endsWith('.npz');
}

const PIECE_BYTES = 2 ** 24;

async function* lastBytes(source: ByteSource, length: number): AsyncGenerator<Uint8Array> {
  for (let at = source.size - length; at < source.size; at += PIECE_BYTES) {
    yield await source.read(at, Math.min(PIECE_BYTES, source.size - at));
  }
}
