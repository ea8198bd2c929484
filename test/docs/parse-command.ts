// Returns how the command line reads the words of a command, without running it.

import type { Command } from 'commander';
import { createProgram } from '#src/cli/program.js';

/** Throws commander's error if an option, a command or an argument does not match the program. */
export async function parseCommand(words: readonly string[]): Promise<void> {
  const program = createProgram(new AbortController().signal);
  const silent = (command: Command) => {
    command.configureOutput({ writeErr: () => {}, writeOut: () => {} }).exitOverride();
    if (command !== program) command.action(() => {});
    command.commands.forEach(silent);
  };
  silent(program);
  await program.parseAsync(['node', 'allpairs', ...words]);
}
