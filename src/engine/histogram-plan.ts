// Memory of a histogram.

import type { HistogramProblem } from '../problem.js';
import type { Needs, Setting } from './setting.js';

export function needsOfHistogram({ bins }: HistogramProblem, { threads = 1 }: Setting): Needs {
  const tables = 3 + threads;
  const size = { bytes: tables * 8 * (bins + 1), what: `${bins} bins`, advice: 'Try fewer bins.' };
  return { purpose: { kind: 'histogram', bins }, size };
}
