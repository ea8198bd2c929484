import { describe, expect, it } from 'vitest';
import { describeShards, drawShards } from '#src/cli/shard-view.js';
import { formatRanges } from '#src/cluster/job/index-ranges.js';
import { countStates, type ShardState } from '#src/cluster/queue/shard-states.js';

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
const ESCAPES = /\x1b\[[\d;]*m/g;

const STATES: ShardState[] = [
  { state: 'done' },
  { state: 'done' },
  { state: 'active', done: 0.5, worker: 'here:17' },
  { state: 'waiting' },
  { state: 'delayed' },
  { state: 'failed', reason: 'no\nmemory' },
  { state: 'missing' },
  { state: 'missing' },
];

function draw(shards: readonly ShardState[], columns = 60): string[] {
  const frame = { job: 'ab12', columns, rate: 0.5, queued: true, short: true };
  return drawShards(countStates(shards), frame).map((line) => line.replace(ESCAPES, ''));
}

describe('the shard view', () => {
  it('shows a cell per shard, counts, rate, time left, active workers and failures', () => {
    expect(draw(STATES)).toEqual([
      'job ab12  2 of 8 shards done, 25 %',
      '██▄·~x--',
      '',
      'x 1 failed   ▒ 1 active   ~ 1 delayed   · 1 waiting   - 2 missing   █ 2 done',
      '30.0 shards/min, about 10.0 s left',
      '  shard 2  50 %  here:17',
      '  shard 5 failed: no memory',
    ]);
  });

  it('combines many shards in one cell and shows the most important state', () => {
    const shards = Array.from({ length: 4000 }, (): ShardState => ({ state: 'done' }));
    shards[3999] = { state: 'failed', reason: 'lost' };
    const lines = draw(shards, 51);
    expect(lines.slice(1, 9).every((line) => line.length <= 50)).toBe(true);
    expect(lines.join('\n')).toContain('a cell is 10 shards');
    expect(lines[8]?.at(-1)).toBe('x');
  });

  it('fits the width of the terminal', () => {
    const failed: ShardState = { state: 'failed', reason: 'long '.repeat(50) };
    expect(draw([failed], 40).at(-1)?.length).toBeLessThan(40);
  });

  it('lists missing shards in JSON as schedulers write them', () => {
    expect(describeShards(countStates(STATES), { job: 'ab12', rate: undefined, queued: true })).toEqual({
      job: 'ab12',
      total: 8,
      done: 2,
      waiting: 1,
      delayed: 1,
      active: [{ shard: 2, percent: 50, worker: 'here:17' }],
      failed: [{ shard: 5, reason: 'no\nmemory' }],
      missing: '6-7',
    });
  });
});

it('formats numbers as the shortest ranges', () => {
  expect(formatRanges([])).toBe('');
  expect(formatRanges([4])).toBe('4');
  expect(formatRanges([0, 1, 2, 16, 18, 19])).toBe('0-2,16,18-19');
});
