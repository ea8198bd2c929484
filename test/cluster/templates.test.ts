// The templates of examples/cluster, as far as one machine can run them: the Slurm template on a one-node Slurm, the commands of the
// others once per index, as Kubernetes and AWS Batch would start them.

import { execFile } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { writeNpy } from '../../src/io/rows/npy-file.js';
import { Matrix } from '../../src/rows/dense-matrix.js';
import { WAIT_MS } from '../limits.js';
import { randomRows } from '../random.js';
import { missing, type Slurm, skipped, startSlurm } from './slurm.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TEMPLATES = join(ROOT, 'examples/cluster');
const SHARDS = 4;

const template = (name: string): string => readFileSync(join(TEMPLATES, name), 'utf8');
const script = template('slurm-array.sh');
const kubernetes = parse(template('kubernetes-indexed-job.yaml'));
const definition = JSON.parse(template('aws-batch-job-definition.json'));
const submission = JSON.parse(template('aws-batch-array.json'));

let base: string;
beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), 'allpairs-cluster-'));
});
afterAll(() => rmSync(base, { recursive: true }));

/** Makes `npx allpairs` work in the folder as if allpairs were installed there. */
function installAllpairs(folder: string): void {
  const installed = join(folder, 'node_modules/allpairs');
  mkdirSync(join(folder, 'node_modules/.bin'), { recursive: true });
  symlinkSync(ROOT, installed);
  symlinkSync('../allpairs/dist/cli/main.js', join(folder, 'node_modules/.bin/allpairs'));
}

/** This Node first, npx without network access, and no settings from an npm that runs this test, which would look in the repository. */
function environment(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(npm_|INIT_CWD|SLURM_)/i.test(name));
  return {
    ...Object.fromEntries(inherited),
    npm_config_offline: 'true',
    npm_config_cache: join(base, 'npm'),
    npm_config_update_notifier: 'false',
    ...more,
    PATH: `${dirname(process.execPath)}:${more.PATH ?? process.env.PATH}`,
  };
}

/** Exit code and output of a command in the folder. */
function run(
  folder: string,
  command: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<{ code: number; output: string }> {
  const [file, ...args] = command as [string, ...string[]];
  return new Promise((resolve) => {
    execFile(file, args, { cwd: folder, env: environment(env), timeout: WAIT_MS }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code ?? -1) : 0, output: `${stdout}${stderr}` });
    });
  });
}

/** A folder like a user's: allpairs, and 400 x 32 random rows. */
async function newFolder(name: string): Promise<string> {
  const folder = join(base, name);
  mkdirSync(folder);
  installAllpairs(folder);
  const { data, shape } = randomRows(400, 32);
  await writeNpy(join(folder, 'embeddings.npy'), new Matrix(data, shape));
  return folder;
}

async function allpairs(folder: string, ...args: string[]): Promise<string> {
  const { code, output } = await run(folder, ['npx', 'allpairs', ...args]);
  expect(code, output).toBe(0);
  return output;
}

const plan = (folder: string) =>
  allpairs(folder, 'plan', 'embeddings.npy', '--top-k', '10', '--shards', `${SHARDS}`, '-o', 'job/');
const status = (folder: string) => allpairs(folder, 'status', 'job/');
const merge = (folder: string) => allpairs(folder, 'merge', 'job/', '-o', 'nearest.parquet');

/** The manifest of the only job. */
function partsFolder(folder: string): string {
  const [id = ''] = readdirSync(join(folder, 'job/parts'));
  return join(folder, 'job/parts', id);
}

function partNames(folder: string): string[] {
  return readdirSync(partsFolder(folder)).sort();
}
const ALL_PARTS = ['000000', '000001', '000002', '000003'];

/** Plans, runs the command of a container once for each index, all at once, and merges. */
async function runAllShards(folder: string, command: readonly string[], indexName: string, env: NodeJS.ProcessEnv = {}) {
  await plan(folder);
  expect(await status(folder)).toContain('0-3');
  const runs = Array.from({ length: SHARDS }, (_, index) => run(folder, command, { ...env, [indexName]: `${index}` }));
  for (const { code, output } of await Promise.all(runs)) expect(code, output).toBe(0);
  expect(partNames(folder)).toEqual(ALL_PARTS);
  await merge(folder);
  expect(existsSync(join(folder, 'nearest.parquet'))).toBe(true);
}

/** The value after an option in a command. */
const optionOf = (command: readonly string[], name: string) => command[command.indexOf(name) + 1] as string;

describe('the templates', () => {
  it('have as many shards as their plan', () => {
    const [, planned] = template('README.md').match(/--shards (\d+)/) as RegExpMatchArray;
    const [, fromScript] = script.match(/--shards (\d+)/) as RegExpMatchArray;
    const [, last] = script.match(/^#SBATCH --array=0-(\d+)%/m) as RegExpMatchArray;
    const counts = [fromScript, Number(last) + 1, kubernetes.spec.completions, submission.arrayProperties.size].map(Number);
    expect(counts).toEqual(counts.map(() => Number(planned)));
  });

  it('use the version of this package', () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    const named = readdirSync(TEMPLATES).flatMap((name) => template(name).match(/allpairs@[\w.-]+/g) ?? []);
    expect(named.length).toBeGreaterThan(3);
    expect(new Set(named)).toEqual(new Set([`allpairs@${version}`]));
  });
});

