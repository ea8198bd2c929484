// The command line as commander sees it: names, options, help. What the commands do is in commands/.

import { readFileSync } from 'node:fs';
import { Command, InvalidArgumentError, Option } from 'commander';
import { BACKEND_NAMES } from '../index.js';
import { runInfo } from './commands/info.js';
import { type MatrixOptions, runMatrix } from './commands/matrix.js';

export const VERSION: string = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version;

const EXAMPLES = `Examples:
  allpairs matrix embeddings.npy                    look: a corner of the result, and a summary
  allpairs matrix embeddings.npy -o scores.npy      every row with every row
  allpairs matrix queries.npy --against docs.npy -o scores.npy
  allpairs info                                     what this machine can run
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

  program
    .command('matrix')
    .description('cosine similarity of every row of IN with every row of IN, or of another file')
    .argument('<in>', 'rows: a .npy file, or - for stdin')
    .option('--against <file>', 'compare with the rows of this file instead')
    .option('-o, --output <file>', 'write the matrix: a .npy file, or - for stdout')
    .addOption(new Option('--dtype <type>', 'element type to compute and write').choices(['float32', 'float64']))
    .option('--threads <count>', 'threads that compute (default: all cores)', parseCount)
    .addOption(new Option('--backend <name>', 'how to compute (default: the fastest)').choices([...BACKEND_NAMES]))
    .addOption(
      new Option('--non-finite <what>', 'rows with NaN or infinity: an error, or zero vectors')
        .choices(['throw', 'zero'])
        .default('throw'),
    )
    .option('--json', 'print JSON even on a terminal')
    .option('-q, --quiet', 'print nothing but data and errors')
    .addHelpText(
      'before',
      `Examples:
  allpairs matrix embeddings.npy
  allpairs matrix embeddings.npy -o scores.npy
  allpairs matrix queries.npy --against docs.npy -o - > scores.npy
`,
    )
    .action((input: string, options: MatrixOptions) => runMatrix(input, options, signal));

  program
    .command('info')
    .description('version, runtime, cores, and the backends with the reason where one cannot run')
    .option('--json', 'print JSON even on a terminal')
    .addHelpText('before', 'Examples:\n  allpairs info\n  allpairs info --json\n')
    .action((options: { json?: boolean }) => runInfo(VERSION, options));

  return program;
}

function parseCount(text: string): number {
  const count = Number(text);
  if (!Number.isSafeInteger(count) || count < 1) throw new InvalidArgumentError('Expected a positive whole number.');
  return count;
}
