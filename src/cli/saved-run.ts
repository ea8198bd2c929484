// A run with an output, which another process can continue: its manifest, its saved state, and its completion.

import { basename, dirname, resolve } from 'node:path';
import { COMMAND_WORDING } from '../command-wording.js';
import { type BackendName, type Checkpoint, FormatError, runtimeInfo, type SavedState } from '../index.js';
import type { AtomicFile } from '../io/bytes/atomic-file.js';
import { differenceOf, type FileIdentity, type FileStamp, identifyFile, stampOf } from '../io/bytes/file-identity.js';
import { isPipe } from '../io/bytes/pipe-bytes.js';
import { expandInput } from '../io/rows/input-files.js';
import { NO_FILE } from '../io/rows/row-reader.js';
import { FolderInUse } from '../io/runs/folder-lock.js';
import { NotAWorkFolder, WorkFolder, workFolderOf } from '../io/runs/work-folder.js';
import type { CallOptions } from './call-options.js';
import { asInputError, InputError, Stopped, UsageError } from './exit-codes.js';
import { checkOutputPlace } from './output-place.js';
import { absoluteNames, filesOfNames } from './read-names.js';
import { isSystemError, namingTyped } from './system-error.js';
import { VERSION } from './version.js';

/** Everything that the answer of a run depends on. */
export interface Manifest {
  readonly allpairs: string;
  readonly command: string;
  /** Files, folders and globs. */
  readonly input: readonly string[];
  readonly options: Readonly<Record<string, unknown>>;
  /** The kernels that compute, because others round differently. */
  readonly backend: BackendName;
  readonly backendDescription: string;
  readonly inputs: readonly FileIdentity[];
  /** Decisions of the command at the start, which stay in effect. */
  readonly plan: Readonly<Record<string, unknown>>;
}

/** Options that do not affect the answer, or are stored elsewhere. */
const NOT_OF_THE_ANSWER = [
  'output',
  'saveTransform',
  'threads',
  'backend',
  'pruning',
  'memory',
  'saveEvery',
  'dryRun',
  'restart',
  'resume',
  'json',
  'quiet',
  'color',
];
/** Options that name files. */
const FILES = ['against', 'labels', 'againstLabels', 'keep', 'pairs', 'dropped', 'transform'];
/** Interval in seconds. */
const SAVE_EVERY = 2;
const STATE = 'state';
const STDIN_COPY = 'stdin';

export class SavedRun {
  /** Row and arrays of `state`, until they are requested. */
  private saved: SavedState | undefined;
  private manifest: Manifest | undefined;
  private stamps: readonly FileStamp[] = [];
  /** True if there is progress to lose. */
  private progress = false;
  private finished = false;

  private constructor(
    readonly folder: WorkFolder,
    private readonly command: string,
    private readonly options: CallOptions,
    /** The manifest of the run that is continued. */
    private readonly before: Manifest | undefined,
  ) {}

  /** Throws UsageError, before any work, if the output cannot be created. */
  static async check(command: string, input: readonly string[], options: CallOptions): Promise<void> {
    const { output = '', resume, restart } = options;
    const read = [...input, options.against, ...filesBeside(options)];
    await checkOutputPlace('-o', output, read);
    for (const file of read) if (file) await refusePipe(file);
    if (resume || restart) return;
    const before = await findManifest(output);
    if (!before) return;
    const changes = changesOf(before, answerOf(command, input, options));
    throw new UsageError(
      `${basename(output)}.partial holds an unfinished run${changes.length > 0 ? ` with other arguments (${changes.join('; ')})` : ''}; ` +
        `continue it with "allpairs resume ${output}", or discard it with --restart`,
    );
  }

  /** Opens the folder of `options.output`: a new one or, with `options.resume`, that of an earlier run. */
  static async open(command: string, options: CallOptions): Promise<SavedRun> {
    const { output = '', resume } = options;
    const before = resume ? await readManifest(output) : undefined;
    try {
      const folder = await (resume ? WorkFolder.open(output) : WorkFolder.create(output));
      return new SavedRun(folder, command, options, before);
    } catch (error) {
      const refused = error instanceof FolderInUse || error instanceof NotAWorkFolder;
      throw refused ? new UsageError(error.message) : namingOutput(error, output);
    }
  }

  /** Where stdin is saved, so that it can be read again. */
  get stdinCopy(): string {
    return this.folder.at(STDIN_COPY);
  }

