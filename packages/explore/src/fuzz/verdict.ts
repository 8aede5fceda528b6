/** What is wrong with the machine after a program: failures as races have them (outcome.ts), in which a defect of the series is told apart from a report. */
import { RGN_MAP_LIMIT } from '@pmkit/mm-core/include/asm-ia64/pgtable';
import { MPOL_BIND, MPOL_INTERLEAVE } from '@pmkit/mm-core/include/linux/mempolicy';
import { PF_MEMDIE } from '@pmkit/mm-core/include/linux/sched';
import { check_invariants } from '@pmkit/mm-core/testing';
import { look, signature } from '../outcome.js';
import { knownDefect, type Circumstances } from './known.js';
import type { Program } from './program.js';
import { killAll, type Played } from './run.js';
import type { Stand } from './stand.js';

export interface Verdict {
  /** Failures that are no listed defect, numbers taken out. */
  readonly reports: readonly string[];
  /** Ids of the defects that the program ran into. */
  readonly defects: readonly string[];
}

/** Memory has run out: tasks are killed, rightly. */
const SHORTAGE = /^(?:Out of Memory: Killed process |oom-killer: )|: page allocation failure\. /;
const DUE_TO_SHORTAGE = /^(?:Out of Memory: Killed process |VM: killing process |Kernel panic - not syncing: Out of memory and no killable processes)/;

/** Judges the state that the program has left; all tasks are killed for it. */
export function judgeProgram(stand: Stand, program: Program, played: Played): Verdict {
  const seen = circumstances(stand, program, played);
  const reports = new Set<string>();
  const defects = new Set<string>();
  for (const failure of failuresOf(stand, played)) {
    const defect = knownDefect(failure, seen);
    if (defect === undefined) reports.add(failure);
    else defects.add(defect);
  }
  return { reports: [...reports].sort(), defects: [...defects].sort() };
}

/** Bytes of addresses that ia64 has for a region. */
const REGION = 2 ** 61;

function circumstances({ world }: Stand, { schedule, calls }: Program, { results }: Played): Circumstances {
  const good = calls.filter(({ id }) => results.get(id) === 0);
  return {
    level: world.tree.level, atOnce: schedule !== null, forked: calls.some(({ name }) => name === 'fork' || name === 'clone'),
    migrations: calls.flatMap(({ id, name }) => (name === 'migrate_pages' ? [results.get(id) ?? 0] : [])),
    emptyMask: good.some(({ name, args }) => {
      if (name !== 'set_mempolicy' && name !== 'mbind') return false;
      const [mode, mask, maxnode] = name === 'mbind' ? args.slice(2) : args;
      return (mode === MPOL_INTERLEAVE || mode === MPOL_BIND) && (mask === 'null' || maxnode === 1);
    }),
    beyondRegion: calls.some(({ id, name }) => name === 'shmat' && (results.get(id) ?? 0) % REGION >= RGN_MAP_LIMIT(world.k.m)),
    victimWaits: [...world.k.m.tasks.values()].some(({ flags, state }) => (flags & PF_MEMDIE) !== 0 && state === 'S'),
    negativeMode: good.some(({ name, args: [mode] }) => name === 'set_mempolicy' && typeof mode === 'number' && (mode | 0) < 0),
  };
}

function failuresOf(stand: Stand, { stopped }: Played): string[] {
  const { world } = stand;
  const { m } = world.k;
  if (stopped instanceof Error) return [signature(`exception: ${stopped.message}`)];
  const short = m.log.slice(world.logged).some(({ text }) => SHORTAGE.test(text));
  const justified = (failure: string): boolean => short && DUE_TO_SHORTAGE.test(failure);
  const failures = look(world, { cut: stopped !== null }).failures.filter(failure => !justified(failure));
  // locks are held for ever after a BUG(), and references lost: all of that is the BUG()'s
  if (stopped === 'bug') return failures;
  if (stopped === 'steps') return [...failures, 'does not come to an end'];
  if (failures.length > 0) return failures;
  const { length } = m.log;
  const broken = [...check_invariants(world.k)];
  if (broken.length > 0) return broken.map(signature);
  try {
    killAll(stand);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return [signature(`exception: ${error.message}`)];
  }
  const complaints = m.log.length > length ? look(world, { cut: true }).failures : [];
  return [...complaints, ...check_invariants(world.k).map(signature)];
}
