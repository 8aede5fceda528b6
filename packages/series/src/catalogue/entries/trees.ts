/** Which trees of the series build, and where its patches can be pushed. */
import { LinkError, linkErrors, type AnyPatch } from '@pmkit/linker';
import { patch as n10 } from '@pmkit/n10-memsection-migrate';
import { patch as n11 } from '@pmkit/n11-pass-page-list';
import { patch as p10 } from '@pmkit/p10-hotplug-fixup';
import { levels, TOP_LEVEL } from '../../levels.js';
import { NO_BUILD, type Behaviour, type Source } from '../behaviour.js';
import type { Lab } from '../lab.js';

const tenth: Source = { from: 'overview', at: 'description: patch 10 is needed only for the entire hotplug tree; it goes after N1.1' };
const first: Source = { from: 'overview', at: 'description: patches 1-9 go after the page-migration patches, and CONFIG_MEMORY_MIGRATE is turned on' };
const compiler: Source = { from: 'deduced', at: '3/10 changes a prototype that capture_page_range() of N1.0 calls; rc4 11/11 has the call' };

type Stack = Pick<(typeof levels)[number], 'definitions' | 'pushUnchecked'>;

/** The stack of the lab's tree without the hotplug patches, but for level 10, whose patch needs them. */
const stackOf = (lab: Lab): Stack => levels[lab.tree.level]!;

/** What a compiler says first of a tree: `builds`, `too few arguments`. */
function build({ definitions }: Stack): string {
  const [error] = linkErrors(definitions, { m: undefined });
  return error === undefined ? 'builds' : (/too (?:few|many) arguments/.exec(error.message)?.[0] ?? error.message);
}
/** What quilt says to a push, as far as it says no; the stack with the patch otherwise. */
function push(stack: Stack, patch: AnyPatch): Stack | string {
  try {
    return stack.pushUnchecked(patch);
  } catch (error) {
    if (!(error instanceof LinkError)) throw error;
    const { message } = error.errors[0]!;
    return message.endsWith('is applied already') ? 'applied already' : message.replace(/^\S+ replaces (\w+\(\)), which is not defined$/, 'no $1 to patch');
  }
}
const pushed = (stack: Stack, ...patches: readonly AnyPatch[]): Stack => patches.reduce<Stack>((below, patch) => {
  const above = push(below, patch);
  if (typeof above === 'string') throw new Error(`${patch.name}: ${above}`);
  return above;
}, stack);

export const trees: readonly Behaviour[] = [
  {
    id: 'page-migration-tree-builds',
    kind: 'claim',
    sentence: 'The tree with the page-migration patches alone builds, boots and runs jobs with any number of the patches 1-9.',
    sources: [first],
    patch: 0,
    scenario: lab => {
      const job = lab.job();
      return `boots, job has ${lab.pages(lab.anonymous(job, 4))}`;
    },
    expect: { 0: 'boots, job has N1=4' },
    hotplug: { 0: 'boots, job has N1=4', 3: NO_BUILD, 10: 'boots, job has N1=4' },
  },
  {
    id: 'hotplug-tree-builds',
    kind: 'claim',
    sentence: 'With N1.0 and N1.1 the tree stops to build at patch 3, which leaves their caller one argument short; patch 10 mends that, and is wrong before patch 3.',
    sources: [tenth, compiler],
    patch: 10,
    breaks: 3,
    scenario: lab => {
      const below = stackOf(lab);
      const hotplug = lab.tree.level === TOP_LEVEL ? below : pushed(below, n10, n11);
      const without = build(hotplug);
      const seen = hotplug === below ? `${without}, has patch 10` : `${without}; with patch 10 ${build(pushed(hotplug, p10))}`;
      return lab.note(lab.batchd, 'make, with N1.0 and N1.1', seen);
    },
    expect: { 0: 'builds; with patch 10 too many arguments', 3: 'too few arguments; with patch 10 builds', 10: 'builds, has patch 10' },
    hotplug: { 0: 'builds; with patch 10 too many arguments', 3: NO_BUILD, 10: 'builds, has patch 10' },
  },
  {
    id: 'patch-10-needs-hotplug',
    kind: 'claim',
    sentence: 'Patch 10 cannot be applied to the page-migration tree: the function that it changes is not there.',
    sources: [tenth],
    patch: 10,
    scenario: lab => {
      const below = stackOf(lab);
      // pushed wherever the top is: what is asked is whether there is something to patch
      const anywhere = { ...p10, after: [p10.after, ...levels.map(({ top }) => top)].flat() };
      const on = lab.tree.hotplug && lab.tree.level !== TOP_LEVEL ? pushed(below, n10, n11) : below;
      const above = push(on, anywhere);
      return lab.note(lab.batchd, `quilt push ${p10.name}`, typeof above === 'string' ? above : `applies, ${build(above)}`);
    },
    expect: { 0: 'no capture_page_range() to patch', 10: 'applied already' },
    hotplug: { 0: 'applies, too many arguments', 3: NO_BUILD, 10: 'applied already' },
  },
];
