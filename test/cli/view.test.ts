import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { Matrix, openRows, readNpy, writeNpy } from 'allpairs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { InputError } from '#src/cli/exit-codes.js';
import { fillPage } from '#src/cli/view/page.js';
import type { PageData } from '#src/cli/view/page-data.js';
import { pictureTypeOf } from '#src/cli/view/picture-type.js';
import { joinedNpy, rowsAsNpy } from '#src/cli/view/row-bytes.js';
import { checkSprite, sizeOfPicture } from '#src/cli/view/sprite.js';
import { readAssets, readPage } from '#src/cli/view/web-files.js';
import { decodeNpy } from '#src/io/rows/npy.js';
import { until } from '../until.js';
import { MAIN, onTerminal, run } from './command.js';
import { contentOfLast, dataOf, View } from './view-server.js';

const DATA = fileURLToPath(new URL('../../examples/data/', import.meta.url));
const [digits, digitsLabels] = [join(DATA, 'digits.npy'), join(DATA, 'digits-labels.txt')];
const [sentences, tsv] = [join(DATA, 'sentences.npy'), join(DATA, 'sentences.tsv')];

/** A picture of one pixel. */
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

/** The same picture with another size in its header. */
function pngOf(width: number, height: number): Buffer {
  const png = Buffer.from(PNG);
  png.writeUInt32BE(width, 16);
  png.writeUInt32BE(height, 20);
  return png;
}

/** A JPEG up to its size, from a camera that was held upright or, with 6, on its side. */
function jpegOf(width: number, height: number, orientation: number): Buffer {
  const tags = Buffer.from('4d4d002a00000008000101120003000000010000000000000000', 'hex');
  tags.writeUInt16BE(orientation, 18);
  const exif = Buffer.concat([Buffer.from('Exif\0\0'), tags]);
  const segment = (marker: number, content: Buffer) => Buffer.concat([Buffer.of(0xff, marker, 0, content.length + 2), content]);
  const frame = Buffer.from('080000000003012200021101031101', 'hex');
  frame.writeUInt16BE(height, 1);
  frame.writeUInt16BE(width, 3);
  const jfif = Buffer.from('4a46494600010100000100010000', 'hex');
  return Buffer.concat([Buffer.of(0xff, 0xd8), segment(0xe0, jfif), segment(0xe1, exif), segment(0xc0, frame)]);
}

/** The page for visitors without the address: it reveals neither what was wrong nor the token. */
const NOT_ALLOWED =
  'not allowed: type or paste the whole address that the command printed into a browser on this machine; a link from another page ' +
  'is refused\nthrough an ssh tunnel the port on your side must be the one in that address\n';

let folder: string;
let small: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'allpairs-view-'));
  small = join(folder, 'small.npy');
  await writeNpy(small, new Matrix(Float32Array.of(1, 0, 1, 1, 0, 2), [3, 2]));
});
afterAll(() => rm(folder, { recursive: true }));

