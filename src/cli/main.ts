#!/usr/bin/env node
// Signals are handled before anything else is loaded, so an early Ctrl-C ends the command like a later one.

import { interruptSignal } from './interrupts.js';

const signal = interruptSignal();
const { runCommandLine } = await import('./command-line.js');
await runCommandLine(signal);
