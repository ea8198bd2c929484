// Loaded into a command before its own code (--import): holds it where it gives a file its name, and says so, until it may go on.
// HOLD_AT is how the file's name begins; HOLD is a file that is there as long as the command is held.

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
