/**
 * A replay file: a race, the tree it ran on, who took which step, and how it ended, in one JSON text. A step says where it ended by the
 * name of the kernel's function, so that a file still means the same after a change of the kernel that moves nothing there.
 */
import { machineFields } from '@pmkit/series/scenario/file';
import { TOP_LEVEL } from '@pmkit/series/levels';
import type { Tree } from '@pmkit/series/catalogue';
import { z } from 'zod';
import type { Outcome } from '../outcome.js';
import { MAX_FAULTS, MAX_STEPS, MAX_TASKS } from '../race-file.js';
import type { Race } from '../race.js';
import type { WholeRace } from '../race-text.js';
import { DEFAULT_DEPTH } from '../search/execute.js';
import { checkTexts, ReplayError } from './texts.js';

/** One step of a schedule. */
export interface ReplayStep {
  /** Name of who took it. */
  readonly actor: string;
  /** Of a task: which of its operations, counted from 0. */
  readonly op?: number;
  /** The function of the kernel in which it ended; or `user`, `killed`, `exited`, `hangs` of a task, `idle` of who is no task. */
  readonly at: string;
}

export interface Replay {
  /** Version of the kit that wrote it. */
  readonly kit: string;
  readonly tree: Tree;
  readonly race: WholeRace;
  readonly steps: readonly ReplayStep[];
  readonly ending: Pick<Outcome, 'text' | 'failures'>;
}

/** Characters of a file at most. */
export const MAX_REPLAY_LENGTH = 1 << 20;
const FORMAT = 'pmkit replay';
const VERSION = 1;

const word = z.string().regex(/^[\w.:+*, -]{1,200}$/, 'expected a name');
const whole = z.int();
const texts = z.array(z.string()).max(MAX_STEPS);
const schema = z.strictObject({
  format: z.literal(FORMAT), version: z.literal(VERSION), kit: z.string().max(100),
  tree: z.strictObject({ level: whole.min(0).max(TOP_LEVEL), hotplug: z.boolean() }),
  race: z.strictObject({
    name: z.string().max(1000), ...machineFields,
    // nothing by default: a file says all of it
    machine: z.strictObject({ nodes: whole, pages: whole, cpus: whole, swap: whole }).pipe(machineFields.machine as unknown as z.ZodType<Race['machine'], Race['machine']>),
    before: texts, faults: z.array(z.string()).max(MAX_FAULTS), finally: z.string().optional(),
    together: z.record(z.string(), texts.min(1)).refine(tasks => Object.keys(tasks).length >= 1 && Object.keys(tasks).length <= MAX_TASKS, `expected 1 to ${MAX_TASKS} tasks`),
  }),
  steps: z.array(z.strictObject({ actor: word, op: whole.min(0).max(MAX_STEPS).optional(), at: word })).max(DEFAULT_DEPTH),
  ending: z.strictObject({ text: z.string(), failures: z.array(z.string()) }),
});

/**
 * Reads a replay file.
 * @param file name for messages.
 * @throws {ReplayError} naming file, field and what was expected.
 */
export function readReplay(text: string, file: string): Replay {
  if (text.length > MAX_REPLAY_LENGTH) throw new ReplayError(file, '', `${text.length} characters, expected ${MAX_REPLAY_LENGTH} at most`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new ReplayError(file, '', `expected JSON: ${(error as Error).message}`, error);
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new ReplayError(file, issue!.path.map(String).join('.'), issue!.message);
  }
  const { kit, tree, race: { finally: end, ...race }, steps, ending } = parsed.data;
  const whole: WholeRace = end === undefined ? race : { ...race, finally: end };
  checkTexts(whole, file);
  return { kit, tree, race: whole, ending, steps: steps.map(({ actor, op, at }) => (op === undefined ? { actor, at } : { actor, op, at })) };
}

/** The text of a replay file, the same for equal replays; a step a line. */
export function writeReplay({ kit, tree, race, steps, ending }: Replay): string {
  const { name, machine, files, tasks, before, together, faults, finally: end } = race;
  const { nodes, pages, cpus, swap } = machine;
  const head = {
    format: FORMAT, version: VERSION, kit, tree: { level: tree.level, hotplug: tree.hotplug },
    race: {
      name, machine: { nodes, pages, cpus, swap }, files,
      tasks: Object.fromEntries(Object.entries(tasks).map(([task, { node = 0, uid = 0 }]) => [task, { node, uid }])),
      before, together, faults, ...(end === undefined ? {} : { finally: end }),
    },
    ending: { text: ending.text, failures: ending.failures },
  };
  const lines = steps.map(({ actor, op, at }) => `    ${JSON.stringify(op === undefined ? { actor, at } : { actor, op, at })}`);
  return `${JSON.stringify(head, null, 2).slice(0, -2)},\n  "steps": [${lines.length === 0 ? '' : `\n${lines.join(',\n')}\n  `}]\n}\n`;
}
