import { describe, expect, it } from 'vitest';
import type { Backend } from '#src/backends/backend.js';
import { BackendSelection, type Candidate } from '#src/backends/select.js';
import { UnsupportedError } from '#src/errors.js';
import { nodePlatform } from '#src/platform/node.js';

/** As much of a backend as the selection needs. */
const named = (name: string, servesSync = true) => ({ name, servesSync }) as Backend;
const at = (create: Candidate['create']): Candidate => ({ byName: false, create });

describe('a backend that loads asynchronously', () => {
  it('is chosen by asynchronous calls, and by Sync calls once it is loaded', async () => {
    let created = 0;
    const native = at(async () => {
      created++;
      return named('later');
    });
    const selection = new BackendSelection(nodePlatform, { native, wasm: at(() => named('now')) });
    expect(selection.chooseSync(undefined).name).toBe('now');
    const [first, second] = await Promise.all([selection.choose(undefined), selection.choose('native')]);
    expect([first.name, second.name, created]).toEqual(['later', 'later', 1]);
    expect(selection.chooseSync(undefined).name).toBe('later');
  });

  it('is refused with the reason if a Sync call names it', () => {
    const selection = new BackendSelection(nodePlatform, { native: at(async () => named('later')) });
    expect(() => selection.chooseSync('native')).toThrow("backend 'native' cannot run here: it is still loading");
  });

  it('is skipped if it cannot run', async () => {
    const native = at(() => Promise.reject(new UnsupportedError('no device')));
    const selection = new BackendSelection(nodePlatform, { native, wasm: at(() => named('now')) });
    expect((await selection.choose(undefined)).name).toBe('now');
    await expect(selection.choose('native')).rejects.toThrow("backend 'native' cannot run here: no device");
    expect(selection.describe('native')).toMatchObject({ available: false, description: 'no device' });
  });
});

describe('a choice', () => {
  it('skips backends that do not serve Sync calls', async () => {
    const native = at(() => named('waits', false));
    const selection = new BackendSelection(nodePlatform, { native, wasm: at(() => named('now')) });
    expect((await selection.choose(undefined)).name).toBe('waits');
    expect(selection.chooseSync(undefined).name).toBe('now');
  });

  it('reports every reason if nothing runs', async () => {
    const refuse = (reason: string) =>
      at(() => {
        throw new UnsupportedError(reason);
      });
    const selection = new BackendSelection(nodePlatform, { native: refuse('no addon'), wasm: refuse('no SIMD') });
    const reasons = 'no backend can run here: native: no addon; wasm: no SIMD';
    await expect(selection.choose(undefined)).rejects.toThrow(reasons);
    expect(() => selection.chooseSync(undefined)).toThrow(reasons);
  });
});
