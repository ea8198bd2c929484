// Replaces backend.ts in browsers, which cannot load addons.

import { UnsupportedError } from '../../errors.js';
import type * as node from './backend.js';

export const createNativeBackend: typeof node.createNativeBackend = () => {
  throw new UnsupportedError('browsers load no native addons');
};
