// Runs the benchmark, which produces every figure of speed, memory and accuracy in the README and docs/benchmarks.md.
//
//     npm run bench                               all sections, a quarter of an hour on 2 cores with all rivals
//     npm run bench -- --only dense,top-k         some of them
//     npm run bench -- --write                    also writes docs/benchmarks.json; then run npm run bench:docs
//     npm run bench -- --quick                    checks in seconds that everything runs; the figures mean nothing
//     npm run bench -- --json                     prints the report instead of tables
//
// Install rivals with npm run bench:peers, and those for Python as printed at the end. Missing rivals are listed by name.

import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import pc from 'picocolors';
import { accuracy } from './accuracy.js';
import { cross } from './cross.js';
import { dense } from './dense.js';
import { environmentOf } from './environment.js';
import { javascript } from './javascript.js';
import { limits } from './limits.js';
import { memory } from './memory.js';
import { original } from './original.js';
import { PYTHON_PACKAGES } from './peers/python.js';
import { printSection } from './print-section.js';
import { pruning } from './pruning.js';
import { REPORT_FILE, type Report, readReport, type SectionReport, writeReport } from './report.js';
import { scaling } from './scaling.js';
import { BenchRun, type Section } from './section.js';
import { startup } from './startup.js';
import { topTen } from './top-k.js';

/** In the order of docs/benchmarks.md. The limits come first, because later sections refer to them. */
const SECTIONS: readonly Section[] = [
  limits,
  original,
  dense,
  cross,
  topTen,
  pruning,
  javascript,
  accuracy,
  memory,
  startup,
  scaling,
];

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    threads: { type: 'string' },
  },
});
const only = values.only?.split(',') ?? SECTIONS.map(({ name }) => name);
const unknown = only.filter((name) => !SECTIONS.some((section) => section.name === name));
if (unknown.length > 0) {
  console.error(`no section ${unknown.join(', ')}; there are ${SECTIONS.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}

const run = new BenchRun(Number(values.threads ?? Math.min(8, availableParallelism())), values.quick);
const sections: Record<string, SectionReport> = {};
for (const section of SECTIONS.filter(({ name }) => only.includes(name))) {
  if (!values.json) console.log(`\n${pc.bold(section.name)}: ${section.asks}`);
  const start = performance.now();
  const tables = await section.run(run);
  const seconds = (performance.now() - start) / 1000;
  const report = { asks: section.asks, tables, leftOut: run.takeLeftOut(), seconds };
  sections[section.name] = report;
  if (!values.json) printSection(report, sections.limits);
}

const report: Report = {
  quick: values.quick,
  date: new Date().toISOString().slice(0, 10),
  environment: environmentOf(run.threads),
  versions: run.versions,
  sections,
};
if (values.json) console.log(JSON.stringify(report, null, 1));
else {
  const versions = Object.entries(run.versions).map(([name, version]) => `${name} ${version}`);
  console.log(`\n${Object.values(report.environment).join(', ')}\n${versions.join(', ')}`);
  if (Object.values(sections).some(({ leftOut }) => leftOut.length > 0))
    console.log(pc.dim(`rivals: npm run bench:peers, and on Debian ${PYTHON_PACKAGES}`));
}
if (values.write) {
  // A partial run keeps the other sections if both runs are of the same kind.
  const before = values.only ? await readReport() : undefined;
  if (before && before.quick !== report.quick)
    throw new Error(`${REPORT_FILE} comes from another kind of run; write all sections`);
  await writeReport(before ? withSections(before, report) : report);
}

/** Marks new sections that were measured on another day or machine than the sections that stay. */
function withSections(before: Report, { date, environment, versions, sections: added }: Report): Report {
  const same = JSON.stringify([date, environment]) === JSON.stringify([before.date, before.environment]);
  const origin = same ? {} : { date, environment };
  const noted = Object.entries(added).map(([name, section]) => [name, { ...section, ...origin }]);
  return {
    ...before,
    versions: { ...before.versions, ...versions },
    sections: { ...before.sections, ...Object.fromEntries(noted) },
  };
}

// Some rivals have threads that would keep the process alive.
process.exit();
