// Finds the files that an input names: a file, a folder of parts, or a glob. They are in natural order, in which part-2 precedes part-10.

import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ArgumentError, FormatError } from '../../errors.js';
import { mention, say } from '../../message.js';
import { formatByExtension } from './row-formats.js';

/** The files of an input. */
export interface InputFiles {
  /** The files in the order of their rows. */
  readonly paths: readonly string[];
  /** The column that must be read, if an index of shards names the file that contains it. */
  readonly column?: string;
}

/**
 * Returns the files of `input`: itself if it is a file, the files of rows in a folder, or the matches of a glob. Throws ArgumentError if
 * there are none or they are ambiguous. A missing path is returned and reported when it is opened.
 */
export async function expandInput(input: string, column?: string): Promise<InputFiles> {
  const status = await stat(input).catch(() => undefined);
  if (status?.isDirectory()) return filesOfFolder(input, column);
  if (status && input.endsWith(INDEX_OF_SHARDS)) return shardOf(input, column);
  if (!status && /[*?[{]/.test(input)) return { paths: await filesOfGlob(input) };
  return { paths: [input] };
}

/** The ending of the index that accompanies sharded safetensors. */
const INDEX_OF_SHARDS = '.safetensors.index.json';

async function filesOfGlob(pattern: string): Promise<string[]> {
  const { glob } = await import('tinyglobby');
  const absolute = pattern.startsWith('/');
  const paths = await glob(pattern.replaceAll('\\', '/'), { absolute, dot: false, expandDirectories: false, onlyFiles: true });
  if (paths.length > 0) return paths.sort(compareNaturally);
  throw new ArgumentError('input', `${pattern}: no file matches`, { advice: 'quote a glob so that the shell leaves it alone' });
}

async function filesOfFolder(folder: string, column: string | undefined): Promise<InputFiles> {
  const all = await readdir(folder, { withFileTypes: true });
  if (folder.endsWith('.lance') || all.some(({ name }) => name === '_versions' || name.endsWith('.lance'))) {
    const remedy =
      "write it as Parquet, in Python: pyarrow.parquet.write_table(lancedb.connect(FOLDER).open_table(NAME).to_arrow(), 'rows.parquet')";
    throw new ArgumentError('input', `${folder}: a LanceDB table, which cannot be read`, { advice: remedy });
  }
  const entries = all.filter(({ name }) => !/^[._]/.test(name));
  const names = entries.map(({ name }) => name);
  if (names.includes('dataset_dict.json')) {
    const splits = entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(folder, name));
    throw new ArgumentError('input', `${folder}: a data set of several splits`, { advice: `name one: ${splits.join(', ')}` });
  }
  if (names.includes('state.json') && names.includes('dataset_info.json')) return { paths: await filesOfSavedDataset(folder) };
  const index = names.find((name) => name.endsWith(INDEX_OF_SHARDS));
  if (index !== undefined) return shardOf(join(folder, index), column);
  return { paths: await filesOfParts(folder) };
}

/** Returns the files of rows in a folder, and in its subfolders such as year=2024. */
async function filesOfParts(folder: string): Promise<string[]> {
  const paths = (await walkParts(folder)).sort(compareNaturally);
  const formats = new Map<string, string[]>();
  for (const path of paths) {
    const format = formatByExtension(path)?.name;
    if (format !== undefined) formats.set(format, [...(formats.get(format) ?? []), path]);
  }
  const [only, another] = formats;
  if (!only) throw new ArgumentError('input', `${folder}: the folder holds no files of rows`);
  if (!another) return only[1];
  const counts = [...formats].map(([format, files]) => `${files.length} ${format}`).join(', ');
  throw new ArgumentError('input', `${folder}: the folder holds files of several formats (${counts})`, {
    advice: `choose with a quoted glob such as '${join(folder, `*${suffixOf(only[1][0] as string)}`)}'`,
  });
}

async function walkParts(folder: string): Promise<string[]> {
  const found: string[] = [];
  const others: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (/^[._]/.test(entry.name)) continue;
    const linked = entry.isSymbolicLink() && (await stat(path).catch(() => undefined))?.isDirectory();
    // A linked folder may lead back to this one.
    if (linked) others.push(path);
    else if (!entry.isDirectory()) found.push(path);
    else if (/^[^=]+=./.test(entry.name)) found.push(...(await walkParts(path)));
    else others.push(path);
  }
  if (others.length === 0) return found;
  const glob = join(folder, '**', `*${suffixOf(found[0] ?? (await someRows(others)) ?? 'x.parquet')}`);
  throw new ArgumentError('input', `${folder}: the folder holds other folders: ${others.join(', ')}`, {
    advice: `name one of them, or take all of it with the quoted glob '${glob}'`,
  });
}

