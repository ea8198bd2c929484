#!/usr/bin/env node
// Signals are handled before anything else is loaded: an early Ctrl-C then ends the command as a later one does.

import { interruptSignal } from './interrupts.js';

const signal = interruptSignal();
const { runCommandLine } = await import('./command-line.js');
await runCommandLine(signal);
