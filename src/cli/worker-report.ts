// The messages of a worker on stderr: a line for each finished shard and, on a terminal, one about the current shard.

import process from 'node:process';
import type { ShardEntry } from '../cluster/queue/queue.js';
import type { WorkEvents } from '../cluster/queue/shard-worker.js';
import { formatCount, formatSeconds } from './output.js';
import { CLEAR_LINE } from './progress.js';

const AT_MOST_EVERY_MS = 100;

export class WorkerReport implements WorkEvents {
  /** Number of shards that this worker has completed. */
  done = 0;
  private readonly showsLine: boolean;
  private shown = '';
  private last = 0;

  constructor(private readonly quiet: boolean | undefined) {
    this.showsLine = !quiet && process.stderr.isTTY === true;
    if (this.showsLine) this.draw('waiting for shards');
  }

  onBegin(shard: ShardEntry): void {
    this.draw(`${nameOf(shard)}   ${formatCount(this.done)} done here`);
  }

  onProgress(shard: ShardEntry, { done, total }: { done: number; total: number }): void {
    const now = performance.now();
    if (now - this.last < AT_MOST_EVERY_MS) return;
    this.last = now;
    const percent = ((100 * done) / total).toFixed(0).padStart(3);
    this.draw(`${nameOf(shard)} ${percent} %   ${formatCount(this.done)} done here`);
  }

  onFinished(shard: ShardEntry, computed: boolean, seconds: number): void {
    this.done++;
    this.say(`${nameOf(shard)}: ${computed ? `done in ${formatSeconds(seconds)}` : 'was done already'}`);
    this.draw('waiting for shards');
  }

  onFailed(shard: ShardEntry, reason: string, forGood: boolean): void {
    this.say(`${nameOf(shard)}: ${forGood ? 'failed for good' : 'failed, to be tried again'}: ${reason}`, forGood);
    this.draw('waiting for shards');
  }

  onGivenBack(shard: ShardEntry): void {
    this.say(`${nameOf(shard)}: given back to the queue`);
  }

  onTrouble(message: string): void {
    this.say(`queue: ${message}`, true);
  }

  /** `matters`: print even with --quiet. */
  readonly say = (text: string, matters = false): void => {
    if (this.quiet && !matters) return;
    const { shown } = this;
    this.clear();
    process.stderr.write(`${text}\n`);
    if (shown) this.draw(shown);
  };

  clear(): void {
    if (this.shown) process.stderr.write(CLEAR_LINE);
    this.shown = '';
  }

  private draw(text: string): void {
    if (!this.showsLine) return;
    this.shown = text;
    process.stderr.write(CLEAR_LINE + text.slice(0, (process.stderr.columns || 80) - 1));
  }
}

function nameOf({ job, index }: ShardEntry): string {
  return `shard ${index} of ${job}`;
}