/** A file in the folder of this test. */
async function put(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

afterEach(() => View.stopAll());

describe('the server', () => {
  it('prints its address, and answers with the page and what it loads', async () => {
    const view = await View.start(small);
    expect(view.address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/[\w-]{43}\/$/);
    const page = await view.get('');
    expect([page.status, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    const [, script] = /src="\.\/(assets\/[^"]+\.js)"/.exec(page.body.toString()) ?? [];
    const answer = await view.get(script as string);
    expect([answer.status, answer.headers['content-type']]).toEqual([200, 'text/javascript; charset=utf-8']);
    expect(
      answer.body.equals(await readFile(join(fileURLToPath(new URL('../../dist/web/', import.meta.url)), script as string))),
    ).toBe(true);
    const moved = await view.get(`/${view.token}`);
    expect([moved.status, moved.headers.location]).toEqual([308, `/${view.token}/`]);
  });

  it('gives every answer the headers that isolate the page', async () => {
    const view = await View.start(small);
    for (const path of ['', 'rows.npy', 'nothing', '/', `/${view.token}`]) {
      expect((await view.get(path)).headers).toMatchObject({
        'content-security-policy':
          "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:; style-src 'self'; " +
          "img-src 'self' data: blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-embedder-policy': 'require-corp',
        'cross-origin-resource-policy': 'same-origin',
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cache-control': 'no-store',
      });
    }
  });

  it('answers no request without the token', async () => {
    const view = await View.start(small);
    const other = `${view.token.slice(0, -1)}${view.token.endsWith('A') ? 'B' : 'A'}`;
    for (const path of [
      '/',
      '/rows.npy',
      `/${other}/`,
      `/${other}/rows.npy`,
      `/${view.token}x/`,
      `//${view.token}/`,
      '/..%2f',
      '*',
    ]) {
      const { status, body } = await view.get(path === '*' ? '/*' : path);
      expect([path, status, body.toString()]).toEqual([path, 403, NOT_ALLOWED]);
    }
  });

  it('refuses requests of other pages by host, origin and fetch metadata', async () => {
    const view = await View.start(small);
    const { port } = view;
    const refused = [
      { host: 'evil.example' },
      { host: `evil.example:${port}` },
      { host: '127.0.0.1' },
      { host: `127.0.0.1:${port + 1}` },
      { host: `127.0.0.1:${port}.evil.example` },
      { origin: 'http://evil.example' },
      { origin: 'null' },
      { origin: `https://127.0.0.1:${port}` },
      { origin: `http://127.0.0.1:${port + 1}` },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
    ];
    for (const headers of refused) {
      const { status, body } = await view.get('rows.npy', { headers });
      expect([headers, status, body.toString()]).toEqual([headers, 403, NOT_ALLOWED]);
    }
    const allowed = [
      {},
      { host: `localhost:${port}` },
      { origin: `http://localhost:${port}` },
      { origin: `http://127.0.0.1:${port}`, 'sec-fetch-site': 'same-origin' },
      { 'sec-fetch-site': 'none' },
    ];
    for (const headers of allowed) expect((await view.get('rows.npy', { headers })).status).toBe(200);
  });

  it('accepts only GET and HEAD', async () => {
    const view = await View.start(small);
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
      const { status, headers } = await view.get('', { method });
      expect([method, status, headers.allow]).toEqual([method, 405, 'GET, HEAD']);
    }
    const { status, headers, body } = await view.get('rows.npy', { method: 'HEAD' });
    const whole = await view.get('rows.npy');
    expect([status, body.length, headers['content-length']]).toEqual([200, 0, `${whole.body.length}`]);
  });

  it('accepts decisions and lists of kept rows only from its own page', async () => {
    const table = join(folder, 'records.jsonl');
    const records = Array.from({ length: 5 }, (_, row) => JSON.stringify({ id: `r${row}`, vector: [row + 0.5, 1, 2] }));
    await writeFile(table, `${records.join('\n')}\n`);
    const file = join(folder, 'decisions.json');
    const view = await View.start(table, '--decisions', file);
    const data = await view.data();
    expect(data?.saving).toEqual({ decisions: 'decisions.json', records: { url: 'kept-records', extension: '.jsonl' } });
    expect(data?.decisions).toBeNull();
    const post = async (path: string, body: unknown, headers = {}) => {
      const answer = await view.get(path, { method: 'POST', body: JSON.stringify(body), headers });
      return [answer.status, answer.body.toString()];
    };
    expect(await post('kept-records', [0, 3, 4])).toEqual([200, `${[0, 3, 4].map((row) => records[row]).join('\n')}\n`]);
    for (const wrong of [[5], [1, 1], [-1], ['1'], {}, null]) expect((await post('kept-records', wrong))[0]).toBe(400);
    const input = { name: 'records.jsonl', rows: 5, depth: 3, checksum: '00' };
    const decisions = [{ row: 2, decision: 'drop' }];
    const saved = { kind: 'allpairs-decisions', version: 1, input, threshold: 0.9, decisions };
    expect(await post('decisions.json', saved)).toEqual([200, 'true']);
    expect((await post('decisions.json', { ...saved, version: 2 }))[0]).toBe(400);
    expect((await post('decisions.json', saved, { origin: 'http://elsewhere.example' }))[0]).toBe(403);
    expect((await post(`/${'x'.repeat(43)}/decisions.json`, saved))[0]).toBe(403);
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(saved);
    const next = await View.start(table, '--decisions', file);
    expect((await next.data())?.decisions).toEqual(saved);
    const { code, stderr } = await run(['view', small, '--decisions', file]);
    expect([code, stderr]).toEqual([3, expect.stringContaining('its decisions are about 5 rows of 3 numbers')]);
    await writeFile(file, '[]');
    expect((await run(['view', small, '--decisions', file])).stderr).toContain('not a file of decisions');
  });

  it('reports inputs without records that can be copied, and orders columns of numbers and dates', async () => {
    const names = join(folder, 'dated.tsv');
    const count = (await readNpy(small)).shape[0];
    const lines = Array.from({ length: count }, (_, row) => `2020-01-${10 + (row % 9)}\tname ${row}`);
    await writeFile(names, `${['date\ttitle', ...lines].join('\n')}\n`);
    const { carried = [], columns = [], saving } = (await (await View.start(small, '--labels', names)).data()) ?? {};
    const [date] = [...carried, ...columns];
    expect(date?.name).toBe('date');
    expect((date?.order?.[1] as number) > (date?.order?.[0] as number)).toBe(true);
    expect(saving).toEqual({ decisions: null, records: { url: 'kept-records', extension: '.npy' } });
    const safetensors = await (await View.startWith(await readFile(small), '-')).data();
    expect(safetensors?.saving.records).toBeNull();
  });

  it('serves no other file of the disk', async () => {
    const view = await View.start(small);
    const up = ['../../package.json', '..%2f..%2fpackage.json', '%2e%2e/%2e%2e/package.json', 'assets/../index.html'];
    const other = ['index.html', 'assets', 'assets/', 'images/0', `${small}`, '..', '.', 'assets\\..', 'toString'];
    for (const path of [...up, ...other.map((path) => path.replace(/^\//, ''))]) {
      expect([path, (await view.get(path)).status]).toEqual([path, 404]);
    }
  });

  it('serves a page that accepts a dropped file if there is no input', async () => {
    expect(await (await View.start()).data()).toBeNull();
  });
});

describe('the rows', () => {
  it('are those of the input, as float32', async () => {
    for (const [input, depth] of [
      [sentences, 768],
      [digits, 64],
    ] as const) {
      const view = await View.start(input);
      const rows = decodeNpy((await view.get('rows.npy')).body);
      const { data, shape } = await readNpy(input);
      expect(rows.data).toBeInstanceOf(Float32Array);
      expect(rows.shape).toEqual(shape);
      expect(Buffer.compare(Buffer.from(rows.data.buffer), Buffer.from(Float32Array.from(data).buffer))).toBe(0);
      expect(await view.data()).toMatchObject({ name: basename(input), rows: shape[0], depth, source: 'rows.npy' });
    }
  });

  it('are float64 if the input is', async () => {
    const path = join(folder, 'double.npy');
    const data = Float64Array.from({ length: 300_000 }, (_, i) => Math.sin(i));
    await writeNpy(path, new Matrix(data, [3000, 100]));
    const rows = decodeNpy((await (await View.start(path)).get('rows.npy')).body);
    expect(rows).toMatchObject({ data, shape: [3000, 100] });
  });

  it('are read from stdin and from other formats', async () => {
    const csv = await put('rows.csv', 'd0,d1\n1.0,2.0\n3.0,4.0\n');
    const rows = decodeNpy((await (await View.start(csv)).get('rows.npy')).body);
    expect(rows).toMatchObject({ data: Float32Array.of(1, 2, 3, 4), shape: [2, 2] });
    const view = await View.startWith(await readFile(small), '-');
    expect(decodeNpy((await view.get('rows.npy')).body).shape).toEqual([3, 2]);
    expect((await view.data())?.name).toBe('stdin');
  });

  it('that cannot be read end their answer, and are reported exactly once', async () => {
    const path = join(folder, 'shrinks.npy');
    await writeNpy(path, new Matrix(new Float32Array(2_000_000).fill(1), [20_000, 100]));
    const view = await View.start(path);
    await truncate(path, 5_000_000);
    for (let time = 0; time < 3; time++) await expect(view.get('rows.npy')).rejects.toThrow(/aborted|hang up|ECONNRESET/);
    expect((await view.get('')).status).toBe(200);
    await until('it is reported', () => view.stderr.endsWith('\n'));
    expect(view.stderr).toMatch(/^error: .*shrinks\.npy: byte \d+: the file became shorter while it was being read\n$/);
  });

  it('do not end normally if the file was changed meanwhile', async () => {
    const path = join(folder, 'changes.npy');
    await writeNpy(path, new Matrix(new Float32Array(1_000_000).fill(1), [10_000, 100]));
    const rows = await openRows(path);
    let content = rowsAsNpy(rows, path);
    const read = async (meanwhile: () => Promise<void>) => {
      let bytes = 0;
      for await (const piece of content.read()) {
        if (bytes === 0) await meanwhile();
        bytes += piece.length;
      }
      return bytes;
    };
    expect(await read(async () => {})).toBe(content.size);
    await expect(read(() => utimes(path, 0, 0))).rejects.toThrow('changes.npy changed while it was being read');
    expect(await read(async () => {})).toBe(content.size);
    // The second of two files is changed before its turn.
    content = joinedNpy([
      [rows, undefined],
      [rows, path],
    ]);
    await expect(read(() => utimes(path, 0, 1))).rejects.toThrow('changes.npy changed while it was being read');
    await rows.close();
  });

  it('may be abandoned half-way', async () => {
    const path = join(folder, 'long.npy');
    await writeNpy(path, new Matrix(new Float32Array(20_000_000).fill(1), [20_000, 1000]));
    const view = await View.start(path);
    for (let time = 0; time < 3; time++) {
      const leave = new AbortController();
      const answer = await fetch(`${view.address}rows.npy`, { signal: leave.signal });
      await answer.body?.getReader().read();
      leave.abort();
    }
    expect((await view.get('rows.npy')).body.length).toBe(80_000_128);
    expect([view.stderr, await view.stop()]).toEqual(['', 0]);
  });

  it('are refused if there are too many, with advice on what to use instead', async () => {
    const path = join(folder, 'many.npy');
    await writeNpy(path, new Matrix(new Float32Array(1_000_001).fill(1), [1_000_001, 1]));
    const { code, stderr } = await run(['view', path]);
    expect([code, stderr]).toEqual([
      3,
      `error: ${path}: 1,000,001 rows of 1 numbers, 3.8 MiB; the page takes at most 1,000,000 rows and 4.0 GiB: ` +
        'topk, pairs and groups answer for any number of rows\n',
    ]);
    const none = join(folder, 'none.npy');
    await writeNpy(none, new Matrix(new Float32Array(0), [0, 3]));
    expect((await run(['view', none])).stderr).toContain('none.npy: no rows');
  });
});

describe('names', () => {
  it('are read from the last column; columns of few values can colour the rows', async () => {
    const data = await (await View.start(sentences, '--labels', tsv)).data();
    expect(data?.labels?.length).toBe(1500);
    expect(data?.labels?.[0]).toBe('She had been reading the book before you arrived.');
    expect(data?.columns.map(({ name }) => name)).toEqual(['language']);
    expect(new Set(data?.columns[0]?.values).size).toBe(15);
  });

  it('colour the rows if there are few different names', async () => {
    const data = await (await View.start(digits, '--labels', digitsLabels, '--image-shape', '8x8')).data();
    expect(data?.columns.map(({ name }) => name)).toEqual(['digits-labels']);
    expect(data?.columns[0]?.values).toEqual(data?.labels);
    expect(data?.images).toEqual({ kind: 'rows', width: 8, height: 8 });
    expect(data?.nonFinite).toBe('throw');
  });

  it('belong to finite rows, unless other rows count as zeros', async () => {
    const path = join(folder, 'nan.npy');
    await writeNpy(path, new Matrix(Float32Array.of(1, 2, Number.NaN, 4), [2, 2]));
    for (const more of [[], ['--export', join(folder, 'nan.html')]]) {
      const { code, stderr } = await run(['view', path, ...more]);
      expect([code, stderr]).toEqual([3, expect.stringContaining('got NaN in row 1, column 0')]);
    }
    const data = await (await View.start(path, '--non-finite', 'zero')).data();
    expect(data?.nonFinite).toBe('zero');
  });

  it('of --color-by come first, however many there are up to a limit', async () => {
    const table = await put('few.tsv', 'kind\tname\nA\tx\nB\ty\nA\tz\n');
    const same = await (await View.start(small, '--labels', table, '--color-by', `${table}:name`)).data();
    expect(same?.columns.map(({ name, values }) => [name, values.join('')])).toEqual([
      ['name', 'xyz'],
      ['kind', 'ABA'],
    ]);
    const other = await put('kinds.csv', 'kind,other\nC,1\nD,1\nE,1\n');
    const both = await (await View.start(small, '--labels', table, '--color-by', `${other}:kind`)).data();
    expect(both?.columns.map(({ name }) => name)).toEqual(['kind', 'kind of few.tsv']);
    expect(both?.columns[0]?.values).toEqual(['C', 'D', 'E']);
    const { code, stderr } = await run(['view', sentences, '--color-by', tsv]);
    expect([code, stderr]).toEqual([3, expect.stringContaining('at most 1,000 different values, got 1,4')]);
  });

  it('that all differ are not classes', async () => {
    const data = await (await View.start(small, '--labels', await put('differ.txt', 'x\ny\nz\n'))).data();
    expect([data?.labels, data?.columns]).toEqual([['x', 'y', 'z'], []]);
  });

  it('stay data, whatever they contain', async () => {
    const names = ['</script><script>alert(1)</script>', '<!-- <script> \u2028\u2029 $& $1 \\u003c', '"quoted" \ud800'];
    const view = await View.start(
      small,
      '--labels',
      await put('names.jsonl', names.map((name) => `${JSON.stringify({ name })}\n`).join('')).then((path) => `${path}:name`),
    );
    const html = (await view.get('')).body.toString();
    expect(html.match(/<script/g)?.length).toBe(2);
    expect(html).not.toMatch(/<!--|[\u2028\u2029]/);
    expect((await view.data())?.labels).toEqual(names);
  });
});

describe('pictures', () => {
  it('of files are served by row number', async () => {
    await mkdir(join(folder, 'photos', 'in'), { recursive: true });
    await put('photos/in/a.png', PNG);
    const jpeg = jpegOf(1, 1, 1);
    await put('photos/b.JPG', jpeg);
    const list = await put('photos/photos.csv', 'path,class\nin/a.png,1\nb.JPG,1\nin/a.png,2\n');
    const view = await View.start(small, '--images', `${list}:path`);
    expect((await view.data())?.images).toEqual({ kind: 'files', urls: ['images/0', 'images/1', 'images/2'] });
    const [first, second] = [await view.get('images/0'), await view.get('images/1')];
    expect([first.headers['content-type'], first.body.equals(PNG)]).toEqual(['image/png', true]);
    expect([second.headers['content-type'], second.body.equals(jpeg)]).toEqual(['image/jpeg', true]);
    for (const path of ['images/3', 'images/00', 'images/-1', 'images/1.0', 'images/in/a.png', 'images/', 'images/0/']) {
      expect([path, (await view.get(path)).status]).toEqual([path, 404]);
    }
    await rm(join(folder, 'photos', 'b.JPG'));
    for (let time = 0; time < 2; time++) expect((await view.get('images/1')).status).toBe(500);
    await until('it is reported', () => view.stderr.endsWith('\n'));
    expect(view.stderr).toMatch(/^error: .*b\.JPG: no such file or directory \(ENOENT\)\n$/);
  });

  it('may be in one file, with or without a size', async () => {
    const picture = pngOf(64, 48);
    const sprite = await put('sprite.png', picture);
    const view = await View.start(small, '--images', sprite);
    expect((await view.data())?.images).toEqual({ kind: 'sprite', url: 'images/0', size: null });
    expect((await view.get('images/0')).body.equals(picture)).toBe(true);
    const sized = await View.start(small, '--images', sprite, '--image-shape', '32x24');
    expect((await sized.data())?.images).toEqual({ kind: 'sprite', url: 'images/0', size: [32, 24] });
  });

  it('that are not pictures are refused at the start, the first by name', async () => {
    await mkdir(join(folder, 'folder.png'), { recursive: true });
    await put('there.png', PNG);
    const cases = [
      ['there.png\n/etc/passwd\ngone.png\n', 3, /paths\.txt: picture of row 1: \/etc\/passwd: expected a picture, a name that/],
      ['there.png\nthere.png\nat/all/gone.png\n', 3, /picture of row 2: .*at\/all\/gone\.png: no such file/],
      ['there.png\nfolder.png\n../x.svg\n', 3, /picture of row 1: .*folder\.png: that is a folder; expected a picture/],
      ['there.png\n', 3, /expected 3 lines/],
    ] as const;
    for (const [content, expected, message] of cases) {
      const { code, stderr } = await run(['view', small, '--images', await put('paths.txt', content)]);
      expect([content, code, stderr]).toEqual([content, expected, expect.stringMatching(message)]);
    }
    const gone = await run(['view', small, '--images', join(folder, 'gone.png')]);
    expect([gone.code, gone.stderr]).toEqual([3, expect.stringContaining('gone.png: no such file')]);
    await promisify(execFile)('mkfifo', [join(folder, 'pipe.png')]);
    const pipe = await run(['view', small, '--images', join(folder, 'pipe.png')]);
    expect([pipe.code, pipe.stderr]).toEqual([3, expect.stringContaining('pipe.png: not a regular file')]);
    const shape = await run(['view', digits, '--image-shape', '8x9']);
    expect([shape.code, shape.stderr]).toEqual([
      3,
      'error: --image-shape 8x9: expected rows of 72 numbers, one for each point, got rows of 64\n',
    ]);
  });
});

describe('a file given as a picture', () => {
  const NO_PICTURE = 'expected a picture (PNG, JPEG, GIF, WebP or AVIF), but it begins as none of these does';

  it('is refused at the start, and in a report, if it is something else, whatever its name or a link says', async () => {
    await put('there.png', PNG);
    await symlink('/etc/passwd', join(folder, 'passwd.png'));
    await put('text.jpg', 'GIF and all that');
    await put('nothing.webp', '');
    for (const more of [[], ['--export', join(folder, 'none.html')]]) {
      for (const [name, what] of [
        ['passwd.png', NO_PICTURE],
        ['text.jpg', NO_PICTURE],
        ['nothing.webp', 'expected a picture (PNG, JPEG, GIF, WebP or AVIF), but the file is empty'],
      ] as const) {
        const list = await put('list.txt', `there.png\n${name}\nthere.png\n`);
        const listed = await run(['view', small, '--images', list, ...more]);
        expect([listed.code, listed.stderr]).toEqual([3, `error: ${list}: picture of row 1: ${join(folder, name)}: ${what}\n`]);
        const alone = await run(['view', small, '--images', join(folder, name), ...more]);
        expect([alone.code, alone.stderr]).toEqual([3, `error: ${join(folder, name)}: ${what}\n`]);
      }
    }
    expect(await readdir(folder)).not.toContain('none.html');
  });

  it('is not served if it becomes something else, which is reported once', async () => {
    const path = await put('becomes.png', PNG);
    const view = await View.start(small, '--images', await put('become.txt', 'becomes.png\n'.repeat(3)));
    expect((await view.get('images/2')).status).toBe(200);
    await rm(path);
    await symlink('/etc/passwd', path);
    for (const method of ['GET', 'HEAD', 'GET']) {
      const { status, headers, body } = await view.get('images/2', { method });
      expect([status, headers['content-type'], method === 'HEAD' || body.toString()]).toEqual([
        500,
        'text/plain; charset=utf-8',
        method === 'HEAD' || 'could not be read\n',
      ]);
    }
    await until('it is reported', () => view.stderr.endsWith('\n'));
    expect(view.stderr).toBe(`error: ${path}: ${NO_PICTURE}\n`);
  });

  it('is served with the type of its content, whatever its name says', async () => {
    const avif = (brands: string) => Buffer.from(`\0\0\0\x1cftyp${brands}\0\0\0\x08mdat`, 'latin1');
    for (const [bytes, type] of [
      [PNG, 'image/png'],
      [jpegOf(1, 1, 1), 'image/jpeg'],
      [Buffer.from('GIF89a\x01\0\x01\0', 'latin1'), 'image/gif'],
      [Buffer.from('RIFF\n\0\0\0WEBPVP8 ', 'latin1'), 'image/webp'],
      [avif('avif\0\0\0\0mif1miaf'), 'image/avif'],
      [avif('mif1\0\0\0\0mif1avif'), 'image/avif'],
      [avif('mif1\0\0\0\0mif1heic'), undefined],
      [avif('mp42\0\0\0\0mp42isom'), undefined],
      [Buffer.from('RIFF\n\0\0\0WAVEfmt ', 'latin1'), undefined],
      [Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), undefined],
      [PNG.subarray(0, 7), undefined],
      [Buffer.alloc(0), undefined],
    ] as const) {
      expect([bytes.toString('latin1'), pictureTypeOf(bytes)]).toEqual([bytes.toString('latin1'), type]);
    }
    await put('in-fact.jpg', PNG);
    const view = await View.start(small, '--images', await put('in-fact.txt', 'in-fact.jpg\n'.repeat(3)));
    expect((await view.get('images/0')).headers['content-type']).toBe('image/png');
  });
});

describe('a picture of all rows', () => {
  it('is refused at the start if the pictures do not fit, with the size that would', async () => {
    const path = await put('all.png', pngOf(160, 128));
    const rows = join(folder, 'twenty.npy');
    await writeNpy(rows, new Matrix(new Float32Array(20).fill(1), [20, 1]));
    const large = await run(['view', rows, '--images', path, '--image-shape', '100x100']);
    expect([large.code, large.stderr]).toEqual([
      3,
      `error: ${path}: a picture of 160x128 pixels: expected a picture of 100x100 for each of 20 rows, got room for 1; ` +
        'give their size with --image-shape; squares of up to 32x32 fit\n',
    ]);
    await put('all.png', pngOf(161, 128));
    for (const more of [[], ['--export', join(folder, 'all.html')]]) {
      const uneven = await run(['view', rows, '--images', path, ...more]);
      expect([uneven.code, uneven.stderr]).toEqual([
        3,
        `error: ${path}: a picture of 161x128 pixels: it cannot be divided into 5 pictures across and 4 down for 20 rows; ` +
          'give their size with --image-shape; squares of up to 32x32 fit\n',
      ]);
    }
    const view = await View.start(rows, '--images', path, '--image-shape', '32x32');
    expect((await view.data())?.images).toMatchObject({ kind: 'sprite', size: [32, 32] });
  });

  it('has the displayed size; if it is unknown, the page determines it', async () => {
    expect(await sizeOfPicture(pngOf(3, 2), 'image/png')).toEqual([3, 2]);
    expect(await sizeOfPicture(jpegOf(300, 200, 1), 'image/jpeg')).toEqual([300, 200]);
    expect(await sizeOfPicture(jpegOf(300, 200, 6), 'image/jpeg')).toEqual([200, 300]);
    expect(await sizeOfPicture(Buffer.from('GIF89a\x03\0\x02\0', 'latin1'), 'image/gif')).toEqual([3, 2]);
    expect(await sizeOfPicture(jpegOf(300, 200, 1).subarray(0, 40), 'image/jpeg')).toBeUndefined();
    expect(await sizeOfPicture(Buffer.from('\0\0\0\x1cftypavif', 'latin1'), 'image/avif')).toBeUndefined();
  });

  it('is refused as quickly if its header states a false size', () => {
    const huge = 2 ** 31 - 1;
    expect(() => checkSprite('x.png', [huge, huge], [huge, huge], 100_000)).toThrow(InputError);
    expect(() => checkSprite('x.png', [1, 1], [1, 1], 2)).toThrow('fewer pixels');
    expect(() => checkSprite('x.png', [1, 1], undefined, 1)).not.toThrow();
  });
});

describe('ending the command', () => {
  it('with Ctrl-C and SIGTERM is quiet, and does not wait for open connections', async () => {
    const long = join(folder, 'long.npy');
    await writeNpy(long, new Matrix(new Float32Array(20_000_000).fill(1), [20_000, 1000]));
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      const view = await View.start(long);
      const agent = new Agent({ keepAlive: true });
      await view.get('', { agent });
      // Another connection, whose reader waits.
      const waiting = request(`${view.address}rows.npy`).on('error', () => {});
      waiting.end();
      await once(waiting, 'response');
      // The waiting connection would never end by itself.
      expect([await view.stop(signal), view.stderr]).toEqual([0, '']);
      agent.destroy();
    }
  });

  it('happens at once if the port is taken', async () => {
    const { port } = await View.start(small);
    const { code, stderr, stdout } = await run(['view', small, '--port', `${port}`]);
    expect([code, stdout.length, stderr]).toEqual([
      1,
      0,
      `error: port ${port} is taken: choose another with --port, or leave --port out to use any free one\n`,
    ]);
  });

  it('2: arguments that make no sense', async () => {
    for (const [args, message] of [
      [[small, '--port', '65536'], 'from 0 to 65535'],
      [[small, '--port', '-1'], 'from 0 to 65535'],
      [[small, '--image-shape', '8'], 'for example 32x32'],
      [[small, '--images', 'list.txt', '--image-shape', '8x8'], 'have their own sizes'],
      [['--labels', tsv], '--labels needs an input file'],
      [['--export', 'x.html'], '--export needs an input file'],
      [['--decisions', 'd.json'], '--decisions needs an input file'],
      [[small, '--decisions', 'd.json', '--export', 'x.html'], 'leave out --export'],
      [[small, '--decisions', small], 'that is an input'],
      [['--compare', 'other.npy'], '--compare needs an input file'],
      [[small, '--compare-column', 'b'], '--compare-column requires --compare'],
      [['--against', 'other.npy'], '--against needs an input file'],
      [[small, '--against-labels', tsv], '--against-labels requires --against'],
      [[small, '--against', small, '--compare', small], "'--against <file>' cannot be used with option '--compare <file>'"],
      [[small, '--against', small, '--decisions', 'd.json'], 'cannot be used with'],
      [[small, '--against', small, '--export', 'x.html'], 'cannot be used with'],
      [[small, '--against', small, '--images', 'list.txt'], 'cannot be used with'],
      [[small, '--against', small, '--color-by', tsv], 'cannot be used with'],
      [['-', '--compare', '-'], 'the input and --compare cannot both be read from stdin'],
      [[small, '--export', 'x.pdf'], 'expected a file name that ends in .html'],
      [[small, '--export', 'no/such/x.html'], 'there is no folder'],
    ] as const) {
      const { code, stderr } = await run(['view', ...args]);
      expect([args, code, stderr]).toEqual([args, 2, expect.stringContaining(message)]);
    }
  });
});

describe('a second model', () => {
  it('is served next to the rows, with names that differ', async () => {
    const second = join(folder, 'second.npy');
    await writeNpy(second, new Matrix(Float32Array.of(1, 2, 3), [3, 1]));
    const view = await View.start(small, '--compare', second);
    expect((await view.data())?.compared).toEqual({ names: ['small.npy', 'second.npy'], depth: 1, source: 'compared.npy' });
    const { data } = await openRows((await view.get('compared.npy')).body).then((opened) => opened.toMatrix());
    expect([...data]).toEqual([1, 2, 3]);
    const table = await put('models.csv', 'a0,a1,b0,b1\n1.5,0,0,1.5\n0,1.5,1.5,0\n');
    const columns = await View.start(table, '--column', 'a*', '--compare', table, '--compare-column', 'b*');
    expect((await columns.data())?.compared?.names).toEqual(['models.csv, a*', 'models.csv, b*']);
    const same = await View.start(small, '--compare', small);
    expect((await same.data())?.compared?.names).toEqual(['small.npy (first)', 'small.npy (second)']);
  });

  it('is refused with another number of rows, or with a number that is not finite', async () => {
    const fewer = join(folder, 'fewer.npy');
    await writeNpy(fewer, new Matrix(Float32Array.of(1, 2), [2, 1]));
    const refused = await run(['view', small, '--compare', fewer]);
    const message = `--compare needs the same rows in both files, but ${small} has 3 rows and ${fewer} has 2`;
    expect([refused.code, refused.stderr]).toEqual([3, `error: ${message}; --against compares different rows\n`]);
    await writeNpy(fewer, new Matrix(Float32Array.of(1, Number.NaN, 3), [3, 1]));
    const { code, stderr } = await run(['view', small, '--compare', fewer]);
    expect([code, stderr]).toEqual([3, expect.stringContaining('finite')]);
  });
});

describe('two files', () => {
  it('are served as one list, with their columns joined and the file of each row', async () => {
    const other = join(folder, 'other.npy');
    await writeNpy(other, new Matrix(Float64Array.of(1, 2, 3, 4), [2, 2]));
    const names = await put('other-names.txt', 'one\ntwo\n');
    const view = await View.start(small, '--against', other, '--against-labels', names);
    const data = await view.data();
    expect(data).toMatchObject({ rows: 5, depth: 2, against: { names: ['small.npy', 'other.npy'], from: 3 } });
    expect(data?.labels).toEqual(['row 0 of small.npy', 'row 1 of small.npy', 'row 2 of small.npy', 'one', 'two']);
    expect(data?.columns).toEqual([
      { name: 'file', values: ['small.npy', 'small.npy', 'small.npy', 'other.npy', 'other.npy'] },
    ]);
    expect(data?.saving.records).toBeNull();
    const { data: numbers } = await openRows((await view.get('rows.npy')).body).then((opened) => opened.toMatrix());
    expect([...numbers]).toEqual([1, 0, 1, 1, 0, 2, 1, 2, 3, 4]);
  });

  it('are refused if their rows differ in length', async () => {
    const longer = join(folder, 'longer.npy');
    await writeNpy(longer, new Matrix(Float32Array.of(1, 2, 3), [1, 3]));
    const { code, stderr } = await run(['view', small, '--against', longer]);
    const message = `${small} has rows of 2 numbers and ${longer} of 3`;
    expect([code, stderr]).toEqual([3, `error: --against needs rows of the same length in both files, but ${message}\n`]);
  });
});

describe('on a terminal', () => {
  /** Runs the command on a pseudo-terminal, where `browser` is an executable script that receives the address. */
  async function startWith(browser: string, ...args: string[]) {
    const desktop = { DISPLAY: '', WAYLAND_DISPLAY: '', XDG_CURRENT_DESKTOP: '', DESKTOP_SESSION: '' };
    const env = { ...process.env, ...desktop, NO_COLOR: '1', BROWSER: browser };
    const child = spawn('script', onTerminal([process.execPath, MAIN, 'view', small, ...args]), { env });
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk;
    });
    while (!text.includes('Ctrl-C stops it')) await once(child.stdout, 'data');
    const stop = async () => {
      child.stdin.write('\x03');
      return (await once(child, 'close'))[0];
    };
    return { address: text.split('\r\n')[0] as string, stop };
  }

  // One script, written once, because a file that is still being executed cannot be written again.
  let script: string;
  beforeAll(async () => {
    script = await put('browser.sh', `#!/bin/sh\necho "$1" > '${join(folder, 'opened')}'\n`);
    await chmod(script, 0o755);
  });

  it('opens a browser, and shows how to stop', async () => {
    const opened = join(folder, 'opened');
    const { address, stop } = await startWith(script);
    await until('a browser has the address', async () => {
      return (await readFile(opened, 'utf8').catch(() => '')) === `${address}\n`;
    });
    expect(await stop()).toBe(0);
  });

  it('continues if no browser opens', async () => {
    for (const args of [[], ['--no-open']]) {
      const { address, stop } = await startWith('false', ...args);
      expect((await fetch(address)).status).toBe(200);
      expect(await stop()).toBe(0);
    }
  });
});

