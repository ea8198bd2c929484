// Runs the command line as a process.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

export const MAIN: string = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

export interface Run {
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

export interface RunOptions {
  readonly input?: Uint8Array;
  readonly terminal?: boolean;
  readonly env?: Record<string, string>;
  /** Called when the process has started. */
  readonly onStart?: (child: ChildProcess) => void;
}

/** The arguments of `script` that run a command on a pseudo-terminal. Without `exec`, Ctrl-C would also end a shell between them. */
export function onTerminal(command: readonly string[]): string[] {
  return ['-qec', `exec ${command.map((word) => `'${word}'`).join(' ')}`, '/dev/null'];
}

/** Runs the command with pipes, or on a pseudo-terminal. */
export async function run(args: readonly string[], options: RunOptions = {}): Promise<Run> {
  const command = [process.execPath, MAIN, ...args];
  const env = { ...process.env, NO_COLOR: '', FORCE_COLOR: undefined, ...options.env };
  const child = options.terminal
    ? spawn('script', onTerminal(command), { env })
    : spawn(command[0] as string, command.slice(1), { env });
  const out: Buffer[] = [];
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk;
  });
  options.onStart?.(child);
  child.stdin.end(options.input);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout: Buffer.concat(out), stderr };
}

export function jsonLines({ stdout }: Run) {
  return stdout
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}
