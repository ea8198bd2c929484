// The command line as commander sees it: names, options, help. The commands are implemented in commands/.

import { Option } from 'commander';
import { TRIES } from '../cluster/queue/queue.js';
import type { CallOptions } from './call-options.js';
import { CliCommand } from './command.js';
import { type BenchOptions, runBench } from './commands/bench.js';
import { type BestPairsCommandOptions, runBestPairs } from './commands/best-pairs.js';
import { type DedupeCommandOptions, runDedupe } from './commands/dedupe.js';
import { type EnqueueOptions, runEnqueue } from './commands/enqueue.js';
import { type GroupsCommandOptions, runGroups } from './commands/groups.js';
import { runHealth } from './commands/health.js';
import { type HistogramCommandOptions, runHistogram } from './commands/histogram.js';
import { runInfo } from './commands/info.js';
import { type LinkageCommandOptions, runLinkage } from './commands/linkage.js';
import { runMatrix } from './commands/matrix.js';
import { type MergeOptions, runMerge } from './commands/merge.js';
import { type PairsCommandOptions, runPairs } from './commands/pairs.js';
import { type PlanCommandOptions, runPlan } from './commands/plan.js';
import { type ResumeOptions, runResume } from './commands/resume.js';
import { INDEX_VARIABLES, type RunShardOptions, runRunShard } from './commands/run-shard.js';
import { runScore } from './commands/score.js';
import { runStatus, type StatusOptions } from './commands/status.js';
import { runTopK, type TopKCommandOptions } from './commands/topk.js';
import { runView, type ViewCommandOptions } from './commands/view.js';
import { runWorker, type WorkerOptions } from './commands/worker.js';
import { AFTER_COMMAND_HELP, AFTER_HELP, EXAMPLES } from './help.js';
import { withStdinAsDash } from './input.js';
import { parseCount, parseIndex, parsePatience, parsePort, parseSeconds, parseShape } from './option-values.js';
import {
  againstLabelsOption,
  againstNameOptions,
  againstOptions,
  againstReadingOptions,
  againstTextOption,
  backendOption,
  belowOption,
  bestOption,
  compareOptions,
  distanceOption,
  dryRunOption,
  dtypeOption,
  groupingOptions,
  jsonOption,
  labelsOption,
  memoryOption,
  nameOptions,
  neighborsOption,
  nonFiniteOption,
  noPruningOption,
  outputOption,
  quietOption,
  readingOptions,
  redisOption,
  symmetricOption,
  textOption,
  threadsOption,
  thresholdOption,
  topKOption,
  transformOptions,
  viewAgainstOption,
  zeroRowsOption,
} from './options.js';
import { VERSION } from './version.js';
import { limitYoungGeneration } from './young-generation.js';

const RECORDS = '.csv, .parquet, .arrow, .jsonl, .npy, .npz';
const JOB = 'job folder, or s3://bucket/prefix';

const CLUSTER_COMMANDS = ['plan', 'run-shard', 'merge', 'enqueue', 'worker', 'status'];

