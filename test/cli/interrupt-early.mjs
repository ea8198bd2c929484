// Loaded into a command before its own code (--import): interrupts the command as soon as it handles the signal.

import process from 'node:process';

process.on('newListener', (name) => {
  if (name === 'SIGINT') queueMicrotask(() => process.kill(process.pid, 'SIGINT'));
});
