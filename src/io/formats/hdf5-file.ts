// Opens an HDF5 file for one piece of work, and checks what HDF5 reads meanwhile.

import { AllpairsError, FormatError } from '../../errors.js';
import { runBlocking } from '../blocking.js';
import { allowOptimizing, avoidOptimizing } from '../library-compiling.js';
import { type Hdf5File as File, fileSystemOf, type Hdf5, loadHdf5, useHdf5 } from './hdf5-module.js';
import type { NumberTypes } from './hdf5-number-types.js';
import { type ReadFault, withReadsChecked } from './hdf5-reads.js';
import { messageOf } from './query-rows.js';

/** Opens the file for the duration of `use`. Errors in `use` are reported as errors of the file unless they are already specific. */
export async function withFile<T>(
  path: string,
  use: (file: File, hdf5: Hdf5) => T,
  { types, memoryBudget }: { readonly types?: NumberTypes; readonly memoryBudget?: number | undefined } = {},
) {
  let fault: ReadFault | undefined;
  const onFault = (found: ReadFault) => {
    fault ??= found;
  };
  const limited = memoryBudget !== undefined;
  if (limited) avoidOptimizing();
  try {
    for (;;) {
      const hdf5 = await loadHdf5(path);
      const read = () => useHdf5(hdf5, path, (file) => use(file, hdf5));
      // Another file may end the instance before it is this one's turn.
      const checked = await runBlocking(() =>
        hdf5.ended ? undefined : withReadsChecked(fileSystemOf(hdf5.module), onFault, types, read),
      );
      if (fault) break;
      if (checked) return checked;
    }
  } catch (error) {
    if (!fault) throw error instanceof AllpairsError ? error : new FormatError(path, 'whole', reasonOf(error));
  } finally {
    if (limited) allowOptimizing();
  }
  throw new FormatError(path, fault.byte, fault.what);
}

/** Returns the innermost line of HDF5's call stack, which says what is wrong. */
function reasonOf(error: unknown): string {
  const message = messageOf(error);
  return [...message.matchAll(/\(\): (.*?) major:/g)].at(-1)?.[1] ?? message;
}
