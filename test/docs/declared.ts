// What code blocks need beyond their text, and blocks that are not code, each with the reason. An entry that no block uses fails.

/** Code inserted before a fragment. */
export const PREAMBLES: Readonly<Record<string, string>> = {
  'README.md › In code › 1': `
    const x = { data: new Float32Array(50 * 8).map((_, i) => Math.sin(i * i)), shape: [50, 8] }
    const [queries, docs, y] = [x, x, x]
    const save = () => {}
  `,
  'docs/options.md › Rows in files › 1': `
    const use = () => {}
    const file = 'docs.parquet'
  `,
};

/** Text that no program here prints, or not always. */
export const TEXTS: Readonly<Record<string, string>> = {
  'docs/reliability.md › Killed processes › 2': 'of one long run',
  'docs/reliability.md › Several machines › 2': 'of one long run',
  'docs/files.md › Which columns are the rows › 1': 'a line on stderr: test/cli/reading.test.ts',
  'docs/reliability.md › Memory of the caller › 2': 'of one long run',
  'docs/page.md › Share › 2': 'a part of a page: test/web/share.test.ts',
  'docs/how-it-works.md › The idea › 1': 'a formula',
  'docs/how-it-works.md › Half the work, and no temporaries › 1': 'a figure',
  'docs/how-it-works.md › Answers without the matrix › 1': 'pseudo-code',
  'docs/how-it-works.md › Packing › 1': 'a figure',
  'docs/how-it-works.md › Packing › 2': 'pseudo-code',
  'docs/how-it-works.md › Sparse rows › 1': 'pseudo-code',
  'docs/how-it-works.md › Sparse rows › 2': 'a formula',
  'docs/how-it-works.md › Sparse rows › 3': 'a formula',
  'docs/how-it-works.md › The micro-kernel › 1': 'a figure',
  'docs/how-it-works.md › Larger than memory › 1': 'a figure',
  'docs/when-cosine-misleads.md › A result to know › 1': 'a formula',
};

/** Printed by `npm run demo`; times and machines differ. */
export const DEMO: readonly string[] = ['docs/guide.md › Guide › 2'];

/** A command and its output for other rows on another machine: only the first words of its lines are compared. */
export const SAMPLES: readonly string[] = ['docs/cluster.md › The plan › 1'];

/** Modules that a Python block needs and does not import itself. */
export const PYTHON_MODULES: Readonly<Record<string, readonly string[]>> = {
  'docs/guide.md › Rows from NumPy and pandas › 5': ['pyarrow'],
  'docs/page.md › Share › 1': ['IPython'],
};

/** Why a command is only parsed by our own option parser. */
export function whyNotRun(text: string): string | undefined {
  if (/^(node dist\/cli\/main\.js|allpairs) view\b/.test(text) && !text.includes('--export'))
    return 'serves a page until Ctrl-C';
  if (text.includes('s3://')) return 'wants a bucket: test/cluster/storage.test.ts';
  if (/^allpairs (enqueue|worker)\b|--redis|--watch/.test(text)) return 'wants Redis: test/cluster/queue.test.ts';
  if (/^allpairs bench$/.test(text)) return 'takes half a minute: test/bench/quick.test.ts';
  if (/^allpairs resume\b/.test(text)) return 'wants a run that was stopped: test/cli/saved-runs.test.ts';
  return undefined;
}
