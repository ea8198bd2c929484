// What browsers have in the place of backend.ts: no addon can be loaded there.

import { UnsupportedError } from '../../errors.js';
import type * as node from './backend.js';

export const createNativeBackend: typeof node.createNativeBackend = () => {
  throw new UnsupportedError('browsers load no native addons');
};
