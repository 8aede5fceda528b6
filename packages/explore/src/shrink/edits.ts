/**
 * Ways to make a race smaller, as texts. Each kind of edit has places in a text, counted from 0; after an edit was kept, the same place is
 * looked at again, because something else may be there now.
 */
import type { RaceText } from '../race.js';
import type { WholeRace } from '../race-text.js';

/** The smaller texts that an edit makes of a text at its `place`, the smallest first; null: the text has no such place. */
export type Edit = (text: WholeRace, place: number) => readonly WholeRace[] | null;

/** Kinds of edits, in the order in which they are tried: what takes most away comes first. */
export const EDITS: readonly Edit[] = [
  withoutCondition, withoutTogether, listEdit('faults'), listEdit('before'), withoutOperation, withoutTask, withoutFile,
  smallerNumbers, smallerFiles, smallerMachine('nodes', 1), smallerMachine('pages', 64), smallerMachine('swap', 0), smallerMachine('cpus', 1),
];

function withoutCondition(text: WholeRace, place: number): readonly WholeRace[] | null {
  if (place > 0 || text.finally === undefined) return null;
  const { finally: _end, ...rest } = text;
  return [rest];
}

/** One of the tasks that run at once does nothing. */
function withoutTogether(text: WholeRace, place: number): readonly WholeRace[] | null {
  const tasks = Object.entries(text.together);
  if (place >= tasks.length) return null;
  return tasks.length === 1 ? [] : [{ ...text, together: Object.fromEntries(tasks.filter((_, i) => i !== place)) }];
}

/** Without one item, from the last to the first. */
function listEdit(field: 'before' | 'faults'): Edit {
  return (text, place) => {
    const at = text[field].length - 1 - place;
    return at < 0 ? null : [{ ...text, [field]: text[field].filter((_, i) => i !== at) }];
  };
}

function withoutOperation(text: WholeRace, place: number): readonly WholeRace[] | null {
  let at = place;
  for (const [task, steps] of Object.entries(text.together)) {
    if (at < steps.length) return steps.length === 1 ? [] : [{ ...text, together: { ...text.together, [task]: steps.filter((_, i) => i !== at) } }];
    at -= steps.length;
  }
  return null;
}

/** A task that does nothing. */
function withoutTask(text: WholeRace, place: number): readonly WholeRace[] | null {
  const name = Object.keys(text.tasks)[place];
  if (name === undefined) return null;
  const used = name in text.together || text.before.some(step => step.startsWith(`${name}:`));
  return used ? [] : [{ ...text, tasks: without(text.tasks, name) }];
}

function withoutFile(text: WholeRace, place: number): readonly WholeRace[] | null {
  const name = Object.keys(text.files)[place];
  return name === undefined ? null : [{ ...text, files: without(text.files, name) }];
}

const without = <T>(record: Readonly<Record<string, T>>, name: string): Record<string, T> => Object.fromEntries(Object.entries(record).filter(([key]) => key !== name));

/** From the smallest: the least, half, one less. */
const smallerThan = (value: number, least: number): number[] => [...new Set([least, value >> 1, value - 1])].filter(less => less >= least && less < value);

/** Numbers of pages in steps: lengths (`4P`), and what load and store access. */
const PAGES = /\b\d+(?=P\b)|(?<=^(?:\w+: )?(?:load|store)\(.*, )\d+(?=\)$)/g;

function smallerNumbers(text: WholeRace, place: number): readonly WholeRace[] | null {
  let at = place;
  for (const [i, step] of text.before.entries()) {
    const found = [...step.matchAll(PAGES)];
    if (at < found.length) return withNumber(step, found[at]!, changed => ({ ...text, before: text.before.with(i, changed) }));
    at -= found.length;
  }
  for (const [task, steps] of Object.entries(text.together)) {
    for (const [i, step] of steps.entries()) {
      const found = [...step.matchAll(PAGES)];
      if (at < found.length) return withNumber(step, found[at]!, changed => ({ ...text, together: { ...text.together, [task]: steps.with(i, changed) } }));
      at -= found.length;
    }
  }
  return null;
}

const withNumber = (step: string, { 0: digits, index }: RegExpMatchArray, put: (changed: string) => WholeRace): WholeRace[] =>
  smallerThan(Number(digits), 1).map(less => put(step.slice(0, index) + String(less) + step.slice(index! + digits.length)));

function smallerFiles(text: WholeRace, place: number): readonly WholeRace[] | null {
  const file = Object.entries(text.files)[place];
  return file === undefined ? null : smallerThan(file[1], 1).map(length => ({ ...text, files: { ...text.files, [file[0]]: length } }));
}

function smallerMachine(field: keyof NonNullable<RaceText['machine']>, least: number): Edit {
  return (text, place) => (place > 0 ? null : smallerThan(text.machine[field], least).map(value => ({ ...text, machine: { ...text.machine, [field]: value } })));
}
