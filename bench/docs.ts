// Copies the figures of docs/benchmarks.json into the documents: `npm run bench:docs`.

import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { generatedDocuments, ROOT } from './generated-docs.js';
import { readReport } from './report.js';

const files = await generatedDocuments(await readReport());
await mkdir(`${ROOT}docs/charts`, { recursive: true });
for (const chart of await readdir(`${ROOT}docs/charts`))
  if (!files.has(`docs/charts/${chart}`)) await rm(`${ROOT}docs/charts/${chart}`);
for (const [path, text] of files) await writeFile(`${ROOT}${path}`, text);
console.log([...files.keys()].join('\n'));
