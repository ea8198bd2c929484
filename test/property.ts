// Runs fast-check with the same cases in every run, like all tests; PROPERTY_SEED=17 tries others.
import fc from 'fast-check';

fc.configureGlobal({ seed: Number(process.env.PROPERTY_SEED ?? 1) });

export { fc };
