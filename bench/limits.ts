// Measures what the machine can do at most, and how close the native kernel comes to it on one core.

import type { ReportTable } from './report.js';
import { runNative } from './run-native.js';
import type { Section } from './section.js';

const KERNEL_LINE = /^ {2}(.+?) +([\d.]+) GF\/s(?: +(\d+) % of the peak)?$/;

export const limits: Section = {
  name: 'limits',
  asks: 'What can the machine do at most, and how close does the native kernel come to it?',
  async run(run) {
    let machine: string;
    let kernel: string;
    try {
      machine = await runNative('bench/limits.cc', String(run.threads));
      kernel = run.quick ? '' : await runNative('bench/kernel.cc');
    } catch (error) {
      run.leaveOut('the limits of the machine', `no C++ compiler that builds them: ${(error as Error).message.split('\n')[0]}`);
      return [];
    }
    // The best set of instructions comes first.
    const [best = ''] = kernel.split('\n\n');
    const [description = '', ...lines] = best.split('\n');
    const tables: ReportTable[] = [
      {
        kind: 'values',
        id: 'machine',
        title: `The machine, ${run.threads} threads`,
        columns: [{ name: 'rate', unit: 'text' }],
        rows: machine
          .trim()
          .split('\n')
          .map((line) => {
            const [rate, unit, ...name] = line.split(' ');
            return { name: name.join(' '), values: [`${Number(rate).toFixed(1)} ${unit}`] };
          }),
      },
    ];
    if (best)
      tables.push({
        kind: 'values',
        id: 'kernel',
        title: `One core, 4000 x 768, ${description}`,
        columns: [
          { name: 'rate', unit: 'GF/s' },
          { name: 'of the peak', unit: '%' },
        ],
        rows: lines.flatMap((line) => {
          const [, name, rate, percent] = KERNEL_LINE.exec(line) ?? [];
          return name === undefined ? [] : [{ name, values: [Number(rate), percent === undefined ? 100 : Number(percent)] }];
        }),
      });
    return tables;
  },
};
