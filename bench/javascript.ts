// Compares the whole matrix with everything in JavaScript that computes it, or one pair of it.

import { timesOfSizes } from './dense.js';
import { javaScriptRivals } from './peers/javascript.js';
import type { Section } from './section.js';

const SIZES = ['50x64', '1000x384'];

export const javascript: Section = {
  name: 'javascript',
  asks: 'How long does the whole matrix take, compared with JavaScript packages?',
  async run(run) {
    const sizes = run.sizes(SIZES, ['50x64']);
    const rivals = await javaScriptRivals(run);
    for (const { name, mostRows } of rivals) {
      const tooLarge = sizes.filter(([rows]) => rows > mostRows).map(([rows, depth]) => `${rows} x ${depth}`);
      if (tooLarge.length > 0) run.leaveOut(name, `too slow to wait for at ${tooLarge.join(', ')}`);
    }
    return timesOfSizes(run, sizes, { task: undefined, javaScript: rivals });
  },
};
