// An overview of all shards of a job: a cell for each shard (or for a few), counts, rate, remaining time, the active workers and the
// failures. It is drawn in place on a terminal, or printed as JSON, one object for each change.

import process from 'node:process';
import { formatRanges } from '../cluster/job/index-ranges.js';
import { indicesIn, type ShardState, type ShardStates, type StateName } from '../cluster/queue/shard-states.js';
import { bold, dim, formatCount, formatSeconds, green, printJson, red, yellow } from './output.js';
import { writeNow } from './stdout.js';

/** What a cell shows for its shards: the first of these states that one of them has, because they are in order of importance. */
const CELLS: readonly [state: StateName, cell: string, colour: (text: string) => string][] = [
  ['failed', 'x', red],
  ['active', '▒', yellow],
  ['delayed', '~', yellow],
  ['waiting', '·', dim],
  ['missing', '-', dim],
  ['done', '█', green],
];
/** For a single shard that is being computed: its progress. */
const HEIGHTS = '▁▂▃▄▅▆▇';

const MAX_NARROW = 20;
const MAX_GRID_LINES = 8;
const MAX_ACTIVE = 8;
const MAX_FAILED = 5;

export interface ViewFrame {
  readonly job: string;
  readonly columns: number;
  /** Shards per second, if known. */
  readonly rate: number | undefined;
  /** False if no queue was asked what is waiting and in progress. */
  readonly queued: boolean;
  /** True if lists are shortened to fit a screen. */
  readonly short: boolean;
  readonly note?: string | undefined;
}

/** Returns the lines of the view. */
export function drawShards(states: ShardStates, frame: ViewFrame): string[] {
  const { counts, shards } = states;
  const total = shards.length;
  const clip = (text: string) => (text.length > frame.columns - 1 ? `${text.slice(0, frame.columns - 2)}…` : text);
  const percent = total > 0 ? Math.floor((100 * counts.done) / total) : 100;
  const lines = [`${bold(`job ${frame.job}`)}  ${formatCount(counts.done)} of ${formatCount(total)} shards done, ${percent} %`];
  lines.push(...drawGrid(states, frame.columns - 1), '');
  const named = CELLS.filter(([state]) => counts[state] > 0);
  lines.push(named.map(([state, cell, colour]) => `${colour(cell)} ${formatCount(counts[state])} ${state}`).join('   '));
  const left = secondsLeft(states, frame.rate);
  if (left !== undefined) lines.push(`${formatRate(frame.rate as number)}, about ${formatSeconds(left)} left`);
  lines.push(...cut(indicesIn(states, 'active'), frame.short ? MAX_ACTIVE : total).map((at) => clip(activeLine(shards, at))));
  lines.push(
    ...cut(indicesIn(states, 'failed'), frame.short ? MAX_FAILED : total).map((at) => red(clip(failedLine(shards, at)))),
  );
  const missing = formatRanges(indicesIn(states, 'missing'));
  if (missing && (!frame.queued || !frame.short)) lines.push(frame.short ? clip(`missing ${missing}`) : `missing ${missing}`);
  if (frame.note) lines.push(yellow(clip(frame.note)));
  return lines;
}

/** Returns the first `most` of `indices`, and an entry that stands for the rest. */
function cut(indices: readonly number[], most: number): (number | { readonly more: number })[] {
  if (indices.length <= most) return [...indices];
  return [...indices.slice(0, most), { more: indices.length - most }];
}

function activeLine(shards: readonly ShardState[], at: number | { readonly more: number }): string {
  if (typeof at !== 'number') return `  and ${at.more} more in progress`;
  const shard = shards[at];
  if (shard?.state !== 'active') return '';
  const percent = `${Math.round(100 * shard.done)}`.padStart(3);
  const since = shard.since === undefined ? '' : `, for ${formatSeconds(Math.max(0, Date.now() - shard.since) / 1000)}`;
  return `  shard ${at} ${percent} %  ${shard.worker ?? 'a worker'}${since}`;
}

function failedLine(shards: readonly ShardState[], at: number | { readonly more: number }): string {
  if (typeof at !== 'number') return `  and ${at.more} more that failed`;
  const shard = shards[at];
  return shard?.state === 'failed' ? `  shard ${at} failed: ${shard.reason.replace(/\s+/g, ' ')}` : '';
}

type Cell = readonly [cell: string, colour: (text: string) => string];

function drawGrid({ shards }: ShardStates, columns: number): string[] {
  const each = Math.max(1, Math.ceil(shards.length / (columns * MAX_GRID_LINES)));
  const cells: Cell[] = [];
  for (let from = 0; from < shards.length; from += each) cells.push(cellOf(shards.slice(from, from + each)));
  const lines: string[] = [];
  for (let from = 0; from < cells.length; from += columns) lines.push(paint(cells.slice(from, from + columns)));
  if (each > 1) lines.push(dim(`a cell is ${each} shards`));
  return lines;
}

