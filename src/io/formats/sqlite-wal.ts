// SQLite databases in WAL mode. If an engine cannot open one, because there is no shared memory or the folder is read-only, a copy in the
// temporary folder is opened: without a log as a database in the older mode, otherwise by an engine with exclusive access to the copy.

import { constants } from 'node:fs';
import { chmod, copyFile, mkdtemp, open, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FormatError } from '../../errors.js';

/** Position in the header of the bytes that give the modes for writing and reading. */
const MODES_AT = 18;
const ROLLBACK = 1;
const WAL = 2;

/** True if the header says that the database is in WAL mode. */
export async function isWalDatabase(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(new Uint8Array(2), 0, 2, MODES_AT);
    return bytesRead === 2 && buffer.includes(WAL);
  } finally {
    await file.close();
  }
}

/** True if there is a log next to the database, even an empty one. */
export async function hasLog(path: string): Promise<boolean> {
  return (await stat(`${path}-wal`).catch(() => undefined)) !== undefined;
}

/** A copy of a database. */
export interface DatabaseCopy {
  readonly path: string;
  /** True if it has a log, which must be merged into the copy before it is opened. */
  readonly hasLog: boolean;
  remove(): Promise<void>;
}

/** Copies the WAL database at `path` with its log. Throws FormatError if another program writes to it meanwhile. */
export async function copyWalDatabase(path: string): Promise<DatabaseCopy> {
  const folder = await mkdtemp(join(tmpdir(), 'allpairs-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const before = await stateOf(path);
    const copy = join(folder, 'copy.db');
    await copyWritable(path, copy);
    const hasLog = before.log !== undefined && before.log.size > 0;
    if (hasLog) await copyWritable(`${path}-wal`, `${copy}-wal`);
    if (JSON.stringify(await stateOf(path)) !== JSON.stringify(before)) {
      throw new FormatError(path, 'whole', 'another program wrote to the database while it was copied', {
        advice: 'run the command again',
      });
    }
    if (!hasLog) await setModes(copy);
    return { path: copy, hasLog, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** The copy inherits the permissions of the file, which may be read-only. */
async function copyWritable(from: string, to: string): Promise<void> {
  await copyFile(from, to, constants.COPYFILE_FICLONE);
  await chmod(to, 0o600);
}

async function setModes(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.write(Uint8Array.of(ROLLBACK, ROLLBACK), 0, 2, MODES_AT);
  } finally {
    await file.close();
  }
}

async function stateOf(path: string) {
  const [database, log] = await Promise.all([stat(path), stat(`${path}-wal`).catch(() => undefined)]);
  return {
    database: { size: database.size, changed: database.mtimeMs },
    log: log && { size: log.size, changed: log.mtimeMs },
  };
}
