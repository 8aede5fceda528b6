/** pmkit graph, as its users see it; with a few behaviours, as all of them take a while. */
import { behaviours } from '@pmkit/series/catalogue';
import { XMLParser } from 'fast-xml-parser';
import { describe, expect, it } from 'vitest';
import { graphSchema } from '../src/graph/json.js';
import { quickServices, session, type Answer } from './helpers.js';

const FEW = ['policy-of-deselected', 'permission-other-user', 'capture-xfs-dirty-page'];
const pmkit = (command: string): Promise<Answer> => session({ services: { ...quickServices, behaviours: behaviours.filter(({ id }) => FEW.includes(id)) }, columns: 120 })(command);

describe('pmkit graph', () => {
  it('refuses what only says how to run when nothing is run', async () => {
    expect(await pmkit('graph --no-run --pairs')).toMatchObject({ code: 2, out: '', err: 'pmkit graph: --pairs is for what is run, and goes without --no-run\n' });
    expect(await pmkit('graph --no-run --workers 2')).toMatchObject({ code: 2, out: '' });
  });
  it('shows who needs whom, why, and what leaving each out does', async () => {
    const { out, err, code } = await pmkit('graph --workers 1');
    expect({ err, code }).toEqual({ err: '', code: 0 });
    expect(out).toMatch(/^ +1 +2 +3 +4 +5 +6 +7 +8 +N1\.0 +N1\.1 +10$/m);
    expect(out).toMatch(/^ +9 +· +· +f +S! +S! +· +f +S! +· +· +·$/m);
    expect(out).toMatch(/^ +10 +· +B +!/m);
    expect(out).toContain('9 sys_migrate_pages-permissions-check.patch\n  needs 4, and cannot stay without it\n    sys_migrate_pages in mm/mmigrate.c is written over it;');
    expect(out).toContain('Without 5\n  8, 9 have to go too. No behaviours change of its own, 1 of what goes with it. What else looks different:\n');
    expect(out).toContain('    policy-of-deselected (7): N1=2, bind=1 in place of N1=2, bind=2\n');
    expect(out).toContain('  changes the same file as others, elsewhere: mm/mmigrate.c (3, 7)\n');
    expect(out).toContain('Without 9\n  All others stay. 1 behaviour changes of its own; nothing else.\n');
    expect(out).toMatch(/\n3 behaviours, run in 11 trees\.\n$/);
  });
  it('shows one patch, and its pairs', async () => {
    const { out } = await pmkit('graph p07 --pairs --workers 1');
    expect(out).toContain('Without two\n  without 5 and 7\n    policy-of-deselected: N2=2, bind=1 in place of N1=2, bind=2\n  8 of 9 pairs show nothing');
    expect(out).not.toContain('Without 5\n');
  });
  it('is data, which do not depend on the number of threads', async () => {
    const alone = await pmkit('graph --json --workers 1');
    expect(await pmkit('graph --json --workers 2')).toEqual(alone);
    const { patches, dependencies, leftOut, run } = graphSchema.parse(JSON.parse(alone.out));
    expect([patches.length, leftOut.length, run]).toEqual([12, 10, { behaviours: 3, trees: 11 }]);
    expect(dependencies.find(({ patch, needs }) => patch.startsWith('N1.2') && needs.startsWith('xfs'))!.behavioural).toHaveLength(1);
  });
  it('runs nothing when told so', async () => {
    const { leftOut, run } = graphSchema.parse(JSON.parse((await pmkit('graph --json --no-run')).out));
    expect({ leftOut, run }).toEqual({ leftOut: [], run: { behaviours: 0, trees: 0 } });
  });
  it('draws', async () => {
    const svg = await pmkit('graph --svg --no-run');
    const { svg: drawn } = new XMLParser({ ignoreAttributes: false }).parse(svg.out) as { readonly svg: { readonly title: { readonly '#text': string }; readonly path: readonly unknown[] } };
    expect(drawn.title['#text']).toBe('What the patches of the series need of each other');
    expect(drawn.path.length).toBeGreaterThan(20);
    const dot = await pmkit('graph --dot --no-run');
    expect(dot.out).toMatch(/^digraph series \{\n[\s\S]*\n\}\n$/);
  });
  it('is told what it cannot do', async () => {
    expect(await pmkit('graph nothing --no-run')).toMatchObject({ code: 2, out: '', err: 'Patch nothing is not in series\n' });
    expect(await pmkit('graph --dot --svg --no-run')).toMatchObject({ code: 2, out: '' });
  });
  it('draws a bar on a terminal only', async () => {
    const terminal = session({ services: { ...quickServices, behaviours: behaviours.slice(0, 1) }, isTTY: true });
    expect((await terminal('graph 1 --workers 1')).err).toContain('tree 11 of 11');
  });
});
