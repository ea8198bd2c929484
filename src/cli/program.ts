// The command line as commander sees it: names, options, help. What the commands do is in commands/.

import { Command, InvalidArgumentError, Option } from 'commander';
import { TRIES } from '../cluster/queue.js';
import { BACKEND_NAMES, ROW_FORMATS } from '../index.js';
import type { CallOptions } from './call-options.js';
import { type BenchOptions, runBench } from './commands/bench.js';
import { type EnqueueOptions, runEnqueue } from './commands/enqueue.js';
import { type GroupsCommandOptions, runGroups } from './commands/groups.js';
import { type HistogramCommandOptions, runHistogram } from './commands/histogram.js';
import { runInfo } from './commands/info.js';
import { runMatrix } from './commands/matrix.js';
import { type MergeOptions, runMerge } from './commands/merge.js';
import { type PairsCommandOptions, runPairs } from './commands/pairs.js';
import { type PlanCommandOptions, runPlan } from './commands/plan.js';
import { type ResumeOptions, runResume } from './commands/resume.js';
import { INDEX_VARIABLES, type RunShardOptions, runRunShard } from './commands/run-shard.js';
import { runStatus, type StatusOptions } from './commands/status.js';
import { runTopK, type TopKCommandOptions } from './commands/topk.js';
import { runView, type ViewCommandOptions } from './commands/view.js';
import { runWorker, type WorkerOptions } from './commands/worker.js';
import { VERSION } from './version.js';

const EXAMPLES = `Examples:
  allpairs topk embeddings.npy -k 10 --labels titles.txt     the nearest rows of each row
  allpairs pairs embeddings.npy --threshold 0.9 -o pairs.csv every pair that similar
  allpairs groups embeddings.npy --threshold 0.95 --keep kept.txt
  allpairs histogram embeddings.npy                          which threshold to take
  allpairs matrix embeddings.npy -o scores.npy               every row with every row
  allpairs view embeddings.npy --labels titles.txt           a page to look at them, on this machine
  allpairs resume scores.npy                                 go on with what was interrupted
  allpairs plan embeddings.npy --top-k 10 --shards 400 -o job/    cut the work for several machines
  allpairs info                                              what this machine can run
`;