  /** Makes the run resumable, or continues an earlier one. Throws InputError if the earlier one differs. */
  async begin(
    input: readonly string[],
    options: CallOptions,
    signal: AbortSignal,
    plan: Readonly<Record<string, unknown>> = {},
  ): Promise<void> {
    const { against } = options;
    const rows = [
      ...(await filesOf(input, options.column)),
      ...(await filesOf(against ? [against] : [], options.againstColumn)),
    ];
    const named = [...rows, ...filesBeside(options)];
    // The files that a query reads are unknown if it names no database file.
    const files = named.filter((file): file is string => file !== undefined && file !== '' && file !== NO_FILE);
    this.stamps = await Promise.all(files.map(stamp));
    const inputs: FileIdentity[] = [];
    for (const file of files) inputs.push(await identifyFile(file, signal));
    const now: Manifest = { allpairs: VERSION, ...answerOf(this.command, input, options), inputs, plan };
    const { before } = this;
    if (before) {
      const changes = [...changesOf(before, now), ...changedFiles(before.inputs, inputs)];
      if (before.allpairs !== VERSION) changes.unshift(`version ${before.allpairs} began it, this is ${VERSION}`);
      if (changes.length > 0) throw new InputError(`cannot continue ${options.output}: ${changes.join('; ')}`);
      this.saved = await this.readState();
    } else {
      await this.folder.writeManifest(now);
    }
    this.manifest = before ?? now;
  }

  /** Reads the saved state. If it is missing or damaged, the run begins with the first row. */
  private async readState(): Promise<SavedState | undefined> {
    const names = await this.folder.list(STATE);
    if (!names.includes(STATE)) return undefined;
    try {
      const { meta, arrays } = await this.folder.readArrays(STATE);
      return { row: meta.row as number, arrays };
    } catch (error) {
      if (error instanceof FormatError) return undefined;
      throw error;
    }
  }

  /** Writes the output and moves it into place. Throws InputError if an input has changed since the run began. */
  async finish(write: (file: AtomicFile) => Promise<void>): Promise<void> {
    await this.checkInputs();
    await this.folder.finish(write);
    this.finished = true;
  }

  /** Like `finish`, with a complete file of the folder. */
  async finishWith(name: string): Promise<void> {
    await this.checkInputs();
    await this.folder.finishWith(name);
    this.finished = true;
  }

  private async checkInputs(): Promise<void> {
    for (const before of this.stamps) {
      const now = await stamp(before.path);
      if (now.what === before.what) continue;
      // The result matches neither the old nor the new content.
      this.progress = false;
      this.manifest = undefined;
      throw new ChangedInput(`${before.path} changed while it was being read; run the command again`);
    }
  }

  /** What was decided when the run began. */
  get plan(): Readonly<Record<string, unknown>> {
    return this.manifest?.plan ?? {};
  }

  /** Milliseconds between saves. */
  get saveEvery(): number {
    return 1000 * (this.options.saveEvery ?? SAVE_EVERY);
  }

  /** The checkpoint for a call, which then holds the only copy of the saved state. */
  get checkpoint(): Checkpoint {
    const row = this.saved?.row;
    const take = () => this.takeArrays();
    const saved =
      row === undefined
        ? undefined
        : {
            row,
            get arrays() {
              return take();
            },
          };
    return {
      saved,
      interval: this.saveEvery,
      save: async ({ row, arrays }) => {
        await this.folder.writeArrays(STATE, { row }, arrays);
        this.noteProgress();
      },
    };
  }

  private takeArrays(): SavedState['arrays'] {
    const { arrays } = this.saved ?? { arrays: {} };
    this.saved = undefined;
    return arrays;
  }

  /** Notes that something has been saved that a resumed run need not compute. */
  noteProgress(): void {
    this.progress = true;
  }

  /**
   * Does the work of a run. If it fails, its state is kept if there is any, or if `signal` stopped it, and a Stopped error says how to
   * continue. Errors about the work folder name the output.
   */
  async perform<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      const error = namingOutput(cause, this.options.output ?? '');
      if (this.finished) throw error;
      const continued = this.before !== undefined && !(error instanceof ChangedInput);
      const worth = this.manifest !== undefined && (continued || this.progress || signal.aborted);
      if (worth || continued) await this.folder.release();
      else await this.folder.remove();
      throw worth ? new Stopped(this.options.output ?? '', error) : error;
    }
  }
}

/**
 * Returns a system error about the work folder of `output`, or about the folder that contains both, as one about `output` as the user typed
 * it.
 */
