/** quilt: the series of patches from inside the machine that runs it. What is applied is what runs. */
import { LiveChangeError } from '@pmkit/series/levels';
import {
  appliedPatches, emptyStack, findPatch, linkLevel, migrationSeries, nextPatch, nowAt, planPop, planPush, popPatches, previousPatch, pushPatches, reachOf, seriesMark, StackError, topPatch,
  touchedFiles, unappliedAfter, type Mover, type PatchEntry, type Stack, type StackReason,
} from '@pmkit/series/stack';
import { hasTree, type Tree } from '@pmkit/series/catalogue';
import { Getopt, type LongOption } from '../../../getopt.js';
import { Killed } from '../../../killed.js';
import type { Process } from '../../../process.js';
import type { Program } from '../../../program.js';
import { diffOf } from './diff.js';
import { MANUAL } from './manual.js';

/** What quilt says before it ends with a code. */
class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: number;
  constructor(message: string, code = 1) {
    super(message);
    this.code = code;
  }
}

interface Given {
  readonly flags: ReadonlySet<string>;
  /** Of -P. */
  readonly patch: string | undefined;
  readonly words: readonly string[];
}
interface Command {
  readonly usage: string;
  readonly letters: string;
  readonly long?: readonly LongOption[];
  /** Words it takes at most. */
  readonly words: number;
  readonly codes?: Partial<Record<StackReason, number>>;
  run(p: Process, stack: Stack, given: Given): Promise<number> | number;
}

const MOVE_OPTIONS: readonly LongOption[] = [{ name: 'live', takes: 'none', val: 'live' }];
const names = (p: Process, entries: readonly PatchEntry[]): number => {
  p.out(entries.map(({ name }) => `${name}\n`).join(''));
  return 0;
};

const COMMANDS: Readonly<Record<string, Command>> = {
  push: {
    usage: 'push [-afqv] [--live] [num|patch]', letters: 'afqvh', long: MOVE_OPTIONS, words: 1, codes: { 'fully applied': 2, 'currently applied': 2, 'nothing to do': 2 },
    run: (p, stack, given) => move(p, stack, given, planPush(stack, reachOf(given.words[0], given.flags.has('a'))), pushPatches),
  },
  pop: {
    usage: 'pop [-aqv] [--live] [num|patch]', letters: 'afqvh', long: MOVE_OPTIONS, words: 1, codes: { 'nothing to do': 2 },
    run: (p, stack, given) => move(p, stack, given, planPop(stack, reachOf(given.words[0], given.flags.has('a'))), popPatches),
  },
  applied: { usage: 'applied [patch]', letters: 'h', words: 1, run: (p, stack, { words }) => names(p, appliedPatches(stack, words[0])) },
  unapplied: { usage: 'unapplied [patch]', letters: 'h', words: 1, run: (p, stack, { words }) => names(p, unappliedAfter(stack, words[0])) },
  top: { usage: 'top', letters: 'h', words: 0, codes: { 'none applied': 2 }, run: (p, stack) => names(p, [topPatch(stack)]) },
  next: { usage: 'next [patch]', letters: 'h', words: 1, codes: { 'fully applied': 2, 'currently applied': 2 }, run: (p, stack, { words }) => names(p, [nextPatch(stack, words[0])]) },
  previous: {
    usage: 'previous [patch]', letters: 'h', words: 1,
    run(p, stack, { words }) {
      const previous = previousPatch(stack, words[0]);
      return previous === undefined ? 2 : names(p, [previous]);
    },
  },
  series: {
    usage: 'series [-v]', letters: 'vh', words: 0,
    run(p, stack, { flags }) {
      p.out(stack.series.entries.map(({ name }, at) => `${flags.has('v') ? seriesMark(stack, at) : ''}${name}\n`).join(''));
      return 0;
    },
  },
  diff: {
    usage: 'diff [-P patch] [file ...]', letters: 'P:h', words: Infinity,
    async run(p, stack, { patch, words }) {
      p.out(await diffOf(stack, patch === undefined ? topPatch(stack) : findPatch(stack.series, patch), words));
      return 0;
    },
  },
};
const USAGE = `Usage: quilt command [-h] ...\nCommands are:\n${Object.keys(COMMANDS).map(name => `\t${name}\n`).join('')}`;

