/** pmkit bisect: which patch first made the machine behave so. git's verbs and exit codes, with levels in the place of commits. */
import path from 'node:path';
import { Option, type CommandUnknownOpts } from '@commander-js/extra-typings';
import type { Place } from '../bisect/session.js';
import type { Context } from '../context.js';
import { CommandError, EXIT_MISUSE } from '../errors.js';
import { STACK, TRUST, withLevels, type StackOptions } from '../import/stack-option.js';

const HELP = `
'bisect --behaviour ID' asks a behaviour of the catalogue in the place of a
command: good is what is seen at the good end, bad what is seen at the bad one.

Without a session 'bisect run' does it all: it looks at level 0 and level 10 (or
--good and --bad), searches between them, and then looks at the other levels,
as there are only eleven: it says when the behaviour comes and goes.

The command gets the level in its environment: PMKIT_LEVEL (a number, which the
commands about the stack take for --at) and PMKIT_TREE (4, or 4+hotplug). Its
exit code: 0 good; 1 to 124, 126, 127 bad; 125 skip; anything else ends it all.
A level is bad only if it fails as the bad end does: with the same exit code and
the same last line on standard error (on standard output if that is empty),
numbers aside. One that fails otherwise is skipped and said; --any-failure takes
every failure for the same. Trees that do not build (with --hotplug levels 3 to
9) are skipped.

In a session (start, then good and bad, or terms of your own) the stack stands
at the level to look at, and reset puts it back. For a change from bad to good
there are the terms old and new, or 'start --term-old=broken --term-new=fixed'.
A log can be edited, and said again with replay. 'run' goes on there as git
does: every failure is the same, and no other levels are looked at.

With --behaviour also a stack that was sent can be searched (--stack, --trust):
level 7 is then its tree with patch 7. A session and 'run' only go from level to
level; give --stack to the pmkit that the command calls, which knows the level.

Exit codes: 0 found, or there is more to do; 1 not possible; 2 only skipped
levels are left, or misuse; of 'run', what the command ended it all with.`;

const NO_STACK = '--stack and --trust are for --behaviour; here they are for the pmkit that the command calls, which is told the level';

const GOOD = new Option('--good <level>', 'a level known to be good (default: 0)');
const BAD = new Option('--bad <level>', 'a level known to be bad (default: 10; with --stack its highest)');
const HOTPLUG = new Option('--hotplug', 'with the hotplug patches in the trees');
const ANY_FAILURE = new Option('--any-failure', 'every failure is the same');
const NO_VERIFY = new Option('--no-verify', 'do not look at the other levels');
const JSON_OUTPUT = new Option('--json', 'print JSON (docs/schemas/bisect.json)');

export function build(context: Context): CommandUnknownOpts {
  const place = async (): Promise<Place> => ({ io: context.io, series: (await context.services()).series });
  const session = (): Promise<typeof import('../bisect/session.js')> => import('../bisect/session.js');
  const command = context.newCommand('bisect').enablePositionalOptions().description('Find the patch that first made the machine behave so.').addHelpText('after', HELP)
    .helpCommand('help [command]', 'show help for a command');

  command.command('start').description('begin a session').argument('[bad]', 'a level known to be bad').argument('[good...]', 'levels known to be good')
    .option('--term-new <term>', 'say this for bad').option('--term-old <term>', 'say this for good')
    .addOption(new Option('--term-bad <term>').hideHelp().conflicts('termNew')).addOption(new Option('--term-good <term>').hideHelp().conflicts('termOld'))
    .addOption(HOTPLUG)
    .action(async (bad, good, options) => { (await session()).start(await place(), bad === undefined ? [] : [bad, ...good], options); });
  command.command('skip').description('the level cannot be judged').argument('[level...]', 'levels, or ranges such as 3..6')
    .action(async (levels) => { (await session()).skip(await place(), levels); });
  command.command('log').description('show what was said').action(async () => { (await session()).showLog(await place()); });
  command.command('replay').description('say again what a log says').argument('<file>')
    .action(async (file) => { (await session()).replay(await place(), file, path.resolve(context.io.cwd, file)); });
  command.command('next').description('say once more what there is to do').action(async () => { (await session()).next(await place()); });
  command.command('terms').description('show the terms')
    .option('--term-new', 'only the one for bad').option('--term-old', 'only the one for good')
    .addOption(new Option('--term-bad').hideHelp()).addOption(new Option('--term-good').hideHelp())
    .action(async ({ termNew, termBad, termOld, termGood }) => {
      (await session()).showTerms(await place(), termNew === true || termBad === true ? 'new' : termOld === true || termGood === true ? 'old' : undefined);
    });
  command.command('reset').description('end the session and put the stack back').argument('[level]', 'where to put it instead')
    .action(async (level) => { (await session()).reset(await place(), level); });
  command.command('run').description('let a command judge the levels').argument('<cmd...>', 'a program and its arguments').passThroughOptions()
    .addOption(GOOD).addOption(BAD).addOption(HOTPLUG).addOption(ANY_FAILURE).addOption(NO_VERIFY).addOption(JSON_OUTPUT)
    .action(async (argv, options) => { await (await import('../bisect/run.js')).runCommand(await place(), argv, options); });

  command.hook('preSubcommand', (_, called) => {
    const { stack, trust }: StackOptions = command.opts();
    if (stack === undefined && trust === undefined) return;
    throw new CommandError(EXIT_MISUSE, `pmkit bisect ${called.name()}: ${NO_STACK}`);
  });
  // What is no subcommand is a term.
  command.argument('[term]').argument('[level...]').option('--behaviour <id>', 'let a behaviour of the catalogue judge the levels')
    .addOption(STACK).addOption(TRUST)
    .addOption(GOOD).addOption(BAD).addOption(HOTPLUG).addOption(ANY_FAILURE).addOption(NO_VERIFY).addOption(JSON_OUTPUT)
    .action(async (term, levels, { behaviour, stack, trust, ...options }) => {
      if (behaviour !== undefined) {
        if (term !== undefined) throw new CommandError(EXIT_MISUSE, `pmkit bisect --behaviour: unexpected argument '${term}'`);
        const { searchBehaviour } = await import('../bisect/behaviour.js');
        await withLevels(context, 'bisect', { stack, trust }, async sent => { await searchBehaviour(await place(), behaviour, options, sent); });
        return;
      }
      if (stack !== undefined || trust !== undefined) throw new CommandError(EXIT_MISUSE, `pmkit bisect${term === undefined ? '' : ` ${term}`}: ${NO_STACK}`);
      if (term === undefined) return void command.help({ error: true });
      const stray = Object.entries(options).find(([name, value]) => value !== (name === 'verify'));
      if (stray !== undefined) throw new CommandError(EXIT_MISUSE, `pmkit bisect ${term}: the options are for run and --behaviour`);
      (await session()).say(await place(), term, levels);
    });
  return command.usage('run <cmd...> | --behaviour <id> | start | good | bad | <term> | skip | next | log | replay | terms | reset');
}
