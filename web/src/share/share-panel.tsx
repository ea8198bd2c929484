// Saves the report, and pictures of the visible parts.

import { useSignal } from '@preact/signals';
import { Choice } from '../panels/choice.js';
import { saveFile } from '../panels/table-file.js';
import { histogram, pairs, positions, shown, works } from '../state/answers.js';
import { tell } from '../state/working.js';
import { histogramPicture } from './histogram-picture.js';
import { mapPicture } from './map-picture.js';
import { matrixPicture } from './matrix-picture.js';
import { pngOf } from './png.js';
import { noReport, reportOf } from './report.js';

type View = 'matrix' | 'map' | 'histogram';
type Format = 'png' | 'svg';

const PICTURES: Record<View, () => string> = { matrix: matrixPicture, map: mapPicture, histogram: histogramPicture };

export function SharePanel() {
  const view = useSignal<View>('matrix');
  const format = useSignal<Format>('png');
  const busy = useSignal(false);
  const guard = (task: () => Promise<void>) => async () => {
    busy.value = true;
    await task().catch(tell);
    busy.value = false;
  };
  const name = (shown.value?.name ?? 'rows').replace(/\.[^.]*$/, '');
  const savePicture = async () => {
    const svg = PICTURES[view.value]();
    saveFile(`${name}-${view.value}.${format.value}`, [format.value === 'svg' ? svg : await pngOf(svg)]);
  };
  const isThere = { matrix: shown.value, map: positions.value, histogram: histogram.value }[view.value] !== null;
  const isComputed = pairs.value !== null && works.value.length === 0;
  return (
    <>
      <button
        type="button"
        disabled={busy.value || !isComputed || noReport !== null}
        onClick={guard(async () => saveFile(`${name}.html`, await reportOf()))}
      >
        Save report
      </button>
      <p class="quiet">
        {noReport ?? 'One HTML file with the rows, your choices and the results. Anyone who has the file can see all of it.'}
      </p>
      <Choice<View>
        label="Picture of"
        value={view}
        options={[
          ['matrix', 'the matrix'],
          ['map', 'the map'],
          ['histogram', 'the histogram'],
        ]}
      />
      <Choice<Format>
        label="as"
        value={format}
        options={[
          ['png', 'PNG'],
          ['svg', 'SVG'],
        ]}
      />
      <button type="button" disabled={busy.value || !isThere} onClick={guard(savePicture)}>
        Save picture
      </button>
      <p class="quiet">The address of this page contains your choices: bookmark it to return to the same view.</p>
    </>
  );
}
