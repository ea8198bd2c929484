// A one-node Slurm on this machine for the duration of a test, with all its files in one folder: munged, slurmctld and slurmd run in
// the foreground as the current user, without systemd, cgroups or a database.

import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { WAIT_MS } from '../limits.js';

const exec = promisify(execFile);

const PROGRAMS = ['munged', 'slurmctld', 'slurmd', 'sbatch', 'sinfo', 'squeue', 'scancel'];

/** The daemons are outside the PATH of users other than root. */
const PATH = `${process.env.PATH}:/usr/sbin:/sbin`;

/** Daemons that do not end within this time are killed, and no test waits for them. */
const STOP_DEADLINE_MS = 5_000;

/** Why Slurm is unavailable; REQUIRE_SLURM makes that an error. */
export const missing = whatIsMissing();
if (missing && process.env.REQUIRE_SLURM) throw new Error(`Slurm is required: ${missing}`);

/** For the title of skipped tests. */
export const skipped = missing ? ` (skipped: ${missing})` : '';

function whatIsMissing(): string | undefined {
  const absent = PROGRAMS.filter((name) => spawnSync(name, ['--version'], { env: { PATH }, timeout: WAIT_MS }).error);
  return absent.length ? `no ${absent.join(', ')}` : undefined;
}

export interface Slurm {
  /** Environment that connects sbatch and the other commands to this Slurm. */
  readonly env: NodeJS.ProcessEnv;
  /** Cancels running jobs and stops the daemons. The folder stays. */
  stop(): Promise<void>;
}

/** Starts Slurm with its files in `folder`, an absolute path, which is created. Resolves when the node accepts jobs. */
export async function startSlurm(folder: string): Promise<Slurm> {
  for (const name of ['', 'state', 'spool']) await mkdir(join(folder, name), { recursive: true, mode: 0o755 });
  const [controllerPort, nodePort] = await freePorts(2);
  await writeFile(join(folder, 'munge.key'), randomBytes(1024), { mode: 0o600 });
  await writeFile(join(folder, 'slurm.conf'), configuration(folder, controllerPort as number, nodePort as number));
  const env = { ...process.env, PATH, SLURM_CONF: join(folder, 'slurm.conf') };

  const daemons: ChildProcess[] = [];
  const start = (name: string, args: readonly string[]) => {
    const log = openSync(join(folder, `${name}.log`), 'a');
    daemons.push(spawn(name, args, { env, cwd: folder, stdio: ['ignore', log, log] }));
    closeSync(log);
  };
  const stop = async () => {
    await cancelAll(env).catch(() => {});
    // One after another: while the others end, they still need credentials from munged, the first.
    for (const daemon of daemons.reverse()) await end(daemon);
  };

  const files = { socket: 'munge.sock', 'key-file': 'munge.key', 'pid-file': 'munged.pid', 'seed-file': 'munge.seed' };
  try {
    // --force permits a folder below a world-writable one such as /tmp.
    start('munged', [
      '--foreground',
      '--force',
      ...Object.entries(files).map(([key, file]) => `--${key}=${join(folder, file)}`),
    ]);
    start('slurmctld', ['-D']);
    start('slurmd', ['-D', '-N', 'node']);
    await untilIdle(env, daemons);
  } catch (cause) {
    await stop();
    const logs = ['munged', 'slurmctld', 'slurmd'].map((name) => readFile(join(folder, `${name}.log`), 'utf8').catch(() => ''));
    throw new Error(`Slurm does not start:\n${(await Promise.all(logs)).join('\n')}`, { cause });
  }
  return { env, stop };
}

/** The node claims more processors and memory than it has, so that requests made for a cluster are granted. */
function configuration(folder: string, controllerPort: number, nodePort: number): string {
  const user = userInfo().username;
  return `
ClusterName=test
SlurmctldHost=${hostname()}(127.0.0.1)
SlurmctldPort=${controllerPort}
SlurmUser=${user}
SlurmdUser=${user}
AuthType=auth/munge
AuthInfo=socket=${folder}/munge.sock
StateSaveLocation=${folder}/state
SlurmdSpoolDir=${folder}/spool
SlurmctldPidFile=${folder}/slurmctld.pid
SlurmdPidFile=${folder}/slurmd.pid

# What would need cgroups, a database, MPI or mail.
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
MpiDefault=none
MailProg=/bin/true

# Jobs start at once. With MinJobAge 0 ended jobs are kept, and sbatch --wait looks every two seconds instead of ever less often.
SchedulerType=sched/builtin
SchedulerParameters=batch_sched_delay=0,sched_interval=1
MinJobAge=0

SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
DefMemPerCPU=1000
SlurmdParameters=config_overrides
NodeName=node NodeHostname=${hostname()} NodeAddr=127.0.0.1 Port=${nodePort} CPUs=64 RealMemory=1000000
PartitionName=all Nodes=node Default=YES MaxTime=INFINITE State=UP
`;
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  return servers.map((server) => {
    const address = server.address();
    server.close();
    return typeof address === 'object' && address ? address.port : 0;
  });
}

async function untilIdle(env: NodeJS.ProcessEnv, daemons: readonly ChildProcess[]): Promise<void> {
  const failed = Promise.race(
    daemons.map(async (daemon) => {
      const [code, signal] = await once(daemon, 'exit');
      throw new Error(`${daemon.spawnfile} ended (${signal ?? code})`);
    }),
  );
  // Daemons that end later have been stopped, which is not a failure.
  failed.catch(() => {});
  const deadline = Date.now() + WAIT_MS;
  for (;;) {
    const state = exec('sinfo', ['--noheader', '--format=%T'], { env, timeout: WAIT_MS }).then(
      ({ stdout }) => stdout.trim(),
      (error) => String(error.stderr || error.message),
    );
    const now = await Promise.race([state, failed]);
    if (now === 'idle') return;
    if (Date.now() > deadline) throw new Error(`the node is not idle after ${WAIT_MS / 1000} s: ${now}`);
    await Promise.race([sleep(100), failed]);
  }
}

/** Their processes are not children of the daemons, and would survive them. */
async function cancelAll(env: NodeJS.ProcessEnv): Promise<void> {
  const options = { env, timeout: STOP_DEADLINE_MS };
  await exec('scancel', [`--user=${userInfo().username}`], options);
  const deadline = Date.now() + STOP_DEADLINE_MS;
  while (Date.now() < deadline && (await exec('squeue', ['--noheader'], options)).stdout.trim()) await sleep(100);
}

async function end(daemon: ChildProcess): Promise<void> {
  if (daemon.exitCode !== null || daemon.signalCode !== null || daemon.pid === undefined) return;
  const exited = once(daemon, 'exit');
  daemon.kill('SIGTERM');
  const killing = globalThis.setTimeout(() => daemon.kill('SIGKILL'), STOP_DEADLINE_MS);
  await exited;
  clearTimeout(killing);
}