export function createProgram(signal: AbortSignal): CliCommand {
  const program = new CliCommand('allpairs')
    .description('Exact cosine similarity of all pairs of vectors.')
    .version(VERSION, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .option('--no-color', 'print without colours')
    .helpCommand('help [command]', 'print the help of a command')
    .examples(...EXAMPLES)
    .addHelpText('after', AFTER_HELP)
    .hook('preAction', (_, command) => {
      const limit: number | undefined = command.getOptionValue('memory');
      if (limit !== undefined) limitYoungGeneration(limit);
    });

  computing(
    program,
    'topk',
    'find the most similar rows of each row',
    [
      'topk embeddings.npy -k 10',
      'topk embeddings.npy --labels sentences.tsv:text -o nearest.csv',
      'topk queries.npy --against docs.npy --against-labels titles.txt',
      'topk docs.jsonl --ids id --carry title -o nearest.csv',
      'topk embeddings.npy --symmetric -o graph.csr.npz     for SciPy',
    ],
    (command) =>
      command.addOptions(
        topKOption().default(10),
        textOption(),
        againstTextOption(),
        ...groupingOptions(),
        noPruningOption(),
        symmetricOption(),
        neighborsOption(),
      ),
  ).action((inputs: string[], options: TopKCommandOptions) => runTopK(inputs, options, signal));

  computing(
    program,
    'pairs',
    'find the pairs at or above a threshold, or the best of all',
    [
      'pairs embeddings.npy --threshold 0.9',
      'pairs embeddings.npy --threshold 0.9 -o pairs.npy',
      'pairs embeddings.npy --best 1000',
      'pairs new.npy --against old.npy --threshold 0.95 --json',
      'pairs docs.jsonl -t 0.9 --ids id -o similar.graphml  for Gephi',
      'pairs articles.csv --threshold 0.9 --across source',
    ],
    (command) =>
      command
        .needs(thresholdOption(), 'best')
        .addOptions(
          bestOption(),
          belowOption(),
          textOption(),
          againstTextOption(),
          ...groupingOptions(),
          noPruningOption(),
          symmetricOption(),
        ),
  ).action((inputs: string[], { best, ...options }: PairsCommandOptions & Partial<BestPairsCommandOptions>) =>
    best === undefined ? runPairs(inputs, options, signal) : runBestPairs(inputs, { ...options, best }, signal),
  );

  computing(
    program,
    'score',
    'compute the scores of given pairs',
    ['score questions.npy --against answers.npy', 'score embeddings.npy --pairs pairs.csv -o scored.csv'],
    (command) => command.option('--pairs <file>', 'table with columns row and col (default: row i, row i)'),
    { against: 'take the second row of each pair from FILE', saves: false, planned: false, excludable: false },
  ).action((inputs: string[], options: CallOptions) => runScore(inputs, options, signal));

  computing(
    program,
    'groups',
    'group near-duplicates and list the rows to keep',
    [
      'groups embeddings.npy --threshold 0.95 --keep kept.txt',
      'groups embeddings.npy -t 0.75 --method community --labels titles.txt',
      'groups vectors.npy -t 0.8 --method complete --explain -o groups.csv',
      'groups embeddings.npy -t 0.5 --keep-rows 1000 --keep kept.txt',
      'groups embeddings.npy --threshold 0.95 --keep - > kept.txt',
      'groups names.csv --text company -t 0.6   near-duplicate names',
    ],
    (command) =>
      command
        .needs(thresholdOption())
        .addOption(
          new Option('--method <name>', 'chains of pairs, mutual pairs, or rows around a centre')
            .choices(['components', 'complete', 'community'])
            .default('components'),
        )
        .option('--minimum-size <count>', 'smallest group (default: 2, communities 10)', parseCount)
        .option('--keep-rows <count>', 'join the most similar until this many rows are left', parseCount)
        .option('--explain', 'find the lowest score inside each group')
        .option('--keep <file>', 'write the numbers of kept rows, - for stdout')
        .addOptions(textOption(), ...groupingOptions(false), noPruningOption()),
    { against: false, scores: false },
  ).action((inputs: string[], options: GroupsCommandOptions) => runGroups(inputs, options, signal));

  computing(
    program,
    'dedupe',
    'keep one of each set of near-duplicates',
    [
      'dedupe docs.jsonl -t 0.95 -o kept.jsonl',
      'dedupe new.csv --against old.csv -t 0.95 -o kept.csv --dropped x.csv',
      'dedupe docs.csv -t 0.95 --keep-by date:desc -o newest.csv',
      'dedupe embeddings.npy -t 0.95 --keep kept.txt',
    ],
    (command) =>
      command
        .needs(thresholdOption())
        .option('--keep-by <column>', 'keep the lowest value of a column, with :desc the highest')
        .addOption(
          new Option('--method <name>', 'compare with kept rows, or join rows by chains')
            .choices(['greedy', 'components'])
            .default('greedy'),
        )
        .option('--dropped <file>', '.csv or .jsonl of dropped rows, with the reason')
        .option('--keep <file>', 'write the numbers of kept rows, - for stdout')
        .addOptions(textOption(), againstTextOption(), ...groupingOptions(), noPruningOption()),
    { against: 'drop rows that are similar to a row of FILE', formats: "kept records, in the input's format", saves: false },
  ).action((inputs: string[], options: DedupeCommandOptions) => runDedupe(inputs, options, signal));

  computing(
    program,
    'linkage',
    'cluster all rows hierarchically',
    ['linkage embeddings.npy -o tree.npy', 'linkage embeddings.npy --method complete --json'],
    (command) =>
      command.addOption(
        new Option('--method <name>', 'score of two clusters: the mean, lowest or highest')
          .choices(['average', 'complete', 'single'])
          .default('average'),
      ),
    { against: false, labels: false, scores: false, saves: false },
  ).action((inputs: string[], options: LinkageCommandOptions) => runLinkage(inputs, options, signal));

  computing(
    program,
    'histogram',
    'show the distribution of the scores',
    ['histogram embeddings.npy', 'histogram embeddings.npy --bins 200 -o histogram.csv'],
    (command) => command.option('--bins <count>', 'number of bins from -1 to 1', parseCount, 40),
    { labels: false, scores: false, excludable: false },
  ).action((inputs: string[], options: HistogramCommandOptions) => runHistogram(inputs, options, signal));

  withInput(program, 'health', '<in...>', 'check whether the scores can be trusted', [
    'health embeddings.npy',
    'health embeddings.npy --center',
    'health embeddings.npy --json',
  ])
    .addOptions(...readingOptions(), ...transformOptions().filter(({ long }) => long !== '--save-transform'))
    .addOptions(memoryOption(), threadsOption(), backendOption(), jsonOption(), quietOption())
    .action((inputs: string[], options: CallOptions) => runHealth(inputs, options, signal));

  computing(
    program,
    'matrix',
    'compute the score of every row with every row',
    ['matrix embeddings.npy', 'matrix embeddings.npy -o scores.npy', 'matrix queries.npy --against docs.npy -o - > scores.npy'],
    (command) => command,
    { labels: false, formats: '.npy, .npz', excludable: false },
  ).action((inputs: string[], options: CallOptions) => runMatrix(inputs, options, signal));

  viewing(program).action((inputs: string[], options: ViewCommandOptions) => runView(inputs, options, signal));

  subcommand(program, 'resume', 'continue an interrupted run', ['resume scores.npy', 'resume nearest.parquet --threads 1'])
    .argument('<output>', 'output of the run, whose state is in <output>.partial')
    .addOptions(memoryOption(), threadsOption(), quietOption())
    .action((output: string, options: ResumeOptions) => runResume(output, options, signal));

  planning(program).action((inputs: string[], options: PlanCommandOptions) => runPlan(inputs, options, signal));

  subcommand(program, 'run-shard', 'compute one shard of a job (repeating it is safe)', [
    'run-shard job/ --index 17',
    'run-shard s3://bucket/job --threads 4',
  ])
    .argument('<job>', JOB)
    .option('--index <number>', `shard number (default: $${INDEX_VARIABLES.join(', $')})`, parseIndex)
    .addOptions(threadsOption(), memoryOption(), quietOption())
    .action((place: string, options: RunShardOptions) => runRunShard(place, options, signal));

  subcommand(program, 'merge', 'combine the parts of a job into its result', [
    'merge job/ -o nearest.parquet',
    'merge s3://bucket/job -o pairs.csv',
  ])
    .argument('<job>', JOB)
    .needs(outputOption(RECORDS))
    .addOptions(...nameOptions(), ...againstNameOptions(), symmetricOption(), distanceOption(), quietOption())
    .action((place: string, options: MergeOptions) => runMerge(place, options, signal));

  subcommand(program, 'enqueue', 'queue the unfinished shards of a job in Redis', [
    'enqueue /shared/job --redis redis://queue:6379',
    'enqueue s3://bucket/job',
  ])
    .argument('<job>', `${JOB}; all workers need this path`)
    .addOption(redisOption())
    .option('--tries <count>', 'attempts before a shard counts as failed', parseCount, TRIES)
    .addOptions(jsonOption(), quietOption())
    .action((job: string, options: EnqueueOptions) => runEnqueue(job, options, signal));

  subcommand(program, 'worker', 'compute queued shards of any job until Ctrl-C', [
    'worker --redis redis://queue:6379',
    'worker --threads 8 --memory 16GiB --until-empty',
  ])
    .addOptions(redisOption(), threadsOption(), memoryOption())
    .option('--stalled-after <seconds>', 'time without a heartbeat before a shard is reassigned', parsePatience, 30)
    .option('--until-empty', 'exit when no shard is waiting or in progress')
    .addOption(quietOption())
    .action((options: WorkerOptions) => runWorker(options, signal));

  subcommand(program, 'status', 'show the finished and missing shards of a job', [
    'status /shared/job',
    'status s3://bucket/job --redis redis://queue:6379 --watch',
    'status job --json | jq -r .missing     array indices for sbatch',
  ])
    .argument('<job>', JOB)
    .addOption(redisOption())
    .option('--watch', 'update until all are done (exit code 0) or failed (1)')
    .addOption(jsonOption())
    .action((job: string, options: StatusOptions) => runStatus(job, options, signal));

  subcommand(program, 'bench', 'measure every backend on this machine', ['bench', 'bench --threads 1 --json'])
    .addOption(threadsOption())
    .option('--seconds <seconds>', 'duration of each of the four measurements', parseSeconds, 4)
    .addOption(jsonOption())
    .action((options: BenchOptions) => runBench(options, signal));

  subcommand(program, 'info', 'show version, runtime, cores and backends', ['info', 'info --json'])
    .addOption(jsonOption())
    .action((options: { json?: boolean }) => runInfo(VERSION, options));

  for (const command of program.commands as CliCommand[]) {
    command.helpAllOption();
    if (CLUSTER_COMMANDS.includes(command.name())) command.helpGroup('Jobs on several machines:');
  }
  return program;
}

function subcommand(program: CliCommand, name: string, description: string, examples: readonly string[]): CliCommand {
  return program
    .command(name)
    .description(description)
    .examples(...examples)
    .addHelpText('after', AFTER_COMMAND_HELP);
}

/** Adds a command that reads rows, without the options that select them. */
function withInput(
  program: CliCommand,
  name: string,
  input: string,
  description: string,
  examples: readonly string[],
): CliCommand {
  const parse = (name: string, before: string[] = []) => [...before, withStdinAsDash(name)];
  return subcommand(program, name, description, examples).argument(
    input,
    'files of rows, a folder or glob, - for stdin',
    parse,
  );
}

/** Adds a command that computes; its own options come first in the help. */
function computing(
  program: CliCommand,
  name: string,
  description: string,
  examples: readonly string[],
  addOwnOptions: (command: CliCommand) => void,
  {
    against = true as boolean | string,
    labels = true,
    scores = true,
    formats = RECORDS,
    saves = true,
    planned = true,
    excludable = true,
  } = {},
): CliCommand {
  const command = withInput(program, name, '<in...>', description, examples);
  addOwnOptions(command);
  command.addOptions(...readingOptions());
  if (against) command.addOptions(...againstOptions(typeof against === 'string' ? against : undefined));
  if (labels) command.addOptions(...nameOptions());
  if (labels && against) command.addOptions(...againstNameOptions());
  if (scores) command.addOption(distanceOption());
  command.addOptions(...transformOptions(), outputOption(formats), dtypeOption(), memoryOption());
  if (saves) command.option('--save-every <seconds>', 'save progress this often (with -o; default: 2)', parseSeconds);
  if (planned) command.addOption(dryRunOption());
  return command
    .option('--restart', 'discard the unfinished run of this output')
    .addOptions(threadsOption(), backendOption(), nonFiniteOption(), zeroRowsOption(excludable), jsonOption(), quietOption());
}

/** Adds the command that creates a job for several machines. */
function planning(program: CliCommand): CliCommand {
  return withInput(program, 'plan', '<in...>', 'divide work into shards for several machines', [
    'plan embeddings.npy --top-k 10 --shards 400 -o job/',
    'plan embeddings.npy --threshold 0.9 --shards 400 -o s3://bucket/job',
    'plan embeddings.npy --matrix --shards 400 --dry-run',
  ])
    .addOptions(topKOption(), thresholdOption())
    .option('--matrix', 'the score of every row with every row')
    .addOptions(...readingOptions(), ...againstOptions())
    .option('--shards <count>', 'number of shards of equal work', parseCount, 100)
    .needs(new Option('-o, --output <job>', 'shared job folder, or s3://bucket/prefix'), 'dryRun')
    .option('--copy', 'copy the rows into the job')
    .addOptions(dtypeOption(), memoryOption(), dryRunOption(), backendOption(), nonFiniteOption(), jsonOption(), quietOption());
}

/** Adds the command that shows the page. */
function viewing(program: CliCommand): CliCommand {
  return withInput(program, 'view', '[in...]', 'explore the rows in the browser', [
    'view embeddings.npy --labels sentences.tsv',
    'view digits.npy --labels digits-labels.txt --image-shape 8x8',
    'view photos.npy --images photos.csv:path',
    'view photos.npy --images sprite.png --image-shape 32x32',
    'view embeddings.npy --labels titles.txt --export report.html',
    'view rows.csv --decisions decisions.json',
    'view queries.npy --against docs.npy --against-labels titles.txt',
    'view small-model.npy --compare large-model.npy --labels titles.txt',
    'view                      a page for dropped files',
  ])
    .addOptions(...readingOptions(), labelsOption())
    .option('--color-by <file[:column]>', 'classes to colour by (default: columns of --labels)')
    .option('--images <file[:column]>', 'one picture of all rows, or a column of paths')
    .option('--image-shape <WxH>', 'picture size; without --images rows are pictures', parseShape)
    .addOptions(viewAgainstOption(), ...againstReadingOptions(), againstLabelsOption(), ...compareOptions())
    .option('--export <file>', 'write one .html file instead, up to 5,000 rows')
    .option('--decisions <file>', 'load a review of near-duplicates, and save it')
    .option('--port <number>', 'port of the page, 0 for any', parsePort, 0)
    .option('--no-open', 'print the address, open no browser')
    .addOptions(nonFiniteOption(), quietOption());
}
