// Rows with their scores, best first.

import { fileOf } from '../state/answers.js';
import { RowButton, Score } from './row-button.js';

interface Scored {
  readonly indices: Uint32Array;
  readonly scores: Float32Array;
}

/** `found`: null while it is not known. `score`: what the scores are. */
export function ScoredRows({ found, score = 'Score' }: { found: Scored | null; score?: string }) {
  const [file, ...others] = new Set(Array.from(found?.indices ?? [], fileOf));
  const isOne = file !== undefined && others.length === 0;
  return (
    <table class="rows">
      <thead>
        <tr>
          <th scope="col">Rank</th>
          <th scope="col">Row{isOne && ` of ${file}`}</th>
          <th scope="col">{score}</th>
        </tr>
      </thead>
      <tbody aria-busy={!found}>
        {found &&
          Array.from(found.indices, (row, rank) => (
            <tr key={row}>
              <td>{rank + 1}</td>
              <td>
                <RowButton row={row} isFileKnown={isOne} />
              </td>
              <td>
                <Score score={found.scores[rank] as number} />
              </td>
            </tr>
          ))}
      </tbody>
    </table>
  );
}
