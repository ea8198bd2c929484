// The folder in which consumers are built: every tool and the packed package are installed, and each consumer has a subfolder.

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { pack } from '../../scripts/pack.js';
import type { Report } from './report.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const exec = promisify(execFile);

/** Each tool with its tested version; vitest 4 is the last for Node 20. */
const TOOLS = [
  ...['esbuild', 'rollup@4', '@rollup/plugin-node-resolve', '@rollup/plugin-commonjs', 'vite@8', 'webpack@5', 'parcel@2'],
  ...['next@16', 'react@19', 'react-dom@19', 'bun@1', 'deno@2', 'jest@30', 'vitest@4'],
  ...['5.0', '5.4', '5.7', '5.9', '6.0', 'latest'].map((version) => `typescript-${version}@npm:typescript@${version}`),
];

const REPORTED = /^ALLPAIRS (.*)$/m;

export class Workshop {
  private constructor(
    readonly folder: string,
    private readonly kept: boolean,
  ) {}

  /** In `kept`, which is reused, or in a temporary folder. */
  static async open(kept: string | undefined): Promise<Workshop> {
    const folder = kept ?? (await mkdtemp(join(tmpdir(), 'allpairs-consumers-')));
    const shop = new Workshop(folder, kept !== undefined);
    await mkdir(join(folder, 'pack'), { recursive: true });
    await writeFile(join(folder, 'package.json'), '{ "private": true }\n');
    const { tarball } = pack(join(folder, 'pack'));
    await rm(join(folder, 'node_modules/allpairs'), { recursive: true, force: true });
    const quiet = ['--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline', '--no-save', '--no-package-lock'];
    await shop.run('npm', ['install', ...quiet, ...TOOLS, tarball]);
    await shop.addAddon();
    return shop;
  }

  /** Releases contain the addon for every system, a checkout at most its own. */
  private async addAddon(): Promise<void> {
    const built = join(ROOT, 'native/build/Release/allpairs.node');
    if (!existsSync(built)) throw new Error(`no ${built}: npm run build`);
    const libc = process.platform === 'linux' ? '-gnu' : '';
    const to = join(this.folder, `node_modules/allpairs/prebuilds/${process.platform}-${process.arch}${libc}`);
    await mkdir(to, { recursive: true });
    await copyFile(built, join(to, 'allpairs.node'));
  }

  async close(): Promise<void> {
    if (!this.kept) await rm(this.folder, { recursive: true });
  }

  /** Creates a folder with these files and check.js. */
  async project(name: string, files: Record<string, string>): Promise<string> {
    const folder = join(this.folder, 'projects', name);
    await rm(folder, { recursive: true, force: true });
    const all = { 'check.js': await readFile(join(ROOT, 'test/consumers/check.js'), 'utf8'), ...files };
    for (const [path, text] of Object.entries(all)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    }
    return folder;
  }

  /** Runs a command and returns its output; if it fails, throws with all of its output. */
  async run(command: string, args: string[], cwd: string = this.folder, env: NodeJS.ProcessEnv = {}): Promise<string> {
    try {
      const { stdout } = await exec(command, args, {
        cwd,
        env: { ...process.env, ...env },
        maxBuffer: 2 ** 26,
        timeout: 600_000,
      });
      return stdout;
    } catch (error) {
      const { stdout, stderr, message } = error as Error & { stdout: string; stderr: string };
      throw new Error(`${message.split('\n')[0]}\n${stdout}\n${stderr}`);
    }
  }

  /** A program of an installed package, run by this Node. */
  tool(name: string, args: string[], cwd: string, env: NodeJS.ProcessEnv = {}): Promise<string> {
    return this.run(process.execPath, [this.path(name), ...args], cwd, env);
  }

  path(name: string): string {
    return join(this.folder, 'node_modules', name);
  }

  /** The binary of Bun or Deno, which a package for each system contains; its own install script would link it. */
  binary(candidates: readonly string[]): string {
    const found = candidates.map((name) => this.path(name)).find((path) => existsSync(path));
    if (!found) throw new Error(`not installed: ${candidates.join(', ')}`);
    return found;
  }

  async report(command: string, args: string[], cwd: string, env: NodeJS.ProcessEnv = {}): Promise<Report> {
    const output = await this.run(command, args, cwd, env);
    const [, json] = REPORTED.exec(output) ?? [];
    if (json === undefined) throw new Error(`no report in: ${output}`);
    return JSON.parse(json);
  }

  /** The version of `name` that is installed. */
  async version(name: string): Promise<string> {
    return JSON.parse(await readFile(this.path(`${name}/package.json`), 'utf8')).version;
  }
}
