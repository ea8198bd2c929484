// Loaded into a command before its own code (--import): pauses the command when it gives a file its name, reports this, and lets it
// continue later. HOLD_AT is the beginning of the file's name; HOLD is a file that exists while the command is paused.

import { existsSync, writeFileSync } from 'node:fs';
import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { basename } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';

const { rename } = promises;
const { HOLD, HOLD_AT } = process.env;

promises.rename = async (from, to) => {
  await rename(from, to);
  if (!basename(to).startsWith(HOLD_AT) || !existsSync(HOLD)) return;
  writeFileSync(`${HOLD}.reached`, '');
  while (existsSync(HOLD)) await sleep(2);
};
syncBuiltinESMExports();
