// Runs `allpairs view` as a process that serves its page.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type Agent, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import process from 'node:process';
import type { PageData } from '#src/cli/view/page-data.js';
import { MAIN } from './command.js';

export interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** The serving command. */
export class View {
  private static running: View[] = [];
  stderr = '';

  private constructor(
    private readonly child: ChildProcess,
    readonly address: string,
  ) {
    child.stderr?.on('data', (chunk: Buffer) => {
      this.stderr += chunk;
    });
  }

  static start(...args: string[]): Promise<View> {
    return View.startWith(new Uint8Array(0), ...args);
  }

  /** Passes `input` as stdin. */
  static async startWith(input: Uint8Array, ...args: string[]): Promise<View> {
    return View.spawn(input, {}, args);
  }

  /** Makes the command compute for its pages even if there are few rows. */
  static startComputing(...args: string[]): Promise<View> {
    return View.spawn(new Uint8Array(0), { ALLPAIRS_VIEW_BROWSER_ROWS: '0' }, args);
  }

  private static async spawn(input: Uint8Array, env: Record<string, string>, args: readonly string[]): Promise<View> {
    const child = spawn(process.execPath, [MAIN, 'view', ...args], { env: { ...process.env, ...env } });
    child.stdin.end(input);
    const [line] = (await Promise.race([once(child.stdout, 'data'), once(child, 'close')])) as [Buffer | number];
    if (typeof line === 'number') throw new Error(`the command ended with ${line}`);
    const view = new View(child, line.toString().trimEnd());
    View.running.push(view);
    return view;
  }

  /** Ends the processes after each test. */
  static async stopAll(): Promise<void> {
    for (const view of View.running) await view.stop('SIGKILL');
    View.running = [];
  }

  get port(): number {
    return Number(new URL(this.address).port);
  }

  get token(): string {
    return new URL(this.address).pathname.slice(1, -1);
  }

  /** Returns the answer to a path below the token, sent exactly as given, or to an absolute one. */
  get(
    path: string,
    {
      method = 'GET',
      headers = {},
      agent,
      body = '',
    }: { method?: string; headers?: object; agent?: Agent; body?: string } = {},
  ) {
    const whole = path.startsWith('/') ? path : `/${this.token}/${path}`;
    const options = { host: '127.0.0.1', port: this.port, path: whole, method, headers: { ...headers }, agent };
    return new Promise<Answer>((resolve, reject) => {
      const sent = request(options, (response: IncomingMessage) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) }),
        );
        response.on('error', reject);
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }

  get pid(): number {
    return this.child.pid as number;
  }

  async data(): Promise<PageData | null> {
    return dataOf((await this.get('')).body.toString());
  }

  async stop(signal: NodeJS.Signals = 'SIGINT'): Promise<number | null> {
    if (this.child.exitCode !== null) return this.child.exitCode;
    const ended = once(this.child, 'close');
    this.child.kill(signal);
    return (await ended)[0];
  }
}

/** Returns the data that a browser would find in the page. */
export function dataOf(html: string): PageData | null {
  return JSON.parse(contentOfLast('<script type="application/json" id="page-data">', html));
}

/** Returns the content of the last script with this tag: the page's own script contains the tags too, because it writes reports. */
export function contentOfLast(tag: string, html: string): string {
  const start = html.lastIndexOf(tag) + tag.length;
  return html.slice(start, html.indexOf('</script>', start));
}