function namingOutput(error: unknown, output: string): unknown {
  const folder = dirname(resolve(output));
  if (isSystemError(error) && error.path === folder) error.path = output;
  return namingTyped(error, output, [workFolderOf(output)]);
}

/** Returns the files that a command reads in addition to its rows. */
function filesBeside(options: CallOptions): (string | undefined)[] {
  return [...filesOfNames(options), options.pairs, options.transform];
}

/** Refuses pipes other than stdin, which is saved, because a resumed run reads its inputs again. */
async function refusePipe(file: string): Promise<void> {
  if (!(await isPipe(file))) return;
  throw new UsageError(
    `${file}: that is a pipe, which a command with -o cannot read again to continue; pipe it to stdin and name it -`,
  );
}

/** Throws UsageError if --save-every is given although the command described by `what` saves nothing before its end. */
export function refuseSaveEvery(what: string, { saveEvery }: CallOptions): void {
  if (saveEvery === undefined) return;
  throw new UsageError(`--save-every: ${what} saves nothing before its end; leave the option out`);
}

/** An input has changed since the run began. */
class ChangedInput extends InputError {}

async function findManifest(output: string): Promise<Manifest | undefined> {
  return (await WorkFolder.readManifest(output).catch((error) => {
    throw namingOutput(error, output);
  })) as Manifest | undefined;
}

/** Reads the unfinished run of `output`. Throws InputError if there is no such run. */
export async function readManifest(output: string): Promise<Manifest> {
  const manifest = await findManifest(output);
  if (manifest) return manifest;
  throw new InputError(`${output}: there is no unfinished run; ${basename(output)}.partial does not exist`);
}

/** Does the work of a run if it has an output, otherwise just the work. */
export function perform<T>(run: SavedRun | undefined, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  return run ? run.perform(signal, work) : work();
}

/** Returns everything that determines the answer, except the contents of files. */
function answerOf(
  command: string,
  input: readonly string[],
  options: CallOptions,
): Omit<Manifest, 'allpairs' | 'inputs' | 'plan'> {
  const kept = Object.entries({ ...options, ...absoluteNames(options) }).filter(
    ([name, value]) => !NOT_OF_THE_ANSWER.includes(name) && value !== undefined,
  );
  const absolute = kept.map(([name, value]) => [
    name,
    FILES.includes(name) && typeof value === 'string' && value !== '-' ? resolve(value) : value,
  ]);
  const { backend: automatic, backends } = runtimeInfo();
  const backend = options.backend ?? automatic;
  const backendDescription = backends.find((info) => info.name === backend)?.description ?? '';
  const paths = input.map((path) => (path === '-' || path === NO_FILE ? path : resolve(path)));
  return { command, input: paths, options: Object.fromEntries(absolute), backend, backendDescription };
}

async function stamp(path: string): Promise<FileStamp> {
  return stampOf(path).catch((error) => {
    throw asInputError(error, path);
  });
}

function changesOf(before: Manifest, now: ReturnType<typeof answerOf>): string[] {
  const changes: string[] = [];
  const compare = (name: string, was: unknown, is: unknown) => {
    if (JSON.stringify(was) !== JSON.stringify(is)) changes.push(`${name} was ${show(was)}, now ${show(is)}`);
  };
  compare('the command', before.command, now.command);
  compare('the input', before.input, now.input);
  for (const name of new Set([...Object.keys(before.options), ...Object.keys(now.options)])) {
    compare(COMMAND_WORDING.option(name), before.options[name], now.options[name]);
  }
  compare('the backend', before.backend, now.backend);
  if (before.backend === now.backend) compare('what computes', before.backendDescription, now.backendDescription);
  return changes;
}

/** Returns the files of inputs that may be folders and globs. */
async function filesOf(inputs: readonly string[], column: string | undefined): Promise<string[]> {
  const files: string[] = [];
  for (const input of inputs) files.push(...(input === NO_FILE ? [] : (await expandInput(input, column)).paths));
  return files;
}

function changedFiles(before: readonly FileIdentity[], now: readonly FileIdentity[]): string[] {
  if (before.length !== now.length) return [`the input had ${before.length} files, now it has ${now.length}`];
  return before.flatMap((was, at) => {
    const is = now[at];
    return (is && differenceOf(was, is)) ?? [];
  });
}

function show(value: unknown): string {
  return value === undefined ? 'absent' : JSON.stringify(value);
}
