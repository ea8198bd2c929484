// A row in a list, and its score.

import { formatScore } from '../format.js';
import { fileOf, nameInFile, nameOf, numberOf, shown } from '../state/answers.js';
import { rowsTab, selected } from '../state/choices.js';
import { isInSelection } from '../state/selection.js';
import { RowPicture } from './row-picture.js';

/** A row by picture and name; a press shows its neighbours. `isFileKnown`: a heading has the name of its file. */
export function RowButton({ row, isFileKnown = false }: { row: number; isFileKnown?: boolean }) {
  const inSelection = isInSelection(row);
  return (
    <button
      type="button"
      class={`row ${inSelection ? 'in-selection' : ''}`}
      title={inSelection ? 'in the selection' : fileOf(row)}
      aria-pressed={selected.value === row}
      onClick={() => {
        selected.value = row;
        rowsTab.value = 'neighbours';
      }}
    >
      <RowPicture row={row} />
      {shown.value?.labels && <span class="number quiet">{numberOf(row)}</span>}
      <span class="name" dir="auto">
        {isFileKnown ? nameInFile(row) : nameOf(row)}
      </span>
    </button>
  );
}

/** A score, and a bar of proportional length. */
export function Score({ score }: { score: number }) {
  return (
    <span class="score-cell">
      <span class="score">{formatScore(score)}</span>
      <meter min={0} max={1} value={Math.max(0, score)} aria-hidden="true" />
    </span>
  );
}
