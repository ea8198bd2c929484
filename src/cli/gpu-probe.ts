// Looks for GPUs in another process, because graphics drivers print warnings to stderr, and a faulty one may end the process.

import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { type BackendInfo, type BackendName, cosineSimilarity, runtimeInfo, UnsupportedError } from '../index.js';
import { printJson } from './output.js';

/** Set for that process: the backends to look for. */
const GPU_PROBE = 'ALLPAIRS_GPU_PROBE';

/** Looks for these backends; returns nothing if the other process ended without an answer. */
export async function probeGpus(names: readonly BackendName[]): Promise<BackendInfo[]> {
  const command = [...process.execArgv, process.argv[1] as string, 'info'];
  const env = { ...process.env, [GPU_PROBE]: names.join() };
  try {
    const { stdout } = await promisify(execFile)(process.execPath, command, { env });
    return JSON.parse(stdout) as BackendInfo[];
  } catch {
    return [];
  }
}

/** In that process, prints what it finds and returns true. */
export async function answerProbe(): Promise<boolean> {
  const names = process.env[GPU_PROBE]?.split(',') as BackendName[] | undefined;
  if (!names) return false;
  // runtimeInfo does not wait for a GPU; it knows the outcome after a call has looked for one.
  for (const backend of names) await cosineSimilarity([[1]], { backend }).catch(() => {});
  printJson(runtimeInfo().backends.filter(({ name }) => names.includes(name)));
  return true;
}

/** Throws UnsupportedError if a call would look for a GPU in vain. Only without a driver, so that other calls need not wait. */
export async function refuseWithoutDriver(named: BackendName | undefined): Promise<void> {
  const backend = named ?? runtimeInfo().backend;
  if (!backend.startsWith('webgpu') || process.platform !== 'linux' || hasVulkanDriver()) return;
  const [found] = await probeGpus([backend]);
  if (found && !found.available) {
    throw new UnsupportedError(`backend '${backend}' cannot run here: ${found.description}`);
  }
}

/** Whether one of the folders where Linux keeps descriptions of Vulkan drivers has any. */
function hasVulkanDriver(): boolean {
  const { VK_DRIVER_FILES, VK_ICD_FILENAMES, XDG_DATA_HOME, XDG_DATA_DIRS } = process.env;
  const files = VK_DRIVER_FILES ?? VK_ICD_FILENAMES;
  if (files !== undefined) return files.split(':').some((file) => file.endsWith('.json'));
  const shared = (XDG_DATA_DIRS ?? '/usr/local/share:/usr/share').split(':');
  const folders = ['/etc', '/usr/local/etc', XDG_DATA_HOME ?? join(homedir(), '.local/share'), ...shared];
  return folders.some((folder) => {
    try {
      return readdirSync(join(folder, 'vulkan/icd.d')).length > 0;
    } catch {
      return false;
    }
  });
}