export function createProgram(signal: AbortSignal): Command {
  const program = new Command('allpairs')
    .description('Exact cosine similarity of all pairs of vectors.')
    .version(VERSION, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .option('--no-color', 'print without colours (also NO_COLOR)')
    .addHelpText('before', EXAMPLES)
    .showHelpAfterError('(try allpairs --help)')
    .exitOverride();

  computing(program, 'topk', 'the most similar rows of each row', [
    'topk embeddings.npy -k 10',
    'topk embeddings.npy --labels sentences.tsv:text -o nearest.csv',
    'topk queries.npy --against docs.npy --against-labels titles.txt | head',
  ])
    .option('-k <count>', 'how many for each row', parseCount, 10)
    .action((input: string, options: TopKCommandOptions) => runTopK(input, options, signal));

  computing(program, 'pairs', 'every pair of rows at or above a threshold', [
    'pairs embeddings.npy --threshold 0.9',
    'pairs embeddings.npy --threshold 0.9 -o pairs.npy',
    'pairs new.npy --against old.npy --threshold 0.95 --json',
  ])
    .requiredOption('-t, --threshold <score>', 'the lowest score of a pair, from -1 to 1', parseScore)
    .action((input: string, options: PairsCommandOptions) => runPairs(input, options, signal));

  computing(
    program,
    'groups',
    'groups of near-duplicates, and what to keep of them',
    [
      'groups embeddings.npy --threshold 0.95 --keep kept.txt',
      'groups embeddings.npy --threshold 0.75 --method community --labels titles.txt',
    ],
    { against: false },
  )
    .requiredOption('-t, --threshold <score>', 'the lowest score of a pair, from -1 to 1', parseScore)
    .addOption(
      new Option('--method <name>', 'rows joined by chains of pairs, or rows like one centre')
        .choices(['components', 'community'])
        .default('components'),
    )
    .option('--minimum-size <count>', 'the smallest group (default: 2, of communities 10)', parseCount)
    .option('--keep <file>', 'write the numbers of the rows to keep: one of each group, and all others')
    .action((input: string, options: GroupsCommandOptions) => runGroups(input, options, signal));

  computing(
    program,
    'histogram',
    'how the scores are distributed',
    ['histogram embeddings.npy', 'histogram embeddings.npy --bins 200 -o histogram.csv'],
    { labels: false },
  )
    .option('--bins <count>', 'bins from -1 to 1', parseCount, 40)
    .action((input: string, options: HistogramCommandOptions) => runHistogram(input, options, signal));

  computing(
    program,
    'matrix',
    'the score of every row with every row, or with the rows of another file',
    ['matrix embeddings.npy', 'matrix embeddings.npy -o scores.npy', 'matrix queries.npy --against docs.npy -o - > scores.npy'],
    { labels: false, formats: '.npy or .npz' },
  ).action((input: string, options: CallOptions) => runMatrix(input, options, signal));

  viewing(program).action((input: string | undefined, options: ViewCommandOptions) => runView(input, options, signal));

  program
    .command('resume')
    .description('go on with a run that was interrupted: with what its folder, <output>.partial, has')
    .argument('<output>', 'the output of the run')
    .option('--memory <size>', 'bytes to allocate at most, as in 2GiB or 500MB', parseBytes)
    .option('--threads <count>', 'threads that compute (default: all cores)', parseCount)
    .option('-q, --quiet', 'print nothing but errors')
    .addHelpText('before', 'Examples:\n  allpairs resume scores.npy\n  allpairs resume nearest.parquet --threads 1\n')
    .action((output: string, options: ResumeOptions) => runResume(output, options, signal));

  planning(program).action((input: string, options: PlanCommandOptions) => runPlan(input, options, signal));

  program
    .command('run-shard')
    .description('compute one shard of a job, and put down its part; done twice it is the same')
    .argument('<job>', 'the place of the job: a folder, or s3://bucket/prefix')
    .option('--index <number>', `which shard (default: $${INDEX_VARIABLES.join(', $')})`, parseIndex)
    .option('--threads <count>', 'threads that compute (default: all cores)', parseCount)
    .option('--memory <size>', 'bytes to allocate at most, as in 2GiB or 500MB', parseBytes)
    .option('-q, --quiet', 'print nothing but errors')
    .addHelpText(
      'before',
      'Examples:\n  allpairs run-shard job/ --index 17\n  allpairs run-shard s3://bucket/job --threads 4\n',
    )
    .action((place: string, options: RunShardOptions) => runRunShard(place, options, signal));

  program
    .command('merge')
    .description('put the parts of a job together: the same bytes as from one machine')
    .argument('<job>', 'the place of the job: a folder, or s3://bucket/prefix')
    .requiredOption('-o, --output <file>', 'write the result: .csv, .parquet, .arrow, .jsonl, .npy or .npz, or - for stdout')
    .addOption(labelsOption())
    .option('--against-labels <file[:column]>', 'names of the rows of --against')
    .option('-q, --quiet', 'print nothing but data and errors')
    .addHelpText(
      'before',
      'Examples:\n  allpairs merge job/ -o nearest.parquet\n  allpairs merge s3://bucket/job -o pairs.csv\n',
    )
    .action((place: string, options: MergeOptions) => runMerge(place, options, signal));

  program
    .command('enqueue')
    .description('put the shards of a job that are not done into the queue in Redis, those that had failed too')
    .argument('<job>', 'the job: a folder that all workers see under this path, or s3://...')
    .addOption(redisOption())
    .option('--tries <count>', 'how often a shard is begun before it has failed for good', parseCount, TRIES)
    .option('--json', 'print JSON even on a terminal')
    .option('-q, --quiet', 'print nothing but data and errors')
    .addHelpText(
      'before',
      'Examples:\n  allpairs enqueue /shared/job --redis redis://queue:6379\n  allpairs enqueue s3://bucket/job\n',
    )
    .action((job: string, options: EnqueueOptions) => runEnqueue(job, options, signal));

  program
    .command('worker')
    .description('compute shards from the queue, of any job, until Ctrl-C; as many workers on as many machines as there are')
    .addOption(redisOption())
    .option('--threads <count>', 'threads that compute (default: all cores)', parseCount)
    .option('--memory <size>', 'bytes to allocate at most, as in 2GiB or 500MB', parseBytes)
    .option('--stalled-after <seconds>', 'when others take the shard of a worker that says nothing any more', parsePositive, 30)
    .option('--until-empty', 'end when nothing is waiting or in progress any more')
    .option('-q, --quiet', 'print nothing but errors')
    .addHelpText(
      'before',
      'Examples:\n  allpairs worker --redis redis://queue:6379\n  allpairs worker --threads 8 --memory 16GiB --until-empty\n',
    )
    .action((options: WorkerOptions) => runWorker(options, signal));

  program
    .command('status')
    .description('how far the shards of a job are: done and missing ones, and with Redis who computes what, and what failed')
    .argument('<job>', 'the job: a folder, or s3://...')
    .addOption(redisOption())
    .option('--watch', 'go on until all are done (exit code 0), or what is left has failed (1)')
    .option('--json', 'print JSON even on a terminal: an object for each change')
    .addHelpText(
      'before',
      'Examples:\n  allpairs status /shared/job\n  allpairs status s3://bucket/job --redis redis://queue:6379 --watch\n' +
        '  sbatch --array=$(allpairs status job --json | jq -r .missing) shard.sh\n',
    )
    .action((job: string, options: StatusOptions) => runStatus(job, options, signal));

  program
    .command('bench')
    .description(
      'how fast this machine is: the matrix and the top ten on every backend that runs here, checked against float64',
    )
    .option('--threads <count>', 'threads that compute (default: all cores)', parseCount)
    .option('--seconds <seconds>', 'how long to measure each of the four sizes', parseSeconds, 4)
    .option('--json', 'print JSON even on a terminal')
    .addHelpText('before', 'Examples:\n  allpairs bench\n  allpairs bench --threads 1 --json\n')
    .action((options: BenchOptions) => runBench(options, signal));

  program
    .command('info')
    .description('version, runtime, cores, and the backends with the reason where one cannot run')
    .option('--json', 'print JSON even on a terminal')
    .addHelpText('before', 'Examples:\n  allpairs info\n  allpairs info --json\n')
    .action((options: { json?: boolean }) => runInfo(VERSION, options));

  return program;
}

/** A command that computes, with the options that all of those have. */
function computing(
  program: Command,
  name: string,
  description: string,
  examples: readonly string[],
  { against = true, labels = true, formats = '.csv, .parquet, .arrow, .jsonl, .npy or .npz' } = {},
): Command {
  const command = reading(program, name, '<in>', description, examples);
  if (against) againstOptions(command);
  if (labels) command.addOption(labelsOption());
  if (labels && against) command.option('--against-labels <file[:column]>', 'names of the rows of --against');
  return command
    .option('-o, --output <file>', `write the result: ${formats}, or - for stdout`)
    .addOption(dtypeOption())
    .option('--memory <size>', 'bytes to allocate at most, as in 2GiB or 500MB: more passes over the input', parseBytes)
    .option('--save-every <seconds>', 'how often to write down how far a run with -o is', parseSeconds, 2)
    .option('--dry-run', 'print the plan (passes, tiles, bytes read and written, memory), compute nothing')
    .option('--restart', 'begin anew where an unfinished run of the same output is left')
    .option('--threads <count>', 'threads that compute (default: all cores)', parseCount)
    .addOption(backendOption())
    .addOption(nonFiniteOption())
    .option('--json', 'print JSON lines even on a terminal')
    .option('-q, --quiet', 'print nothing but data and errors');
}

/** The command that makes a job for several machines. */
function planning(program: Command): Command {
  return againstOptions(
    reading(program, 'plan', '<in>', 'cut the work into shards that any number of machines compute, and say what it costs', [
      'plan embeddings.npy --top-k 10 --shards 400 -o job/',
      'plan embeddings.npy --threshold 0.9 --shards 400 -o s3://bucket/job',
      'plan embeddings.npy --matrix --shards 400 -o job/ --dry-run',
    ]),
  )
    .option('--top-k <count>', 'the most similar rows of each row', parseCount)
    .option('--threshold <score>', 'every pair at or above it, from -1 to 1', parseScore)
    .option('--matrix', 'the score of every row with every row')
    .option('--shards <count>', 'how many pieces of equal work', parseCount, 100)
    .requiredOption('-o, --output <job>', 'the place of the job: a folder that all machines see, or s3://bucket/prefix')
    .option(
      '--copy',
      'copy the rows into the job, where other machines do not see the file (always where they must be decoded)',
    )
    .addOption(dtypeOption())
    .option('--memory <size>', 'bytes that a worker may allocate, to say whether a shard fits: 2GiB, 500MB', parseBytes)
    .option('--dry-run', 'print the costs, write nothing')
    .addOption(backendOption())
    .addOption(nonFiniteOption())
    .option('--json', 'print JSON even on a terminal')
    .option('-q, --quiet', 'print nothing but errors');
}

/** The command that shows. */
function viewing(program: Command): Command {
  return reading(program, 'view', '[in]', 'a page to look at the rows: in a browser on this machine, or in one file', [
    'view embeddings.npy --labels sentences.tsv',
    'view digits.npy --labels digits-labels.txt --image-shape 8x8',
    'view photos.npy --images photos.csv:path',
    'view photos.npy --images sprite.png --image-shape 32x32',
    'view embeddings.npy --labels titles.txt --export report.html',
    'view                      a page that takes a dropped file',
  ])
    .addOption(labelsOption())
    .option('--color-by <file[:column]>', 'classes to colour by (columns of --labels with 2 to 50 values are there anyway)')
    .option('--images <file[:column]>', 'one picture with those of all rows, row after row; or a column with the path of each')
    .option('--image-shape <WxH>', 'points of a picture: of --images, or without it the rows are pictures', parseShape)
    .option('--export <file>', 'write the page with its data to one .html file instead, up to 5,000 rows')
    .option('--port <number>', 'where to serve the page; 0 is any free port', parsePort, 0)
    .option('--no-open', 'print the address only, open no browser')
    .addOption(nonFiniteOption())
    .option('-q, --quiet', 'print nothing but the address and errors');
}

/** A command that reads rows. */
function reading(program: Command, name: string, input: string, description: string, examples: readonly string[]): Command {
  return program
    .command(name)
    .description(description)
    .argument(input, `rows: a file (${ROW_FORMATS.join(', ')}), or - for stdin`)
    .addHelpText('before', `Examples:\n${examples.map((example) => `  allpairs ${example}\n`).join('')}`)
    .option('--column <names>', 'which column, tensor, array or dataset holds the rows; several columns of numbers by commas')
    .option('--query <sql>', 'what to select from a database')
    .addOption(new Option('--format <name>', 'format of the input, where its name does not tell').choices([...ROW_FORMATS]));
}

function againstOptions(command: Command): Command {
  return command
    .option('--against <file>', 'compare with the rows of this file instead')
    .option('--against-column <names>', 'as --column, of --against')
    .option('--against-query <sql>', 'as --query, of --against');
}

function dtypeOption(): Option {
  return new Option('--dtype <type>', 'element type to compute and write').choices(['float32', 'float64']);
}

function backendOption(): Option {
  return new Option('--backend <name>', 'how to compute (default: the fastest)').choices([...BACKEND_NAMES]);
}

function labelsOption(): Option {
  return new Option(
    '--labels <file[:column]>',
    'names of the rows: a text file, or a column of a .tsv, .csv, .jsonl, .parquet or .arrow',
  );
}

/** Without a parser of its own, whose complaint would repeat the password. */
function redisOption(): Option {
  return new Option(
    '--redis <url>',
    'redis://host:6379 or rediss://... (else ALLPAIRS_REDIS_URL; the password also from ALLPAIRS_REDIS_PASSWORD)',
  );
}

function nonFiniteOption(): Option {
  return new Option('--non-finite <what>', 'rows with NaN or infinity: an error, or zero vectors')
    .choices(['throw', 'zero'])
    .default('throw');
}

function parseCount(text: string): number {
  const count = Number(text);
  if (!Number.isSafeInteger(count) || count < 1) throw new InvalidArgumentError('Expected a positive whole number.');
  return count;
}

function parseIndex(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Expected a whole number from 0 on.');
}

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (text.trim() === '' || !(seconds >= 0)) throw new InvalidArgumentError('Expected a number of seconds.');
  return seconds;
}

