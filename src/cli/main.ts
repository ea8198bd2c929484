#!/usr/bin/env node
import process from 'node:process';
import { interruptSignal, quietWhenPipeCloses } from './endings.js';
import { exitCodeOf, explain } from './exit-codes.js';
import { createProgram } from './program.js';

quietWhenPipeCloses();
const signal = interruptSignal();
try {
  await createProgram(signal).parseAsync(process.argv);
} catch (error) {
  process.exitCode = exitCodeOf(error, signal);
  explain(error, signal);
}
