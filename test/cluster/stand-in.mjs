#!/usr/bin/env node
// Answers plan, run-shard, status and merge until the command line has them: a shard's part says just which shard it is.

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const [command, ...rest] = process.argv.slice(2);
const fail = (code, message) => {
  console.error(message);
  process.exit(code);
};

let place;
let options;
try {
  const text = { type: 'string' };
  const known = { 'top-k': text, shards: text, output: { ...text, short: 'o' }, index: text, threads: text, memory: text };
  const { values, positionals } = parseArgs({ args: rest, options: known, allowPositionals: true });
  options = values;
  place = positionals[0];
} catch (error) {
  fail(2, error.message);
}
if (!/^[1-9]\d*$/.test(options.threads ?? '1')) fail(2, `--threads ${options.threads}`);
if (!/^[1-9]\d*[MG]iB$/.test(options.memory ?? '1GiB')) fail(2, `--memory ${options.memory}`);

const part = (index) => join(place, 'parts', String(index).padStart(6, '0'));

if (command === 'plan') {
  if (!existsSync(place)) fail(3, `no ${place}`);
  mkdirSync(join(options.output, 'parts'), { recursive: true });
  writeFileSync(join(options.output, 'manifest.json'), JSON.stringify({ shards: Number(options.shards) }));
  process.exit(0);
}
if (!existsSync(join(place, 'manifest.json'))) fail(3, `no job in ${place}`);
const { shards } = JSON.parse(readFileSync(join(place, 'manifest.json'), 'utf8'));
const missing = Array.from({ length: shards }, (_, index) => index).filter((index) => !existsSync(part(index)));

if (command === 'run-shard') {
  const { SLURM_ARRAY_TASK_ID, JOB_COMPLETION_INDEX, AWS_BATCH_JOB_ARRAY_INDEX } = process.env;
  const index = Number(options.index ?? SLURM_ARRAY_TASK_ID ?? JOB_COMPLETION_INDEX ?? AWS_BATCH_JOB_ARRAY_INDEX);
  if (!(index >= 0 && index < shards)) fail(2, `no shard ${index}`);
  writeFileSync(part(index), String(index));
} else if (command === 'status') {
  const starts = missing.filter((index) => !missing.includes(index - 1));
  const ends = missing.filter((index) => !missing.includes(index + 1));
  console.log(`missing: ${starts.map((start, i) => (start === ends[i] ? start : `${start}-${ends[i]}`)).join(',')}`);
} else if (command === 'merge') {
  if (missing.length) fail(1, `missing: ${missing}`);
  writeFileSync(options.output, readdirSync(join(place, 'parts')).join('\n'));
} else fail(2, `unknown command ${command}`);
