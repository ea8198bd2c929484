import { readdir, readFile } from 'node:fs/promises';

/** Returns the folder of the package that contains a file, or undefined for our own files. */
export function packageFolderOf(path) {
  return /^.*node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(path)?.[0];
}

/** Returns the licenses of the packages that contain these modules of a bundle. */
export async function licensesOf(paths) {
  const folders = new Set(paths.flatMap((path) => packageFolderOf(path) ?? []));
  const texts = [...folders].sort().map(async (folder) => {
    const { name, version } = JSON.parse(await readFile(`${folder}/package.json`, 'utf8'));
    const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
    if (file === undefined) throw new Error(`${folder} has no licence`);
    return `${name} ${version}\n\n${await readFile(`${folder}/${file}`, 'utf8')}`;
  });
  return `This build contains parts of these packages.\n\n${(await Promise.all(texts)).join('\n')}`;
}
