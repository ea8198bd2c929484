// Import rules (docs/architecture.md): which folders may import which, which modules may use Node, and that there is no cycle.

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const SRC = fileURLToPath(new URL('../src', import.meta.url));

/** The first rule that fits a file decides what its imports must match. Imports of types are exempt only where a rule says so. */
const RULES: readonly [file: RegExp, mayImport: RegExp][] = [
  [/^(message|saved-state)\.ts$/, /^$/],
  [/^(errors|command-wording)\.ts$/, /^message\.ts$/],
  [/^part-options\.ts$/, /^$/],
  [/^(types|results)\.ts$/, /^(rows\/(dtype|dense-matrix|stored-rows)|saved-state)\.ts$/],
  [/^rows\/dtype\.ts$/, /^$/],
  [/^rows\/dense-matrix\.ts$/, /^(argument|rows\/dtype)\.ts$/],
  [/^rows\/stored-rows\.ts$/, /^(rows\/|message\.ts$)/],
  [/^rows\//, /^rows\//],
  [/^platform\/(platform|permissions|own-path|worker-source-(browser|node))\.ts$/, /^$/],
  [/^platform\/native-addon\.ts$/, /^platform\/(permissions|own-path)\.ts$/],
  [/^platform\/browser\.ts$/, /^platform\/(platform|worker-source-browser)\.ts$/],
  [/^platform\/node\.ts$/, /^platform\/(platform|permissions|native-addon|worker-source-node)\.ts$/],
  [/^backends\/constants\.ts$/, /^$/],
  [/^epilogues\//, /^(epilogues\/|rows\/|backends\/(constants|work|tiled\/tile-backend)\.ts)/],
  [/^problem\.ts$/, /^(rows\/|types\.ts|saved-state\.ts)/],
  [/^backends\/work\.ts$/, /^rows\//],
  [/^backends\/sparse\//, /^(backends\/backend\.ts|backends\/sparse\/|rows\/)/],
  [/^backends\/grid\.ts$/, /^backends\/work\.ts$/],
  [/^backends\/row-marks\.ts$/, /^backends\/(backend|constants|work)\.ts$/],
  [/^backends\/backend\.ts$/, /^(rows\/|backends\/work\.ts)/],
  [/^backends\/job-shape\.ts$/, /^backends\/backend\.ts$/],
  [/^backends\/select\.ts$/, /^(backends\/|errors\.ts|types\.ts|platform\/platform\.ts)/],
  [/^backends\/tiled\/tile-backend\.ts$/, /^(backends\/(backend|row-marks|work)\.ts|rows\/)/],
  [/^backends\/tiled\/attach\.ts$/, /^(backends\/(reference-tiles|wasm\/attach|tiled\/tile-backend)\.ts)/],
  [/^backends\/tiled\//, /^(backends\/((backend|grid|work)\.ts|tiled\/)|epilogues\/|rows\/|platform\/platform\.ts|errors\.ts)/],
  [
    /^backends\/reference(-tiles)?\.ts$/,
    /^(backends\/(backend|reference-tiles|row-marks|work|tiled\/tile-backend)\.ts|backends\/sparse\/|rows\/|errors\.ts)/,
  ],
  [
    /^backends\/wasm\//,
    /^(backends\/(backend|work|job-shape|constants|row-marks|tiled\/tile-backend)\.ts|backends\/(wasm|sparse)\/|rows\/|errors\.ts)/,
  ],
  [
    /^backends\/native\//,
    /^(backends\/(backend|grid|work|job-shape|constants|row-marks|tiled\/tile-backend)\.ts|epilogues\/|backends\/(native|sparse)\/|rows\/|errors\.ts)/,
  ],
  [
    /^backends\/webgpu\//,
    /^(backends\/(backend|grid|work|row-marks|tiled\/tile-backend)\.ts|epilogues\/|backends\/webgpu\/|rows\/|(errors|message)\.ts)/,
  ],
  [
    /^engine\//,
    /^(engine\/|epilogues\/|rows\/|backends\/(backend|grid|work|constants|sparse\/(packed-sparse|row-filter))\.ts|problem\.ts|pruning\/(bound|look)\.ts|platform\/platform\.ts|errors\.ts|message\.ts|results\.ts|types\.ts|saved-state\.ts)/,
  ],
  [/^pruning\/(bound|look)\.ts$/, /^rows\/dtype\.ts$/],
  [/^pruning\//, /^(pruning\/|engine\/(cosines-between|setting)\.ts|rows\/|backends\/(backend|row-marks)\.ts|problem\.ts)/],
  [
    /^spectrum\//,
    /^(spectrum\/|engine\/(cosines-between|packing|plan|row-feed|setting|turns)\.ts|rows\/|(argument|problem|errors|message|types)\.ts)/,
  ],
  [/^health\//, /^(health\/|spectrum\/|engine\/|pruning\/sample\.ts|rows\/|(errors|problem|message|results)\.ts)/],
  [/^text\//, /^(text\/|(argument|errors|growing|types)\.ts$)/],
  [/^io\/columns\//, /^(io\/columns\/|rows\/|errors\.ts|message\.ts)/],
  [/^io\/bytes\/temporary-file\.ts$/, /^(io\/|rows\/|errors\.ts|platform\/permissions\.ts)/],
  [/^io\/formats\/hdf5-module\.ts$/, /^(errors|io\/library-memory|platform\/own-path)\.ts$/],
  [/^io\//, /^(io\/|rows\/|errors\.ts|growing\.ts|option-names\.ts|saved-state\.ts|message\.ts)/],
  [/^growing\.ts$/, /^errors\.ts$/],
  [/^argument\.ts$/, /^(errors|message|rows\/dtype)\.ts$/],
  [/^option-names\.ts$/, /^argument\.ts$/],
  [/^result-json\.ts$/, /^$/],
  [/^result-entries\.ts$/, /^(results|rows\/dense-matrix)\.ts$/],
  [/^check-(layout|elements)\.ts$/, /^(argument\.ts|types\.ts|rows\/)/],
  [/^check-sparse\.ts$/, /^(argument\.ts|check-elements\.ts|types\.ts|rows\/)/],
  [/^check-collections\.ts$/, /^(argument|check-ids)\.ts$|^rows\//],
  [/^check-ids\.ts$/, /^(argument|message)\.ts$|^rows\//],
  [/^refuse-rows\.ts$/, /^(argument|check-collections)\.ts$/],
  [/^check-columns\.ts$/, /^(argument|message)\.ts$|^rows\//],
  [/^check-rows\.ts$/, /^(argument\.ts|check-(layout|elements|collections|sparse)\.ts|refuse-rows\.ts|types\.ts|rows\/)/],
  [/^call-syntax\.ts$/, /^(option-names|part-options|types)\.ts$/],
  [/^check-options\.ts$/, /^(argument|call-syntax|check-(collections|rows)|option-names|types)\.ts$|^rows\//],
  [/^check-groups\.ts$/, /^(argument|backends\/constants|message|problem|types)\.ts$|^rows\//],
  [/^check-(thresholds|part)\.ts$/, /^(argument|part-options|problem|saved-state)\.ts$|^rows\//],
  [/^check-listed\.ts$/, /^(argument|check-ids|problem|types)\.ts$|^rows\//],
  [/^check-transform\.ts$/, /^(argument|call-syntax|problem|types)\.ts$|^rows\//],
  [/^check-problem\.ts$/, /^(argument|check-(columns|ids|rows|transform)|problem|refuse-rows|types)\.ts$|^rows\//],
  [
    /^check\.ts$/,
    /^(argument|call-syntax|check-(groups|ids|listed|options|part|problem|thresholds)|part-options|problem|types|message)\.ts$|^rows\//,
  ],
  [/^plain-call\.ts$/, /^(check-rows|engine\/small|rows\/(dense-matrix|dtype)|backends\/backend|types)\.ts$/],
  [/^calls\.ts$/, /^(types\.ts|results\.ts|rows\/|backends\/select\.ts)/],
  [
    /^api\.ts$/,
    /^(calls\.ts|check(-options)?\.ts|problem\.ts|errors\.ts|types\.ts|results\.ts|result-(json|entries)\.ts|plain-call\.ts|engine\/|pruning\/(longest-sketches|sketching)\.ts|health\/health\.ts|spectrum\/(apply|fit)\.ts|backends\/(select|backend)\.ts|rows\/|platform\/platform\.ts)/,
  ],
  [
    /^index\.ts$/,
    /^(api|calls|engine\/(pairs|top-k)\.ts|errors|types|results|saved-state|rows\/|text\/text-(rows|types)|io\/|platform\/node|backends\/select)/,
  ],
  [
    /^browser\.ts$/,
    /^(api|calls|errors|types|results|saved-state|rows\/|text\/text-(rows|types)|platform\/browser|backends\/select|io\/(open-in-browser|rows\/(npy|row-file|open-source)|bytes\/(byte-source|input-bytes)|columns\/(choose|declared-elements|nulls))\.ts)/,
  ],
  [
    /^cluster\//,
    /^(cluster\/|command-wording\.ts|epilogues\/best-lists\.ts|backends\/constants\.ts|(part-options|types|results)\.ts|io\/|rows\/|errors\.ts|saved-state\.ts|index\.ts)/,
  ],
  [
    /^cli\//,
    /^(cli\/|cluster\/|(check-columns|command-wording|errors|index|part-options|types)\.ts|health\/findings\.ts|io\/)/,
  ],
];

/** The only places for node:* modules. */
const NODE_ALLOWED = /^(platform\/(node|native-addon|own-path)|backends\/tiled\/worker-node|io\/|cluster\/|cli\/)/;

/** The build for browsers replaces this module by another one. */
const SWAPPED = new Map([
  ['io/formats/zlib-node.ts', 'io/formats/zlib-web.ts'],
  ['io/formats/find-byte-node.ts', 'io/formats/find-byte-web.ts'],
  ['backends/native/backend.ts', 'backends/native/backend-web.ts'],
]);

/** Generated by the build as text, without an import. */
const GENERATED = /^(platform\/worker-source-(browser|node)|backends\/wasm\/(search-)?binaries)\.ts$/;

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));

interface Import {
  readonly specifier: string;
  /** Returns the imported file inside src, else undefined. */
  readonly target: string | undefined;
  readonly typeOnly: boolean;
}

function importsOf(file: string): Import[] {
  if (GENERATED.test(file)) return [];
  const text = readFileSync(join(SRC, file), 'utf8');
  const specifiers = [...text.matchAll(/^(?:import|export)\b[^'"]*?from '([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)/gm)];
  return specifiers.map(([whole, from, bare, lazy]) => {
    const specifier = (from ?? bare ?? lazy) as string;
    const inside = specifier.startsWith('.');
    return {
      specifier,
      target: inside ? relative(SRC, join(SRC, dirname(file), specifier)).replace(/\.js$/, '.ts') : undefined,
      typeOnly: /^(import|export) type\b/.test(whole),
    };
  });
}

describe('imports', () => {
  it.each(files)('of %s are allowed in its folder', (file) => {
    const [, allowed] = RULES.find(([pattern]) => pattern.test(file)) ?? [];
    expect(allowed, `no rule for ${file}`).toBeDefined();
    for (const { specifier, target } of importsOf(file)) {
      if (target) expect(target, `${file} imports ${specifier}`).toMatch(allowed as RegExp);
      else if (specifier.startsWith('node:')) expect(file, `${file} imports ${specifier}`).toMatch(NODE_ALLOWED);
      else
        expect(file, `${file} imports ${specifier}`).toMatch(
          /^(cli\/|io\/formats\/|io\/rows\/(npz-file|input-files)\.ts|cluster\/|platform\/node\.ts)/,
        );
    }
  });

  it('of browser.ts, including lazy ones, reach no Node module', () => {
    const reached = new Set<string>();
    const visit = (file: string): void => {
      if (reached.has(file)) return;
      reached.add(file);
      if (GENERATED.test(file)) return;
      const code = readFileSync(join(SRC, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
      expect(code, file).not.toMatch(/\b(Buffer|process|setImmediate|__dirname|require)\b/);
      for (const { specifier, target, typeOnly } of importsOf(file)) {
        if (typeOnly) continue;
        expect(specifier, `${file} imports ${specifier}`).not.toMatch(/^node:/);
        if (target) visit(SWAPPED.get(target) ?? target);
      }
    };
    visit('browser.ts');
    expect([...reached]).toEqual(
      expect.arrayContaining(['io/formats/parquet.ts', 'io/formats/zlib-web.ts', 'io/rows/row-store.ts']),
    );
  });

  it('have no cycles', () => {
    const done = new Set<string>();
    const visit = (file: string, path: readonly string[]): void => {
      expect(path, [...path, file].join(' -> ')).not.toContain(file);
      if (done.has(file)) return;
      for (const { target } of importsOf(file)) if (target) visit(target, [...path, file]);
      done.add(file);
    };
    for (const file of files) visit(file, []);
  });

  it('are found by this test', () => {
    expect(importsOf('index.ts').length).toBeGreaterThan(4);
    expect(importsOf('api.ts').some(({ target }) => target === 'engine/run.ts')).toBe(true);
  });
});

describe('names', () => {
  it('describe what a file contains', () => {
    for (const file of files) expect(file).not.toMatch(/(utils?|helpers?|misc|common)/i);
  });
});