function parsePositive(text: string): number {
  const seconds = parseSeconds(text);
  if (seconds < 0.1) throw new InvalidArgumentError('Expected a number of seconds, 0.1 or more.');
  return seconds;
}

const UNITS: Record<string, number> = { '': 1, b: 1, kb: 1e3, mb: 1e6, gb: 1e9, tb: 1e12 };
const BINARY_UNITS: Record<string, number> = { k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 };

function parseBytes(text: string): number {
  const [, number, unit = ''] = /^\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*$/i.exec(text) ?? [];
  const lower = unit.toLowerCase();
  const factor = UNITS[lower] ?? (/^[kmgt](ib)?$/.test(lower) ? BINARY_UNITS[lower[0] as string] : undefined);
  const bytes = Math.floor(Number(number) * (factor ?? Number.NaN));
  if (bytes >= 1) return bytes;
  throw new InvalidArgumentError('Expected a size, as in 500MB, 2GiB or 1073741824.');
}

function parseScore(text: string): number {
  const score = Number(text);
  if (text.trim() === '' || !(score >= -1 && score <= 1)) throw new InvalidArgumentError('Expected a number from -1 to 1.');
  return score;
}

function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65535)) throw new InvalidArgumentError('Expected a whole number from 0 to 65535.');
  return port;
}

function parseShape(text: string): [width: number, height: number] {
  const [, width, height] = /^([1-9]\d{0,4})x([1-9]\d{0,4})$/i.exec(text) ?? [];
  if (width === undefined) throw new InvalidArgumentError('Expected width and height, as in 32x32.');
  return [Number(width), Number(height)];
}
