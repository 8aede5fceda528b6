/** Types lines at a machine's terminal, as fast as it asks for them, and says what must not be: an error of the kit's own, a prompt that does not come back. */
import { setImmediate as round } from 'node:timers/promises';
import { check_invariants } from '@pmkit/mm-core/testing';
import { expect } from 'vitest';
import { programs, Session, type Box } from '../../../src/console/index.js';
import { newBox } from '../helpers.js';

export interface Sitting {
  readonly level: number;
  readonly uid: number;
  readonly lines: readonly string[];
}

/** How often a line may wait before Ctrl-C: the same on every host, unlike the time it takes. */
const PATIENCE = 300;
/** Who has not ended after so many times ^C does not mean to. */
const STUBBORN = 50;
/** After so many ms without a prompt, and without anybody waiting for anything, none will come. */
const HOPELESS_MS = 20_000;
/** Characters of the screen that a failure shows. */
const SCREEN = 2000;

/** Types the lines, each when the shell is ready, then ^D. A line that goes on for ever is ended by ^C, and so is what `$(…)` or a loop makes of it. */
export async function sit({ level, uid, lines }: Sitting): Promise<{ readonly box: Box; readonly screen: string }> {
  const box = newBox({ level, uid, programs });
  const rejected: unknown[] = [];
  const note = (error: unknown): void => void rejected.push(error);
  process.on('unhandledRejection', note);
  let screen = '';
  let asked = 0;
  const write = (text: string): void => void (screen += text);
  const session = new Session(box, { out: write, err: write });
  let over = false;
  const end = session.interact({ readLine: () => Promise.resolve(lines[asked++] ?? null) }, cwd => `${box.tree.level} ${cwd}# `).finally(() => { over = true; });
  try {
    await Promise.race([end, interruptsWhoDoesNotEnd(box, session, () => asked, () => over)]);
    await round();
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}; on the screen:\n${screen.slice(-SCREEN)}`, { cause: error });
  } finally {
    box.powerOff();
    process.off('unhandledRejection', note);
  }
  expect(rejected, 'rejected promises').toEqual([]);
  return { box, screen };
}

/** Types ^C when nothing has been asked for in a while. @throws when that does not help; else never comes back. */
async function interruptsWhoDoesNotEnd(box: Box, session: Session, asked: () => number, over: () => boolean): Promise<never> {
  let waits = 0;
  const { scheduler } = box;
  const wait = scheduler.wait.bind(scheduler);
  scheduler.wait = (...args) => { waits++; return wait(...args); };
  for (let at = 0, seen = 0, since = performance.now(), interrupts = 0; !over();) {
    await round();
    if (asked() !== at) [at, waits, interrupts] = [asked(), 0, 0];
    if (waits !== seen) [seen, since] = [waits, performance.now()];
    if (performance.now() - since > HOPELESS_MS || interrupts > STUBBORN) throw new Error(`line ${at}: no prompt comes after ${interrupts} times ^C`);
    if (waits < PATIENCE) continue;
    session.interrupt();
    interrupts++;
    waits = 0;
  }
  return new Promise(() => undefined);
}

/** Nothing is wrong with the kit or the machine that lines were typed at. A machine that has stopped for a reason of its kernel's may be left in the middle of something. */
export function expectNoHarm(box: Box): void {
  expect(box.internalErrors).toEqual([]);
  if (!box.k.m.panicked) expect(check_invariants(box.k)).toEqual([]);
}
