// Every code block of the documents is run, or parsed, or declared with a reason why not.

import { execFile, execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openJob } from '#src/cluster/job/job.js';
import { runShard } from '#src/cluster/job/run-shard.js';
import { launchChromium, missing, skipped } from '../browser/chromium.js';
import { type Block, blocksOf } from './blocks.js';
import { DEMO, PREAMBLES, PYTHON_MODULES, SAMPLES, TEXTS, whyNotRun } from './declared.js';
import { withFolder } from './pages.js';
import { parseCommand } from './parse-command.js';
import { createSandbox, createStandIns, ROOT } from './sandbox.js';
import { allpairsCommandsIn, type Command, commandsOf } from './shell-lines.js';
import { withChecks } from './value-comments.js';

// Looks for package.json where the built command finds it.
vi.mock('#src/cli/version.js', () => ({ VERSION: '0.0.0' }));

const exec = promisify(execFile);
const filesIn = (folder: string) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((file) => `${folder}/${file}`);
const DOCUMENTS = [
  'README.md',
  'CONTRIBUTING.md',
  ...filesIn('docs').filter((file) => /^docs\/[^/]+\.md$/.test(file)),
  ...filesIn('examples').filter((file) => file.endsWith('/README.md')),
].sort();
const PACKAGE = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

