import { execFile } from 'node:child_process';
import process from 'node:process';
import { promisify } from 'node:util';
import { type BackendInfo, cosineSimilarity, type RuntimeInfo, runtimeInfo } from '../../index.js';
import { bold, dim, formatTable, green, print, printJson, wantsJson, yellow } from '../output.js';

/** Set for the child process that looks for a GPU. */
const GPU_PROBE = 'ALLPAIRS_GPU_PROBE';

/** `allpairs info`: what runs here, and why the rest does not. */
export async function runInfo(version: string, options: { json?: boolean }): Promise<void> {
  if (process.env[GPU_PROBE]) return printGpus();
  const onGpu = await findGpus();
  const found = runtimeInfo();
  const backends = found.backends.map((backend) => onGpu.find(({ name }) => name === backend.name) ?? backend);
  const info = { ...found, backends };
  if (wantsJson(options)) printJson({ version, ...info });
  else printForPeople(version, info);
}

/** Looks for a GPU in another process, because drivers print warnings to stderr, and a faulty one may end the process. */
async function findGpus(): Promise<BackendInfo[]> {
  const command = [...process.execArgv, process.argv[1] as string, 'info'];
  try {
    const { stdout } = await promisify(execFile)(process.execPath, command, { env: { ...process.env, [GPU_PROBE]: '1' } });
    return JSON.parse(stdout) as BackendInfo[];
  } catch {
    return [];
  }
}

/** Prints what `webgpu` is here, and `webgpu-software` where the environment names it. */
async function printGpus(): Promise<void> {
  const sought: BackendInfo['name'][] = ['webgpu'];
  if (runtimeInfo().backend === 'webgpu-software') sought.push('webgpu-software');
  // runtimeInfo does not wait for a GPU; it knows the outcome after a call has looked for one.
  for (const backend of sought) await cosineSimilarity([[1]], { backend }).catch(() => {});
  printJson(runtimeInfo().backends.filter(({ name }) => sought.includes(name)));
}

function printForPeople(version: string, info: RuntimeInfo): void {
  print(`${bold('allpairs')} ${version}`);
  print('');
  const facts = [
    ['runtime', `${info.runtime} on ${info.architecture}`],
    ['cores', `${info.cores}`],
    ['threads', info.threadRefusal ? `no: ${info.threadRefusal}` : 'yes'],
  ];
  print(
    formatTable(
      facts.map(([name, value]) => [dim(name as string), value as string]),
      ['left', 'left'],
    ),
  );
  print('');
  // Of the backends that must be named, those that are available and the one that is chosen; and why there is no GPU.
  const isShown = (name: string) => name === 'webgpu' || name === info.backend;
  const shown = info.backends.filter(({ name, available, byName }) => available || !byName || isShown(name));
  const rows = shown.map(({ name, available, description, byName }) => [
    name === info.backend ? green('*') : ' ',
    bold(name),
    available ? green('yes') : yellow('no'),
    description + (byName ? dim(' (only by name)') : ''),
  ]);
  print(formatTable(rows, ['left', 'left', 'left', 'left']));
  print(dim('\n* chosen where no backend is named'));
}
