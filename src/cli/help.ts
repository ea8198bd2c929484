// The parts of the program's help other than its commands.

export const EXAMPLES: readonly string[] = [
  'topk embeddings.npy -k 10 --labels titles.txt     nearest rows',
  'pairs embeddings.npy -t 0.9 -o pairs.csv          similar pairs',
  'dedupe docs.jsonl -t 0.95 -o kept.jsonl           drop duplicates',
  'groups embeddings.npy -t 0.95 --keep kept.txt     duplicate groups',
  'histogram embeddings.npy                          find a threshold',
  'matrix embeddings.npy -o scores.npy               all scores',
  'view embeddings.npy --labels titles.txt           explore the rows',
  'resume scores.npy                                 after Ctrl-C',
  'plan embeddings.npy -k 10 --shards 400 -o job/    several machines',
  'info                                              this machine',
];

export const AFTER_HELP = `
Input, --labels and -o take - for stdin and stdout. On a terminal the commands
print tables, otherwise JSON lines. Status lines go to stderr.

Exit codes:
  0    done
  1    failed
  2    wrong usage
  3    bad input
  4    stopped part-way; "allpairs resume" continues
  130  interrupted

Environment variables:
  ALLPAIRS_BACKEND         default of --backend
  ALLPAIRS_REDIS_URL       default of --redis
  ALLPAIRS_REDIS_PASSWORD  password for Redis
  NO_COLOR, FORCE_COLOR    never or always print colours
  TMPDIR                   folder for temporary files

Documentation: https://www.npmjs.com/package/allpairs
`;

export const AFTER_COMMAND_HELP = '\nExit codes and environment variables: allpairs --help\n';
