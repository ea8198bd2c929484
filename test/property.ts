// fast-check with cases that are the same in every run, as all else in the tests; PROPERTY_SEED=17 tries others.
import fc from 'fast-check';

fc.configureGlobal({ seed: Number(process.env.PROPERTY_SEED ?? 1) });

export { fc };
