import { expose } from 'comlink';
import { breather, type OnProgress } from './breather.js';
import type { Neighbours } from './map-neighbours.js';
import { neighbourPositions } from './neighbour-positions.js';

/** Runs UMAP, whose first step takes seconds for thousands of rows, on a thread without other tasks. */
export type LayOut = typeof layOut;

const layOut = (neighbours: Neighbours, onProgress: OnProgress) => neighbourPositions(neighbours, breather(onProgress));

expose(layOut);
