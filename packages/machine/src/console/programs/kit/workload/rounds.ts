/** What one process or thread of workload(1) does with its mappings: touches them round by round, and looks whether they still hold what was in them. */
import { load, NO_RESULT } from '@pmkit/mm-core';
import { Killed } from '../../../killed.js';
import type { Process } from '../../../process.js';
import type { Mapped } from './map.js';
import type { Plan } from './plan.js';
import { rangesOf, type Rank, type Range } from './pattern.js';

/** Pages looked at again, and how many of them were not as they had been left. */
interface Verified { checked: number; differing: number }

/** So many differences of a mapping are told one by one. */
const TOLD = 5;

/** Address of a page; those of a stack are counted from its top down. */
function addressOf({ spec, address, pages }: Mapped, page: number, pageSize: number): number {
  return address + (spec.kind === 'stack' ? pages - 1 - page : page) * pageSize;
}

async function touchRange(p: Process, mapped: Mapped, { first, pages }: Range, access: 'read' | 'write'): Promise<void> {
  const { PAGE_SIZE } = p.box.k.m;
  if (mapped.spec.kind !== 'stack') return p.touch(addressOf(mapped, first, PAGE_SIZE), pages, access);
  // it grows by what is called from where it is: the next lower page first
  for (let page = first; page < first + pages; page++) await p.touch(addressOf(mapped, page, PAGE_SIZE), 1, access);
}

/** Reads the token in a page, as an access of the process. @throws {Killed} when it did not survive it. */
async function tokenAt(p: Process, mapped: Mapped, page: number): Promise<number> {
  await p.box.scheduler.runnable(p);
  const token = load(p.box.k, p.task, addressOf(mapped, page, p.box.k.m.PAGE_SIZE));
  if (token === NO_RESULT) {
    await p.box.scheduler.runnable(p); // stopped on the way, or gone
    return tokenAt(p, mapped, page);
  }
  return token;
}

/** One round of accesses. */
export async function touchAll(p: Process, mappings: readonly Mapped[], round: number, rank: Rank, remember: boolean): Promise<void> {
  for (const mapped of mappings) {
    if (round > 0 && mapped.spec.once) continue;
    for (const { access, pattern } of mapped.spec.accesses) {
      for (const range of rangesOf(pattern, mapped.pages, round, rank)) {
        await touchRange(p, mapped, range, access);
        if (!remember) continue;
        for (let page = range.first; page < range.first + range.pages; page++) {
          if (access === 'write' || !mapped.seen.has(page)) mapped.seen.set(page, await tokenAt(p, mapped, page));
        }
      }
    }
  }
}

/** Reads every page again that was touched, and says where something else is than was there last. */
async function verifyAll(p: Process, mappings: readonly Mapped[], verified: Verified): Promise<void> {
  for (const mapped of mappings) {
    let differing = 0;
    for (const [page, expected] of mapped.seen) {
      const found = await tokenAt(p, mapped, page);
      verified.checked++;
      if (found === mapped.seen.get(page)) continue;
      if (++differing <= TOLD) p.out(`${p.pid}: ${mapped.spec.text}: page ${page} differs: expected token ${expected}, found ${found}\n`);
      mapped.seen.set(page, found);
    }
    if (differing > TOLD) p.out(`${p.pid}: ${mapped.spec.text}: ${differing - TOLD} more pages differ\n`);
    verified.differing += differing;
  }
}

const DAY = 86_400_000;

interface RoundOptions {
  /** The first round that is still to do; default 0. */
  readonly first?: number;
  /** Whether it looks for differences itself: of the threads of a process one does. Default true. */
  readonly looks?: boolean;
}

/**
 * All rounds. @returns the exit code: 1 when contents were not as they had been left.
 * @throws {Killed} when the process is gone.
 */
export async function runRounds(p: Process, plan: Plan, mappings: readonly Mapped[], rank: Rank, { first = 0, looks = true }: RoundOptions = {}): Promise<number> {
  const verified: Verified = { checked: 0, differing: 0 };
  for (let round = first; round < plan.rounds; round++) {
    await touchAll(p, mappings, round, rank, plan.verify);
    await (plan.sleeps ? p.sleep(plan.period) : p.pause(plan.period));
    if (plan.verify && looks) await verifyAll(p, mappings, verified);
  }
  if (plan.stays) await p.sleep(30 * DAY);
  if (plan.verify && looks) p.out(`${p.pid}: ${verified.checked} pages verified, ${verified.differing} differ\n`);
  return verified.differing > 0 ? 1 : 0;
}

/** Runs `main` as the code of a thread: it ends with exit(), which the process survives. Never throws anything but what is a defect. */
export async function liveThread(p: Process, main: () => Promise<unknown>): Promise<void> {
  try {
    await main();
    await p.sys('exit', 0);
  } catch (error) {
    if (!(error instanceof Killed)) throw error;
  }
}
