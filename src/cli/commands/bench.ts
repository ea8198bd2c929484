import {
  type BackendName,
  cosineSimilarity,
  cosineSimilaritySync,
  type RowMatrix,
  runtimeInfo,
  topK,
} from '../../index.js';
