// The page: what it shows, and what is being computed.

import { countOf, formatCount } from './format.js';
import { HeatmapPanel } from './heatmap/heatmap-panel.js';
import { lazy } from './panels/lazy.js';
import { MapPanel } from './panels/map-panel.js';
import { Menu } from './panels/menu.js';
import { NeighboursPanel } from './panels/neighbours-panel.js';
import { ThresholdPanel } from './panels/threshold-panel.js';
import {
  comparedPairs,
  facts,
  hasRoom,
  histogram,
  matrixSize,
  nothingToShow,
  problem,
  shown,
  usedRoom,
  works,
} from './state/answers.js';
import { type Room, room } from './state/choices.js';

const DropZone = lazy(async () => (await import('./panels/drop-zone.js')).DropZone);
const HealthPanel = lazy(async () => (await import('./panels/health-panel.js')).HealthPanel);
const ModelsPanel = lazy(async () => (await import('./panels/models-panel.js')).ModelsPanel);
const ReviewPanel = lazy(async () => (await import('./panels/review/review-panel.js')).ReviewPanel);
const ColumnsMenu = lazy(async () => (await import('./panels/columns-menu.js')).ColumnsMenu);
const SharePanel = lazy(async () => (await import('./share/share-panel.js')).SharePanel);

/** `given`: whether the page already has rows, so that it need not ask for any. */
export function App({ given }: { given: boolean }) {
  return (
    <>
      <Problem />
      {nothingToShow.value ? (
        <NothingToShow />
      ) : given || shown.value ? (
        <>
          <Header another={!given} />
          {usedRoom.value === 'review' && <ReviewPanel />}
          {usedRoom.value === 'health' && <HealthPanel />}
          {usedRoom.value === 'models' && <ModelsPanel />}
          {usedRoom.value === 'overview' && (
            <main class="panels">
              <HeatmapPanel />
              <NeighboursPanel />
              <ThresholdPanel />
              <MapPanel />
            </main>
          )}
        </>
      ) : (
        <>
          <DropZone />
          <Working />
        </>
      )}
    </>
  );
}

/** If the rows could not be read or compared: no panel waits for what will not come. */
function NothingToShow() {
  return (
    <main class="drop">
      <h1>{shown.value?.name}</h1>
      <p>
        Nothing was computed, for the reason above. When that is settled,{' '}
        <a href={location.pathname}>open the page without the choices in its address</a>.
      </p>
    </main>
  );
}

function Problem() {
  return (
    <div role="alert">
      {problem.value !== null && (
        <p class="problem">
          {problem.value}{' '}
          <button
            type="button"
            onClick={() => {
              problem.value = null;
            }}
          >
            Close
          </button>
        </p>
      )}
    </div>
  );
}

const ROOMS: readonly (readonly [Room, string])[] = [
  ['overview', 'Overview'],
  ['review', 'Duplicates'],
  ['health', 'Health'],
  ['models', 'Models'],
];

/** `another`: whether another file may replace this one. */
function Header({ another }: { another: boolean }) {
  const rows = shown.value;
  const found = histogram.value;
  const size = matrixSize.value;
  return (
    <header>
      <h1 title={rows?.name}>{rows?.name}</h1>
      <p class="quiet facts">
        {rows?.against && `${countOf(size.rows, 'row')} against ${formatCount(size.cols)} of ${countOf(rows.depth, 'number')}`}
        {rows && !rows.against && `${countOf(rows.rows, 'row')} of ${countOf(rows.depth, 'number')}`}
        {found && rows && `, ${countOf(comparedPairs.value, 'pair')} in float32`}
        {facts.value?.threads && `, ${facts.value.gpu ?? countOf(facts.value.threads, 'thread')}`}
        {another && (
          <>
            {' · '}
            <a href={location.pathname}>another file</a>
          </>
        )}
      </p>
      <nav aria-label="Views">
        {ROOMS.filter(([name]) => hasRoom(name)).map(([name, text]) => (
          <button
            key={name}
            type="button"
            aria-current={usedRoom.value === name ? 'page' : undefined}
            onClick={() => {
              room.value = name;
            }}
          >
            {text}
          </button>
        ))}
        {rows && (
          <>
            <Menu text="Columns">
              <ColumnsMenu />
            </Menu>
            <Menu text="Share">
              <SharePanel />
            </Menu>
          </>
        )}
      </nav>
      <Working />
    </header>
  );
}

function Working() {
  const now = works.value.at(-1);
  return (
    <div class="working">
      <span role="status">{now?.what}</span>
      {now && (
        <>
          <progress max={1} value={now.done} aria-label={now.what} />
          <span class="percent">{formatCount(Math.floor(100 * now.done))} %</span>
          {now.stop && (
            <button type="button" onClick={now.stop}>
              Stop
            </button>
          )}
        </>
      )}
    </div>
  );
}
