import { readdir, readFile } from 'node:fs/promises';

/** The licences of the packages that these files of a bundle are from. */
export async function licensesOf(paths) {
  const folders = new Set(paths.flatMap((path) => path.match(/^.*node_modules\/(?:@[^/]+\/)?[^/]+/) ?? []));
  const texts = [...folders].sort().map(async (folder) => {
    const { name, version } = JSON.parse(await readFile(`${folder}/package.json`, 'utf8'));
    const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
    if (file === undefined) throw new Error(`${folder} has no licence`);
    return `${name} ${version}\n\n${await readFile(`${folder}/${file}`, 'utf8')}`;
  });
  return `Files in this folder contain parts of these packages.\n\n${(await Promise.all(texts)).join('\n')}`;
}
