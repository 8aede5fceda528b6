/** What became of patches that were sent: as text, and as data. */
import { levelsText, runs } from '@pmkit/series/catalogue';
import type { SeenInStack, StackEntry } from '@pmkit/review/import';
import type { ImportJson } from './stack-schema.js';

function verdict({ patch, entry, others }: StackEntry): string {
  if (others === null) return 'the kit has no tree with these patches in this order';
  if (others.length === 0) return patch.diffs.length === 0 ? 'no diff in it: the tree is as in the kit' : 'as in the kit';
  const parts = others.map(({ file, symbols }) => (symbols.length === 0 ? file : `${symbols.join(', ')} in ${file}`));
  return `${entry === null ? 'not in the kit' : 'not as in the kit'}: ${parts.join('; ')}`;
}

const isOther = (row: SeenInStack): boolean => row.expected.some((text, at) => text !== null && text !== row.seen[at]);

/** Places of the stack as ranges: what is seen at them, and what the kit's catalogue expects where that is something else. */
function rowText({ behaviour, seen, expected }: SeenInStack): string {
  const cells = seen.map((text, level) => ({ level, seen: expected[level] === null || expected[level] === text ? text : `${text} (in the kit: ${expected[level]})` }));
  return [`${behaviour.id}: ${behaviour.sentence}`, ...runs(cells).map(run => `  ${levelsText(run)}: ${run.seen}`)].join('\n');
}

/**
 * A line a patch; with what was seen, the behaviours that are others than the kit's, or all. Place 0 is the base.
 * @param isAsked whether somebody has asked for just these behaviours.
 */
export function importReport(stack: readonly StackEntry[], seen: readonly SeenInStack[] | null, isAsked: boolean): string {
  const width = Math.max(...stack.map(({ patch }) => patch.name.length));
  const lines = stack.map((entry, at) => `${String(at + 1).padStart(2)}  ${entry.patch.name.padEnd(width)}  ${verdict(entry)}`);
  if (seen === null) return `${lines.join('\n')}\n`;
  const rows = seen.filter(isOther);
  const count = `${seen.length} behaviour${seen.length === 1 ? '' : 's'} in ${stack.length + 1} trees: ${rows.length === 0 ? 'all as the kit expects' : `${rows.length} not as the kit expects`}`;
  return `${[lines.join('\n'), count, ...(isAsked ? seen : rows).map(rowText)].join('\n\n')}\n`;
}

/** As docs/schemas/import.json describes it. */
export function importJson(stack: readonly StackEntry[], seen: readonly SeenInStack[] | null): ImportJson {
  return {
    schema: 'pmkit-import/1',
    patches: stack.map(({ patch, entry, others }) => ({ name: patch.name, number: entry?.number ?? null, isKnown: entry !== null, others: others?.map(({ file, symbols }) => ({ file, symbols: [...symbols] })) ?? null })),
    behaviours: seen === null ? null : seen.map(({ behaviour, seen: texts, expected, changes }) => ({ id: behaviour.id, seen: [...texts], expected: [...expected], changes: [...changes] })),
  };
}