/** Colours consecutive cells of the same colour together; otherwise escape sequences would fill the line. */
function paint(cells: readonly Cell[]): string {
  let line = '';
  for (let at = 0; at < cells.length; ) {
    const [, colour] = cells[at] as Cell;
    let run = '';
    for (; cells[at]?.[1] === colour; at++) run += cells[at]?.[0];
    line += colour(run);
  }
  return line;
}

function cellOf(shards: readonly ShardState[]): Cell {
  const [, cell, colour] = CELLS.find(([state]) => shards.some((shard) => shard.state === state)) ?? ['', ' ', String];
  const [only, another] = shards;
  if (only?.state !== 'active' || another) return [cell, colour];
  return [HEIGHTS[Math.min(HEIGHTS.length - 1, Math.floor(only.done * HEIGHTS.length))] ?? cell, colour];
}

function formatRate(rate: number): string {
  if (rate >= 1) return `${rate.toFixed(1)} shards/s`;
  return rate * 60 >= 1 ? `${(rate * 60).toFixed(1)} shards/min` : `${(rate * 3600).toFixed(1)} shards/h`;
}

/** Returns the remaining time for the shards that will be computed. */
function secondsLeft({ counts }: ShardStates, rate: number | undefined): number | undefined {
  const left = counts.active + counts.waiting + counts.delayed + counts.missing;
  return rate && left > 0 ? left / rate : undefined;
}

/** Returns the state in the form that programs read. Without a queue, shards are only done or missing. */
export function describeShards(states: ShardStates, { job, rate, queued }: Pick<ViewFrame, 'job' | 'rate' | 'queued'>) {
  const { counts, shards } = states;
  const left = secondsLeft(states, rate);
  return {
    job,
    total: shards.length,
    done: counts.done,
    ...(queued && {
      waiting: counts.waiting,
      delayed: counts.delayed,
      active: shards.flatMap((shard, index) =>
        shard.state === 'active' ? [{ shard: index, percent: Math.round(100 * shard.done), worker: shard.worker ?? null }] : [],
      ),
      failed: shards.flatMap((shard, index) => (shard.state === 'failed' ? [{ shard: index, reason: shard.reason }] : [])),
    }),
    missing: formatRanges(indicesIn(states, 'missing')),
    ...(rate !== undefined && { shardsPerSecond: Number(rate.toPrecision(3)) }),
    ...(left !== undefined && { secondsLeft: Math.round(left) }),
  };
}

/** Shows states as they arrive. */
export class ShardView {
  private readonly started = performance.now();
  private doneAtFirst: number | undefined;
  private drawn = 0;
  private note: string | undefined;
  private last: ShardStates | undefined;
  private told = '';

  constructor(
    private readonly options: {
      readonly job: string;
      readonly json: boolean;
      readonly queued: boolean;
      readonly watch: boolean;
    },
  ) {}

  update(states: ShardStates): void {
    this.last = states;
    this.doneAtFirst ??= states.counts.done;
    if (this.options.json) this.tell(states);
    else this.draw();
  }

  /** Shows a note below the view until it is called with `undefined`. */
  readonly say = (note: string | undefined): void => {
    this.note = note;
    if (!this.options.json && this.options.watch && this.last) this.draw();
    else if (note) process.stderr.write(`${note}\n`);
  };

  private get rate(): number | undefined {
    const more = (this.last?.counts.done ?? 0) - (this.doneAtFirst ?? 0);
    return more > 0 ? more / ((performance.now() - this.started) / 1000) : undefined;
  }

  private tell(states: ShardStates): void {
    const { counts } = states;
    // The progress of a shard does not count as a change.
    const key = JSON.stringify([counts, indicesIn(states, 'active'), indicesIn(states, 'failed')]);
    if (key === this.told) return;
    this.told = key;
    printJson(describeShards(states, { ...this.options, rate: this.rate }));
  }

  private draw(): void {
    if (!this.last) return;
    // A terminal that does not know its size reports 0.
    const columns = Math.max(MAX_NARROW, process.stdout.columns || 80);
    const rows = process.stdout.rows || 24;
    const { job, queued, watch } = this.options;
    const all = drawShards(this.last, { job, queued, columns, rate: this.rate, short: watch, note: this.note });
    // Lines that have scrolled off the screen cannot be redrawn.
    const lines = watch ? all.slice(0, Math.max(1, rows - 1)) : all;
    const up = this.drawn > 0 ? `\x1b[${this.drawn}A\r\x1b[J` : '';
    writeNow(`${up}${lines.join('\n')}\n`);
    this.drawn = lines.length;
  }
}
