// Chooses how many nearest rows are listed and compared.

import { NEAREST_COMPARED } from '../compute/neighbour-overlap.js';
import { neighbourCount } from '../state/choices.js';
import { Choice } from './choice.js';

export function NeighbourCount({ label }: { label: string }) {
  return <Choice label={label} value={neighbourCount} options={NEAREST_COMPARED.map((count) => [count, String(count)])} />;
}