describe('a report', () => {
  it('is one file with everything in it, and loads nothing', async () => {
    const path = join(folder, 'report.html');
    const { code, stdout, stderr } = await run(['view', digits, '--labels', digitsLabels, '--export', path]);
    expect([code, stdout.toString(), stderr]).toEqual([0, '', `wrote ${path}\n`]);
    const html = await readFile(path, 'utf8');
    expect(html).not.toMatch(/(src|href|url)\s*[=(]\s*["']?https?:/i);
    expect(html).not.toMatch(/<(script|link|img)[^>]* (src|href)="(?!data:)/);
    const base64 = contentOfLast('<script type="application/octet-stream" id="rows">', html);
    const rows = decodeNpy(Buffer.from(base64, 'base64'));
    const given = await readNpy(digits);
    expect(rows).toMatchObject({ data: Float32Array.from(given.data), shape: [1797, 64] });
    expect(html.lastIndexOf('id="rows"')).toBeLessThan(html.lastIndexOf('id="page-data">{'));
    const data = dataOf(html);
    expect(data).toMatchObject({ name: 'digits.npy', rows: 1797, depth: 64, source: '#rows', images: null });
    expect(data?.labels?.[1796]).toBe('8');
    expect((await readdir(folder)).filter((name) => name.includes('report'))).toEqual(['report.html']);
    expect((await run(['view', digits, '-q', '--export', path])).stdout.length).toBe(0);
  });

  it('contains pictures as data', async () => {
    const path = join(folder, 'pictures.html');
    const picture = pngOf(2, 2);
    await put('one.png', picture);
    await run(['view', small, '--images', await put('three.txt', 'one.png\none.png\none.png\n'), '--export', path]);
    const url = `data:image/png;base64,${picture.toString('base64')}`;
    expect(dataOf(await readFile(path, 'utf8'))?.images).toEqual({ kind: 'files', urls: [url, url, url] });
    await run(['view', small, '--images', join(folder, 'one.png'), '--export', path]);
    expect(dataOf(await readFile(path, 'utf8'))?.images).toEqual({ kind: 'sprite', url, size: null });
  });

  it('is refused if it would be too large', async () => {
    const path = join(folder, 'large.html');
    const many = join(folder, 'many.npy');
    await writeNpy(many, new Matrix(new Float32Array(5001).fill(1), [5001, 1]));
    const rows = await run(['view', many, '--export', path]);
    expect([rows.code, rows.stderr]).toEqual([
      3,
      expect.stringContaining('a report takes at most 5,000 rows and 64.0 MiB: without --export'),
    ]);
    await writeNpy(many, new Matrix(new Float32Array(17 * 2 ** 20).fill(1), [17, 2 ** 20]));
    expect((await run(['view', many, '--export', path])).code).toBe(3);
    const sprite = await put('large.png', Buffer.concat([pngOf(2, 2), Buffer.alloc(33 * 2 ** 20)]));
    const pictures = await run(['view', small, '--images', sprite, '--export', path]);
    expect([pictures.code, pictures.stderr]).toEqual([3, expect.stringContaining('pictures of 32.0 MiB in all')]);
    expect((await readdir(folder)).filter((name) => name.includes('large.html'))).toEqual([]);
  });

  it('never replaces its input', async () => {
    const path = await put('input.html', await readFile(small));
    const labels = await put('labels.html', 'a\nb\nc\n');
    for (const args of [
      [path, '--export', path],
      [small, '--labels', labels, '--export', labels],
    ]) {
      const { code, stderr } = await run(['view', ...args]);
      expect([code, stderr]).toEqual([2, expect.stringContaining('that is an input')]);
    }
    expect((await readFile(path)).equals(await readFile(small))).toBe(true);
  });
});

describe('the page', () => {
  it('must have one placeholder for its data', () => {
    const place = '<script type="application/json" id="page-data">null</script>';
    const data = { name: '$&' } as PageData;
    expect(dataOf(fillPage(`a${place}b`, data))).toEqual(data);
    expect(() => fillPage('a', data)).toThrow(
      'expected one <script type="application/json" id="page-data">null</script> in it, found none',
    );
    expect(() => fillPage(place + place, null)).toThrow('found 2');
  });

  it('must be built', async () => {
    const nowhere = pathToFileURL(join(folder, 'nowhere/'));
    for (const read of [() => readPage('index.html', nowhere), () => readAssets(nowhere)]) {
      await expect(read()).rejects.toThrow(/the page is missing from .*nowhere\/: .*run "npm run build" in a checkout/);
    }
  });
});
