#!/usr/bin/env node
import process from 'node:process';
import { interruptSignal, quietWhenPipeCloses } from './endings.js';

quietWhenPipeCloses();
const signal = interruptSignal();
// Loaded only now, so that Ctrl-C is handled from the beginning.
const [{ exitCodeOf, explain }, { createProgram }] = await Promise.all([import('./exit-codes.js'), import('./program.js')]);
try {
  await createProgram(signal).parseAsync(process.argv);
} catch (error) {
  process.exitCode = exitCodeOf(error, signal);
  explain(error, signal);
}