async function run(p: Process): Promise<number> {
  const [, name = '', ...rest] = p.argv;
  if (name === '--version') {
    p.out('0.66\n');
    return 0;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) {
    const asked = name === '-h' || name === '--help';
    if (asked) p.out(USAGE);
    else p.err(USAGE);
    return asked ? 0 : 1;
  }
  try {
    const given = parse(name, command, rest);
    if (given.flags.has('h')) {
      p.out(`Usage: quilt ${command.usage}\n`);
      return 0;
    }
    return await command.run(p, stackOf(p.box.tree), given);
  } catch (error) {
    if (error instanceof Refusal) p.err(`${error.message}\n`);
    else if (error instanceof StackError) p.err(`${error.message}\n`);
    else throw error;
    return error instanceof Refusal ? error.code : (command.codes?.[error.reason] ?? 1);
  }
}

function parse(name: string, { usage, letters, long = [], words }: Command, rest: readonly string[]): Given {
  const flags = new Set<string>();
  let patch: string | undefined;
  const options = new Getopt(['getopt', ...rest], letters, long);
  for (const { opt, arg, error } of options) {
    if (error !== undefined) throw new Refusal(`${error}Usage: quilt ${usage}`);
    if (opt === 'P') patch = arg ?? '';
    else flags.add(opt);
  }
  if (options.operands.length > words || (flags.has('a') && options.operands.length > 0)) throw new Refusal(`Usage: quilt ${usage}`);
  return { flags, patch, words: options.operands };
}

/** The patches that are in the tree that runs. */
function stackOf({ level, hotplug }: Tree): Stack {
  if (hotplug && level < TOP) throw new Refusal('The running tree has the hotplug patches below the series: it is no part of it');
  const at = migrationSeries.entries.findIndex(({ number }) => number === level);
  return { ...emptyStack(migrationSeries), applied: migrationSeries.entries.slice(0, at + 1) };
}
const TOP = Math.max(...migrationSeries.entries.map(({ number }) => number ?? 0));

/** reboot() of 2.6.12 asks for it (kernel/sys.c). */
const CAP_SYS_BOOT = 22;

type Move = (mover: Mover, options: { quiet: boolean; verbose: boolean; force: boolean }, stack: Stack, plan: readonly PatchEntry[]) => Promise<Stack>;

/**
 * Pushes or pops, and has the kernel that comes out run: by a reboot, which ends every process, this one too; or live. Nothing is said of a live exchange
 * until it is done.
 * @throws {Killed} after a reboot.
 */
async function move(p: Process, stack: Stack, { flags }: Given, plan: readonly PatchEntry[], carryOut: Move): Promise<number> {
  if ((p.task.cap_effective & (1 << CAP_SYS_BOOT)) === 0) throw new Refusal('quilt: the kernel cannot be exchanged: Operation not permitted');
  const isLive = flags.has('live');
  const said: string[] = [];
  let reached = stack;
  let refusal: unknown = null;
  const mover: Mover = { stdout: text => { said.push(text); }, stderr: text => { p.err(text); }, linkLevel, touchedFiles, save: saved => { reached = saved; } };
  try {
    await carryOut(mover, { quiet: flags.has('q'), verbose: flags.has('v'), force: flags.has('f') }, stack, plan);
    said.push(nowAt(reached));
  } catch (error) {
    if (!(error instanceof StackError)) throw error;
    refusal = error;
  }
  const level = await levelOf(reached);
  if (reached !== stack && isLive) goLive(p, level);
  p.out(said.join(''));
  if (refusal !== null) p.err(`${(refusal as StackError).message}\n`);
  if (reached === stack) return 1;
  if (isLive) return refusal === null ? 0 : 1;
  p.box.reboot({ level, hotplug: false });
  throw new Killed(p.task);
}

/** @throws {Refusal} when the tree does not build: what is in between is not a level. */
async function levelOf({ applied }: Stack): Promise<number> {
  const top = applied.at(-1);
  try {
    await linkLevel(applied);
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'LinkError') throw error;
    throw new Refusal(`The tree with ${top?.name ?? 'no patch'} on top does not build, so it cannot run: nothing was changed`);
  }
  const level = top?.number ?? 0;
  if (!hasTree({ level, hotplug: false })) throw new Refusal(`The patches that were sent have no level ${level}, so it cannot run: nothing was changed`);
  return level;
}

function goLive({ box }: Process, level: number): void {
  try {
    box.goTo(level);
  } catch (error) {
    if (error instanceof LiveChangeError) throw new Refusal(`The running kernel cannot be exchanged now:\n${error.message}`);
    throw error;
  }
}

export const quilt: Program = { path: '/usr/bin/quilt', summary: 'push and pop the patches of the running kernel', manual: MANUAL, run };
