// A commander Command whose errors are one line, suggest the nearest name, and point to the help of the subcommand.

import { Command, type ErrorOptions, Help, type HelpContext, Option } from 'commander';
import { CommandLineError } from './exit-codes.js';
import { isAdvanced, placeOfSection, sectionOf } from './help-sections.js';
import { writeNow } from './stdout.js';

export class CliCommand extends Command {
  private example: string | undefined;
  /** Which help is being written: the usual options, all options, or none. */
  private shownHelp: 'usual' | 'all' | undefined;

  constructor(name?: string) {
    super(name);
    this.exitOverride();
    this.configureOutput({ writeOut: writeNow });
    this.configureHelp({
      // Suggestions for a mistyped option also use the visible options, and consider all of them.
      visibleOptions: (command) => {
        const options = new Help().visibleOptions(command);
        return (command as CliCommand).shownHelp === 'usual' ? options.filter((option) => !isAdvanced(option)) : options;
      },
      groupItems: (all, visible, groupOf) =>
        new Map([...new Help().groupItems(all, visible, groupOf)].sort(([a], [b]) => placeOfSection(a) - placeOfSection(b))),
    });
  }

  /** Adds --help-all if the usual help omits some options. */
  helpAllOption(): this {
    if (!this.options.some(isAdvanced)) return this;
    return this.addOption(new Option('--help-all', 'print the help of all options')).on('option:help-all', () => {
      this.shownHelp = 'all';
      this.help();
    });
  }

  override helpInformation(context?: HelpContext): string {
    this.shownHelp ??= 'usual';
    try {
      return super.helpInformation(context);
    } finally {
      this.shownHelp = undefined;
    }
  }

  override createCommand(name?: string): CliCommand {
    return new CliCommand(name);
  }

  /** Prints `lines` before the help; the first one is also the example in errors. */
  examples(...lines: readonly string[]): this {
    this.example = `allpairs ${lines[0]}`;
    return this.addHelpText('before', `Examples:\n${lines.map((line) => `  allpairs ${line}\n`).join('')}`);
  }

  /** Refuses an option with one value if it is given twice, because one of the values would be ignored. */
  override addOption(option: Option): this {
    const section = sectionOf(option);
    super.addOption(section ? option.helpGroup(section) : option);
    if (!option.required || option.variadic) return this;
    let isGiven = false;
    return this.on(`option:${option.name()}`, () => {
      if (isGiven) this.error(`error: ${option.long ?? option.flags} is given twice; give it once`);
      isGiven = true;
    });
  }

  addOptions(...options: readonly Option[]): this {
    for (const option of options) this.addOption(option);
    return this;
  }

  /** Adds an option that the command requires unless `unless` is given. Unknown options are reported first. */
  needs(option: Option, unless?: string): this {
    return this.addOption(option).hook('preAction', () => {
      if (this.getOptionValue(option.attributeName()) !== undefined) return;
      if (unless !== undefined && this.getOptionValue(unless) !== undefined) return;
      const other = this.options.find((one) => one.attributeName() === unless);
      const flags = [option, other].flatMap((one) => one?.flags ?? []).join(' or ');
      this.error(`error: ${this.name()} needs ${flags}, for example: ${this.example}`);
    });
  }

  /** Called by commander for an unknown option: `--treshold=0.9` is close to `--threshold` too. */
  unknownOption(flag: string): void {
    const { unknownOption } = Command.prototype as unknown as CliCommand;
    unknownOption.call(this, flag.startsWith('--') ? (flag.split('=', 1)[0] as string) : flag);
  }

  /** Receives every error that commander finds in the arguments. */
  override error(message: string, { code }: ErrorOptions = {}): never {
    throw new CommandLineError(
      this.reword(message, code),
      `${this.parent ? `${this.parent.name()} ` : ''}${this.name()} --help`,
    );
  }

  private reword(message: string, code: string | undefined): string {
    if (code === 'commander.missingArgument') return `${this.name()} needs an argument, for example: ${this.example}`;
    if (code === 'commander.excessArguments') {
      const [count, given] = [this.registeredArguments.length, this.args];
      const hint = this.options.some(({ long }) => long === '--against') ? '; --against compares two files' : '';
      return `${this.name()} takes ${count || 'no'} argument${count === 1 ? '' : 's'}, but got ${given.length}: ${given.join(' ')}${hint}`;
    }
    return message.replace(/^error: /, '').replace(/\n\(Did you mean (.*)\?\)$/, '; did you mean $1?');
  }
}
