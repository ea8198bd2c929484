// The process around a command: its arguments, errors and exit code.

import process from 'node:process';
import { exitCodeOf, explain } from './exit-codes.js';
import { reportSignals } from './interrupts.js';
import { createProgram } from './program.js';
import { endWhenStdoutFails } from './stdout.js';

export async function runCommandLine(signal: AbortSignal): Promise<void> {
  endWhenStdoutFails();
  try {
    await createProgram(signal).parseAsync(process.argv);
  } catch (error) {
    // A signal that arrived while the thread was blocked decides how the command ends.
    await reportSignals();
    process.exitCode = exitCodeOf(error, signal);
    explain(error, signal);
  }
}