describe('Kubernetes', () => {
  const { spec } = kubernetes.spec.template;
  const [container] = spec.containers;

  type Variable = { name: string } & ({ value: string } | { valueFrom: { resourceFieldRef: { resource: string } } });

  /** The variables of the container, with the volume mounted at the folder. */
  function variables(folder: string): Record<string, string> {
    const [mount] = container.volumeMounts;
    const value = (variable: Variable): string => {
      if ('value' in variable) return variable.value.replace(mount.mountPath, folder);
      const [kind, name] = variable.valueFrom.resourceFieldRef.resource.split('.') as [string, string];
      return container.resources[kind][name];
    };
    return Object.fromEntries(container.env.map((variable: Variable) => [variable.name, value(variable)]));
  }

  const expand = (env: Record<string, string>): string[] =>
    container.command.map((word: string) => word.replace(/\$\((\w+)\)/g, (whole, name) => env[name] ?? whole));

  it('runs each shard in a pod', async () => {
    const folder = await newFolder('kubernetes');
    const env = variables(folder);
    await runAllShards(folder, expand(env), 'JOB_COMPLETION_INDEX', env);
  });

  it('gives the container 512 MiB more than the shard', () => {
    expect(optionOf(container.command, '--memory')).toBe(
      `${Number.parseInt(container.resources.limits.memory, 10) * 1024 - 512}MiB`,
    );
    expect(container.resources.requests).toEqual(container.resources.limits);
  });

  it('does not retry permanent failures', async () => {
    const folder = await newFolder('kubernetes-wrong');
    const right = { ...variables(folder), JOB_COMPLETION_INDEX: '0' };
    const wrongUsage = await run(folder, expand({ ...right, THREADS: 'none' }), right);
    const badInput = await run(folder, expand({ ...right, JOB: join(folder, 'nothing') }), right);
    const [rule] = kubernetes.spec.podFailurePolicy.rules;
    expect(rule.onExitCodes.containerName).toBe(container.name);
    expect([wrongUsage.code, badInput.code], wrongUsage.output + badInput.output).toEqual(rule.onExitCodes.values);
    const exits = definition.retryStrategy.evaluateOnExit.filter(({ action }: { action: string }) => action === 'EXIT');
    expect(exits.map(({ onExitCode }: { onExitCode: string }) => Number(onExitCode))).toEqual(rule.onExitCodes.values);
  });

  it('mounts the volumes that it declares', () => {
    const names = (list: { name: string }[]) => list.map(({ name }) => name);
    expect(names(container.volumeMounts)).toEqual(names(spec.volumes));
  });
});

describe('AWS Batch', () => {
  const { command, resourceRequirements } = definition.containerProperties;
  const required = (type: string) => resourceRequirements.find((entry: { type: string }) => entry.type === type).value;

  it('runs each shard as a child of the array', async () => {
    const folder = await newFolder('aws-batch');
    const parameters = { ...definition.parameters, ...submission.parameters };
    expect(Object.keys(parameters)).toEqual(['job']);
    const words = command.map((word: string) => (word === 'Ref::job' ? 'job/' : word));
    await runAllShards(folder, words, 'AWS_BATCH_JOB_ARRAY_INDEX');
  });

  it('submits the job definition that it registers', () => {
    expect(submission.jobDefinition).toBe(definition.jobDefinitionName);
  });

  it('gives the container the processors of the shard and 512 MiB more memory', () => {
    expect(optionOf(command, '--threads')).toBe(required('VCPU'));
    expect(optionOf(command, '--memory')).toBe(`${required('MEMORY') - 512}MiB`);
  });
});

describe.skipIf(missing)(`Slurm${skipped}`, () => {
  let slurm: Slurm;
  let folder: string;
  /** The commands in the comment at the top of the script: plan, submit, merge, submit again. */
  const commands = [...script.matchAll(/^# {3}(.+)$/gm)].map(([, command]) => command as string);

  beforeAll(async () => {
    slurm = await startSlurm(join(base, 'slurm'));
    folder = await newFolder('slurm-job');
    copyFileSync(join(TEMPLATES, 'slurm-array.sh'), join(folder, 'slurm-array.sh'));
  });
  afterAll(() => slurm?.stop());

  /** Runs shell lines; returns their output and that of the tasks, for the message if something is missing. */
  async function shell(...lines: string[]): Promise<string> {
    const { code, output } = await run(folder, ['bash', '-ec', lines.join('\n')], slurm.env);
    const logs = readdirSync(folder).filter((name) => name.endsWith('.out'));
    const written = [output, ...logs.map((name) => readFileSync(join(folder, name), 'utf8'))].join('\n');
    expect(code, written).toBe(0);
    return written;
  }

  it('plans a job, runs the array and merges afterwards', async () => {
    const [planning, submitting, merging, ...others] = commands as [string, string, string, string];
    expect(others).toHaveLength(1);
    // sbatch --wait counts a merge that was cancelled because a shard failed as done, so the output decides.
    const written = await shell(
      planning.replace('--shards 400', `--shards ${SHARDS}`),
      submitting.replace('sbatch', `sbatch --array=0-${SHARDS - 1}`),
      merging.replace('sbatch', 'sbatch --wait'),
    );
    expect(partNames(folder), written).toEqual(ALL_PARTS);
    expect(existsSync(join(folder, 'nearest.parquet')), written).toBe(true);
  });

  it('runs only missing shards', async () => {
    for (const index of [0, 1, 3]) rmSync(join(partsFolder(folder), ALL_PARTS[index] as string));
    expect(await status(folder)).toContain('0-1,3');
    const written = await shell((commands[3] as string).replace('sbatch --array=0-16,18', 'sbatch --wait --array=0-1,3'));
    expect(partNames(folder), written).toEqual(ALL_PARTS);
    await merge(folder);
  });
});
