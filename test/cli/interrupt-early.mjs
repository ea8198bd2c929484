// Loaded into a command before its own code (--import): interrupts it as soon as it handles that.

import process from 'node:process';

process.on('newListener', (name) => {
  if (name === 'SIGINT') queueMicrotask(() => process.kill(process.pid, 'SIGINT'));
});
