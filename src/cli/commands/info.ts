import { type RuntimeInfo, runtimeInfo } from '../../index.js';
import { answerProbe, probeGpus } from '../gpu-probe.js';
import { bold, dim, formatTable, green, print, printJson, wantsJson, yellow } from '../output.js';

/** `allpairs info`: what runs here, and why the rest does not. */
export async function runInfo(version: string, options: { json?: boolean }): Promise<void> {
  if (await answerProbe()) return;
  const found = runtimeInfo();
  // Also the one on the processor, if the environment names it.
  const onGpu = await probeGpus(found.backend === 'webgpu-software' ? ['webgpu', 'webgpu-software'] : ['webgpu']);
  const backends = found.backends.map((backend) => onGpu.find(({ name }) => name === backend.name) ?? backend);
  const info = { ...found, backends };
  if (wantsJson(options)) printJson({ version, ...info });
  else printForPeople(version, info);
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
