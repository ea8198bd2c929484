// The public exports: calls, files of rows, results and errors, but nothing that only the command line, the cluster or the page needs.

import * as node from 'allpairs';
import { describe, expect, it } from 'vitest';
import * as browser from '#src/browser.js';

const EVERYWHERE = [
  ...['cosineSimilarity', 'cosineSimilaritySync', 'streamMatrix', 'topK', 'pairs', 'bestPairs', 'streamPairs', 'groups'],
  ...['pairedSimilarity', 'scorePairs', 'dedupe', 'linkage', 'health', 'fitTransform'],
  ...['histogram', 'textRows', 'plan', 'runtimeInfo', 'openRows', 'RowFile', 'StoredRows', 'Matrix', 'Groups', 'Dendrogram'],
  ...['AllpairsError', 'ArgumentError', 'DeviceError', 'FormatError', 'MemoryError', 'ThreadError', 'UnsupportedError'],
];

describe('the public exports', () => {
  it('are the documented ones in Node', () => {
    expect(Object.keys(node).sort()).toEqual([...EVERYWHERE, 'readNpy', 'writeNpy'].sort());
  });

  it('are the documented ones in browsers', () => {
    expect(Object.keys(browser).sort()).toEqual([...EVERYWHERE, 'readTexts'].sort());
  });

  it('include a plan for each call that has one', () => {
    expect(Object.keys(node.plan)).toEqual([
      'streamMatrix',
      'topK',
      'streamPairs',
      'bestPairs',
      'groups',
      'dedupe',
      'linkage',
      'histogram',
    ]);
  });
});