/** First words of commands. For commands of other programs, the test only checks that the files they name exist. */
const OURS = /^(allpairs|npm|npx|node|\.ci\/run|export)$/;
const OTHERS = /^(sbatch|id=\$\(sbatch|kubectl|aws)$/;

const all = DOCUMENTS.flatMap((document) => blocksOf(ROOT, document));
let standIns: string;
const folders = new Map<string, Promise<string>>();

beforeAll(async () => {
  standIns = await createStandIns();
});
afterAll(async () => {
  for (const folder of [standIns, ...(await Promise.all(folders.values()))]) await rm(folder, { recursive: true });
});

/** The blocks of a section run in one folder, one after another. */
function folderOf({ document, heading }: Block): Promise<string> {
  const key = `${document} › ${heading}`;
  const folder = folders.get(key) ?? createSandbox(standIns);
  folders.set(key, folder);
  return folder;
}

type Kind =
  | 'module'
  | 'page module'
  | 'page'
  | 'python'
  | 'shell'
  | 'dockerfile'
  | 'output'
  | 'demo'
  | 'sample'
  | 'text'
  | 'declarations';

function kindOf(block: Block): Kind | undefined {
  const { info, key, document } = block;
  if (DEMO.includes(key)) return 'demo';
  if (SAMPLES.includes(key)) return 'sample';
  if (key in TEXTS) return 'text';
  if (info === 'ts' && document === 'docs/api.md') return 'declarations';
  if (info === 'js' || info === 'ts') return 'module';
  if (info === 'js browser') return 'page module';
  if (info === 'html') return 'page';
  if (info === 'py') return 'python';
  if (info === 'sh') return 'shell';
  if (info === 'text')
    return all.some(({ output, heading }) => output === block.text && heading === block.heading) ? 'output' : undefined;
  if (info !== 'indented') return undefined;
  if (block.text.startsWith('FROM ')) return 'dockerfile';
  const known = commandsOf(block.text, true).every(({ words: [first = ''] }) => OURS.test(first) || OTHERS.test(first));
  return known ? 'shell' : undefined;
}

/** A block whose first line is the name of its file is a part of another block of its section. */
function fileName({ text }: Block): string | undefined {
  return /^\/\/ ([\w-]+\.js)\n/.exec(text)?.[1];
}

const environment = (folder: string) => ({
  ...process.env,
  NO_COLOR: '1',
  PATH: `${join(folder, 'node_modules/.bin')}${delimiter}${process.env.PATH}`,
});

/** Writes a module and returns its path. */
async function writeModule(block: Block, folder: string): Promise<string> {
  const name = fileName(block) ?? `block-${block.line}.js`;
  const preamble = PREAMBLES[block.key] ?? '';
  const plain =
    block.info === 'ts'
      ? ts.transpileModule(block.text, { compilerOptions: { target: ts.ScriptTarget.ES2022 } }).outputText
      : block.text;
  const { code } = withChecks(plain);
  await writeFile(join(folder, name), `${preamble}\n${code}`);
  return name;
}

/** Something else in the section must load a named file. */
function expectLoaded(block: Block): void {
  const name = fileName(block);
  const others = all.filter((other) => other !== block && other.heading === block.heading && other.document === block.document);
  expect(
    others.some(({ text }) => text.includes(`./${name}`)),
    `nothing in the section loads ${name}`,
  ).toBe(true);
}

const python = (() => {
  try {
    execFileSync('python3', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

/** Returns why a Python block cannot run here. */
function whyNoPython({ key, text }: Block): string | undefined {
  if (!python) return 'no python3';
  const modules = [...text.matchAll(/^(?:import|from) (\w+)/gm)].map(([, name = '']) => name).concat(PYTHON_MODULES[key] ?? []);
  return modules.flatMap((name) => {
    try {
      execFileSync('python3', ['-c', `import ${name}`], { stdio: 'ignore' });
      return [];
    } catch {
      return `python3 has no ${name}`;
    }
  })[0];
}

/** Runs or examines a command, and returns its output if it ran. */
async function runShell(command: Command, folder: string): Promise<string> {
  const { text, words } = command;
  const [first = '', second = '', third = ''] = words;
  for (const inner of allpairsCommandsIn(text)) await parseCommand(inner);
  if ((first === 'allpairs' || first === 'cat') && !whyNotRun(text)) {
    // The other machines.
    if (second === 'merge') {
      const job = await openJob(join(folder, third));
      const count = job.manifest.shards.length;
      await job.close();
      for (let index = 0; index < count; index++) await runShard(join(folder, third), index, { threads: 1 });
    }
    return (await exec('bash', ['-c', text], { cwd: folder, env: environment(folder) })).stdout;
  }
  if (first === 'npm' && second === 'run') {
    expect(Object.keys(PACKAGE.scripts)).toContain(third);
  } else if (first === 'npm' && second === 'install') {
    for (const name of words.slice(2)) expect({ ...PACKAGE.peerDependencies, allpairs: '' }).toHaveProperty([name]);
  } else if (first === 'npx' && second === 'tsx') {
    expect(existsSync(join(ROOT, third)), third).toBe(true);
  } else if (first === 'npx' && second === 'vite') {
    expect(existsSync(join(ROOT, third, 'vite.config.mjs')), third).toBe(true);
  } else if (first === 'node') {
    for (const name of words.filter((word) => /^(dist|examples)\//.test(word)))
      expect(existsSync(join(ROOT, name)), name).toBe(true);
  } else if (first === '.ci/run') {
    expect(existsSync(join(ROOT, first))).toBe(true);
  } else if (first === 'export') {
    const [name = ''] = second.split('=');
    expect(readFileSync(join(ROOT, 'src/cli/redis-session.ts'), 'utf8')).toContain(name);
  } else if (OTHERS.test(first)) {
    const files = [...text.matchAll(/[\w-]+\.(?:sh|yaml|json)\b/g)].map(([name]) => name);
    for (const name of files) expect(existsSync(join(ROOT, 'examples/cluster', name)), name).toBe(true);
  } else if (first === 'npm') expect(['ci', 'cit']).toContain(second);
  else expect(first, text).toBe('allpairs');
  return '';
}

let demo: Promise<string> | undefined;

/** Returns the output of the demo without times and machines. Its path has a space, which a URL writes as %20. */
function demoOutput(): Promise<string> {
  demo ??= runDemo();
  return demo;
}

async function runDemo(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'allpairs demo '));
  try {
    await cp(join(ROOT, 'examples'), join(folder, 'examples'), { recursive: true });
    await mkdir(join(folder, 'node_modules'));
    await symlink(ROOT, join(folder, 'node_modules/allpairs'), 'junction');
    await symlink(join(ROOT, 'node_modules/picocolors'), join(folder, 'node_modules/picocolors'), 'junction');
    const env = { ...process.env, NO_COLOR: '1' };
    const { stdout } = await exec(process.execPath, ['examples/sentences.mjs'], { cwd: folder, env });
    return withoutMachine(stdout);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function withoutMachine(text: string): string {
  return text.replace(/[\d,.]+ ms \(.*\)/g, 'TIME').replace(/ +$/gm, '');
}

const firstWord = (line: string) => line.split(/\s/, 1)[0];

describe.each(DOCUMENTS)('%s', (path) => {
  const blocks = all.filter((block) => block.document === path);
  // One process for all blocks, because there are many.
  const plain = blocks.filter((block) => ['declarations', 'output'].includes(kindOf(block) as string));
  for (const block of blocks.filter((block) => !plain.includes(block))) {
    const kind = kindOf(block);
    const title = `line ${block.line} (${kind ?? block.info}): ${block.key}`;
    if (kind === undefined)
      it(title, () => {
        throw new Error(`no test knows what this block is: \`\`\`${block.info}\n${block.text}`);
      });
    if (kind === 'text') it(`${title} (${TEXTS[block.key]})`, () => {});
    if (kind === 'demo')
      it(title, async () => {
        const lines = (await demoOutput()).split('\n').map((line) => line.trim());
        for (const line of withoutMachine(block.text).trim().split('\n')) expect(lines).toContain(line.trim());
      });
    if (kind === 'module')
      it(title, async () => {
        const folder = await folderOf(block);
        const name = await writeModule(block, folder);
        if (fileName(block)) return expectLoaded(block);
        const { stdout } = await exec(process.execPath, [name], { cwd: folder, env: environment(folder) });
        expect(stdout).toBe(block.output ?? '');
      });
    if (kind === 'page module' || kind === 'page')
      it.skipIf(missing)(`${title}${skipped}`, async () => {
        const folder = await folderOf(block);
        if (fileName(block)) {
          await writeModule(block, folder);
          return expectLoaded(block);
        }
        const browser = await launchChromium();
        try {
          if (kind === 'page') await tryPage(browser, block, folder);
          else {
            const name = await writeModule(block, folder);
            const html = `<!doctype html><script type="module">import './${name}'; document.title = 'done'</script>`;
            await writeFile(join(folder, 'run.html'), html);
            await withFolder(browser, folder, 'run.html', async (page) => {
              await page.waitForFunction(() => document.title === 'done');
            });
          }
        } finally {
          await browser.close();
        }
      });
    if (kind === 'python') {
      const reason = whyNoPython(block);
      it.skipIf(reason)(`${title}${reason ? ` (skipped: ${reason})` : ''}`, async () => {
        const { stdout } = await exec('python3', ['-c', block.text], { cwd: await folderOf(block) });
        expect(stdout).toBe(block.output ?? '');
      });
      if (reason && python)
        it(`${title}, parsed`, () => exec('python3', ['-c', `import ast, sys; ast.parse(sys.argv[1])`, block.text]));
    }
    if (kind === 'shell')
      it(title, async () => {
        for (const command of commandsOf(block.text, block.info === 'indented')) await runShell(command, await folderOf(block));
      });
    if (kind === 'sample')
      it(title, async () => {
        const [line = '', ...output] = block.text.split('\n');
        const [command] = commandsOf(line, true) as [Command];
        const folder = await folderOf(block);
        // In a pipe it would print JSON.
        const onTerminal = ['-qec', command.text, '/dev/null'];
        const { stdout } = await exec('script', onTerminal, { cwd: folder, env: environment(folder) });
        const printed = stdout.split('\n').map((one) => firstWord(one.trim()));
        for (const word of output.filter((one) => /^\S/.test(one)).map(firstWord)) expect(printed).toContain(word);
      });
    if (kind === 'dockerfile')
      it(title, () => {
        expect(block.text).toContain(`allpairs@${PACKAGE.version}`);
        for (const line of block.text.trim().split('\n')) expect(line).toMatch(/^(FROM node:(20|22|24|26)|RUN npm install)/);
      });
  }
  it(`has ${blocks.length} blocks, of which ${plain.length} are output of the one before, or declarations of docs/api.md`, () => {
    for (const { text } of blocks) expect(text.trim()).not.toBe('');
  });
});

/** The page of the guide, which accepts a file. */
async function tryPage(browser: Awaited<ReturnType<typeof launchChromium>>, block: Block, folder: string): Promise<void> {
  await writeFile(join(folder, 'index.html'), block.text);
  await withFolder(browser, folder, 'index.html', async (page) => {
    await page.setInputFiles('input', join(ROOT, 'examples/data/digits.npy'));
    await page.waitForFunction(() => document.querySelector('output')?.value !== '');
    expect(await page.locator('output').textContent()).toBe('1797 rows, 10 neighbours each');
  });
}

it('compares comments that state values in README.md', async () => {
  const [first = ''] = all.filter(({ document, info }) => document === 'README.md' && info === 'js').map(({ text }) => text);
  expect(withChecks(first).count).toBe(4);
  expect(withChecks('a.b   // 5\n').code).toContain('checkValue(a.b, 5, null,');
});

it('notices options, commands and values that do not exist', async () => {
  await expect(parseCommand(['topk', 'x.npy', '--nearest', '3'])).rejects.toThrow("unknown option '--nearest'");
  await expect(parseCommand(['top', 'x.npy'])).rejects.toThrow("unknown command 'top'");
  await expect(parseCommand(['pairs', 'x.npy'])).rejects.toThrow('--threshold');
  const [block] = all.filter(({ info }) => info === 'js') as [Block];
  expect(kindOf({ ...block, key: 'x', info: 'rust' })).toBeUndefined();
  expect(kindOf({ ...block, key: 'x', info: 'text', text: 'printed by nobody' })).toBeUndefined();
  expect(kindOf({ ...block, key: 'x', info: 'indented', text: 'make install' })).toBeUndefined();
  const folder = await createSandbox(standIns);
  await writeFile(join(folder, 'wrong.js'), withChecks('Math.PI   // 3.15\n').code);
  await expect(exec(process.execPath, ['wrong.js'], { cwd: folder })).rejects.toThrow('Math.PI // 3.15: got 3.14159');
  await rm(folder, { recursive: true });
});

it('has no declaration for a block that does not exist', () => {
  const keys = new Set(all.map(({ key }) => key));
  for (const key of [...Object.keys(PREAMBLES), ...Object.keys(TEXTS), ...Object.keys(PYTHON_MODULES), ...DEMO, ...SAMPLES])
    expect([...keys]).toContain(key);
});

it('has only links whose targets exist', async () => {
  for (const document of DOCUMENTS) {
    const text = (await readFile(join(ROOT, document), 'utf8')).replaceAll(/```[\s\S]*?```/g, '');
    for (const [, target = ''] of text.matchAll(/\]\((?!https?:)([^)#\s]+)(?:#[^)]*)?\)/g)) {
      expect(existsSync(join(ROOT, document, '..', target)), `${document}: ${target}`).toBe(true);
    }
  }
});