/** Returns a file of rows in one of `folders` or their subfolders. */
async function someRows(folders: readonly string[]): Promise<string | undefined> {
  const inner: string[] = [];
  for (const folder of folders) {
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      if (/^[._]/.test(entry.name)) continue;
      const path = join(folder, entry.name);
      if (entry.isDirectory()) inner.push(path);
      else if (entry.isFile() && formatByExtension(path)) return path;
    }
  }
  // Links are not followed, so the search ends.
  return inner.length > 0 ? someRows(inner) : undefined;
}

function suffixOf(path: string): string {
  return /\.[^/\\]*$/.exec(basename(path))?.[0] ?? '';
}

/** Returns the files of a data set written by save_to_disk of `datasets`, in its own order. */
async function filesOfSavedDataset(folder: string): Promise<string[]> {
  const path = join(folder, 'state.json');
  const state = await readJson(path);
  const indices = state._indices_data_files ?? state._indices_files;
  if (Array.isArray(indices) && indices.length > 0) {
    throw new FormatError(path, 'whole', 'the data set is a selection of its rows', {
      advice: 'write it with flatten_indices() first',
    });
  }
  const files = state._data_files;
  const names = Array.isArray(files) ? files.map((file: { readonly filename?: unknown } | null) => file?.filename) : [];
  const plain = names.filter((name): name is string => typeof name === 'string' && name === basename(name));
  if (plain.length === 0 || plain.length < names.length) throw new FormatError(path, 'whole', 'it names no files of rows');
  return plain.map((name) => join(folder, name));
}

/** Returns the shard that contains a tensor, according to the index next to the shards. */
async function shardOf(index: string, column: string | undefined): Promise<InputFiles> {
  const map = (await readJson(index)).weight_map;
  const shards = new Map(typeof map === 'object' && map !== null ? Object.entries(map) : []);
  const names = [...shards.keys()];
  const name = column ?? (names.length === 1 ? (names[0] as string) : undefined);
  const shard = name === undefined ? undefined : shards.get(name);
  if (typeof shard === 'string' && shard === basename(shard))
    return { paths: [join(dirname(index), shard)], column: name as string };
  const there = `${names.slice(0, 10).join(', ')}${names.length > 10 ? ` and ${names.length - 10} more` : ''}`;
  if (name !== undefined) throw new ArgumentError('column', `${index}: no tensor ${name}; there are ${there}`);
  const advice = say`choose one with ${mention.option('column', names[0] ?? 'NAME')}`;
  throw new ArgumentError('column', `${index}: ${names.length} tensors: ${there}`, { advice });
}

async function readJson(path: string): Promise<Readonly<Record<string, unknown>>> {
  const text = await readFile(path, 'utf8');
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {} // Reported below.
  throw new FormatError(path, 'whole', 'expected a JSON object');
}

/** Compares numbers in names by value and everything else by character. */
export function compareNaturally(a: string, b: string): number {
  const [left, right] = [a, b].map((name) => name.split(/(\d+)/)) as [string[], string[]];
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const [one, other] = [left[i] as string, right[i] as string];
    if (one === other) continue;
    const byValue = i % 2 === 1 ? Number(one) - Number(other) : 0;
    return byValue || (one < other ? -1 : 1);
  }
  return left.length - right.length;
}
