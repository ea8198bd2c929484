// The commands of a shell block. In indented blocks, three or more spaces begin a remark.

export interface Command {
  readonly text: string;
  /** Its words without quotes, up to a pipe or `&&`. */
  readonly words: readonly string[];
}

export function commandsOf(text: string, indented: boolean): Command[] {
  const lines = text.replaceAll(/\\\n\s*/g, '').split('\n');
  const plain = lines.map((line) => (indented ? (line.trim().split(/\s{3,}/, 1)[0] as string) : line).trim());
  return plain
    .filter((line) => line !== '' && !line.startsWith('#'))
    .flatMap((line) => line.split(' && '))
    .map((line) => ({ text: line, words: wordsOf(line) }));
}

/** Includes commands inside others (`id=$(...)`, `--wrap '...'`). */
export function allpairsCommandsIn(text: string): string[][] {
  return [...text.matchAll(/(?:^|['(]|\| )(?:npx )?(?:allpairs|node dist\/cli\/main\.js) ((?:'[^']*'|[^')|])*)/g)].map(
    ([, rest = '']) => wordsOf(rest),
  );
}

function wordsOf(line: string): string[] {
  return [...line.matchAll(/(?:'([^']*)'|"([^"]*)"|([^\s'"]+))+/g)].map(([whole, single, double, bare]) =>
    whole === bare ? bare : (single ?? double ?? whole).replaceAll(/['"]/g, ''),
  );
}
