// The rows as points, similar ones near each other as far as a plane allows, and their colours.

import { batch, useSignal } from '@preact/signals';
import type { MapMethod } from '../compute/results.js';
import { countOf } from '../format.js';
import { colourColumn, shown } from '../state/answers.js';
import { colourBy, mapMethod, seenOfMap } from '../state/choices.js';
import { selectRows } from '../state/selection.js';
import { Choice, type Choosable } from './choice.js';
import { MapChart } from './map-chart.js';
import { rowClasses } from './map-colours.js';

/** The choice of a method; another map is shown as a whole. */
const usedMethod: Choosable<MapMethod> = {
  get value() {
    return mapMethod.value;
  },
  set value(method) {
    batch(() => {
      mapMethod.value = method;
      seenOfMap.value = null;
    });
  },
};

/** The legend of the chosen colours. */
const usedColour: Choosable<string> = {
  get value() {
    return colourColumn.value?.name ?? '';
  },
  set value(name) {
    colourBy.value = name;
  },
};

export function MapPanel() {
  const singled = useSignal<string | null>(null);
  const classes = rowClasses;
  // A class that no longer exists is not shown alone.
  const single = classes.value.find(({ key }) => key === singled.value);
  const alone = single?.key ?? null;
  const columns = shown.value?.columns ?? [];
  return (
    <section class="panel map" aria-labelledby="map-title">
      <div class="panel-head">
        <h2 id="map-title">Map</h2>
        <Choice<MapMethod>
          label="By"
          value={usedMethod}
          options={[
            ['pca', 'PCA'],
            ['umap', 'UMAP'],
          ]}
        />
        <Choice<string>
          label="Colours"
          value={usedColour}
          options={[
            ...columns.map(({ name }) => [name, name] as const),
            ...(shown.value?.against ? [] : ([['', 'groups']] as const)),
          ]}
        />
      </div>
      <MapChart classes={classes.value} singled={alone}>
        {single && (
          <button type="button" class="select-class" onClick={() => selectRows(single.rows)}>
            Select {countOf(single.rows.length, 'row')}
          </button>
        )}
      </MapChart>
      <ul class="map-legend" aria-label="Classes: press to see one alone">
        {classes.value.map(({ key, name, colour }) => (
          <li key={key}>
            <button
              type="button"
              aria-pressed={alone === key}
              onClick={() => {
                singled.value = alone === key ? null : key;
              }}
            >
              <span class="dot" style={{ backgroundColor: colour }} />
              <span class="clipped" dir="auto">
                {name}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
