/** docs/behaviours.md: the catalogue. */
import { expectedRuns, levelsText, type Behaviour, type Kind } from '@pmkit/series/catalogue';
import { pageFile, patchNames, type DocsInput } from './input.js';
import { code, escaped, link, page, table } from './markdown.js';

const KINDS: readonly (readonly [Kind, string, string])[] = [
  ['claim', 'claims', 'the overview, a changelog or the author says so'],
  ['discrepancy', 'discrepancies', 'text and code disagree; what the code does is shown'],
  ['defect', 'defects', 'known at the time, or found in the code since'],
];

export function behavioursPage(input: DocsInput): string {
  const { behaviours } = input;
  const count = (kind: Kind): number => behaviours.filter((behaviour) => behaviour.kind === kind).length;
  const intro = [
    `What the series does, in ${behaviours.length} behaviours. Each has a scenario that is run on a simulated machine at every level, and what is seen there; the tests hold the two against each other. \`pmkit matrix\` runs them for you, `
      + '`pmkit matrix PATTERN` some of them.',
  ];
  const kinds = KINDS.map(([kind, plural, meaning]) => `- ${count(kind)} ${plural}: ${meaning}.`);
  const reading = ['Level 0 is the tree below the series, level N has patches 1 to N. With the hotplug patches in it the tree does not build at levels 3 to 9; where those patches make a difference of their own, a table says so. *Deduced* means that no source says it: it follows from the code.'];
  const sections = [undefined, ...input.series.entries]
    .filter((entry) => entry === undefined || entry.number !== undefined)
    .flatMap((entry) => {
      const about = behaviours.filter(({ patch }) => patch === (entry?.number ?? 0));
      if (about.length === 0) return [];
      const heading = entry === undefined ? 'The base, and the series as a whole' : `Patch ${entry.number}: ${link(code(entry.name), `series/${pageFile(entry)}`)}`;
      return [[`## ${heading}`], ...about.flatMap((behaviour) => section(input, behaviour))];
    });
  return page('Behaviours', [intro, kinds, reading, ...sections]);
}

function section(input: DocsInput, behaviour: Behaviour): string[][] {
  const { id, kind, sentence, sources, breaks } = behaviour;
  const breaker = breaks === undefined ? '' : ` Made worse by ${patchNames(input, [breaks])}.`;
  const rows = expectedRuns(behaviour).map((run) => [levelsText(run), code(run.seen)]);
  const hotplug = behaviour.hotplug === undefined ? [] : expectedRuns(behaviour, true).map((run) => [`${levelsText(run)}, with the hotplug patches`, code(run.seen)]);
  return [
    [`### ${id}`],
    [`*${kind[0]!.toUpperCase()}${kind.slice(1)}.* ${escaped(sentence)}${breaker}`],
    table(['levels', 'seen'], [...rows, ...hotplug]),
    [`Sources: ${sources.map(({ from, at }) => `${from}${at === '' ? '' : `: ${escaped(at)}`}`).join('; ')}.`],
  ];
}
