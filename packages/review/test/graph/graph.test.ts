/** The dependency graph, with a few behaviours of the catalogue. */
import { patchFacts } from '@pmkit/series/patches';
import { migrationSeries } from '@pmkit/series/stack';
import { beforeAll, describe, expect, it } from 'vitest';
import { focusOn, graphDot, graphSvg, patchGraph, reasonsOf, type Dependency, type LeftOut, type PatchGraph } from '../../src/graph/index.js';

const BEHAVIOURS = [
  'capture-xfs-dirty-page', 'capture-meets-migrate-pages', 'policy-of-deselected', 'select-marked-read-only', 'permission-other-user', 'xfs-dirty-page', 'node-map-minus-one',
];

let graph: PatchGraph;
const told: number[] = [];
beforeAll(async () => {
  graph = await patchGraph(migrationSeries.entries, { run: 'pairs', behaviours: BEHAVIOURS, told: done => told.push(done) });
});

const named = (label: string): string => graph.nodes.find(node => node.label === label)!.name;
const between = (patch: string, needs: string): Dependency | undefined => graph.dependencies.find(found => found.patch === named(patch) && found.needs === named(needs));
const leftOut = (...labels: string[]): LeftOut => graph.leftOut.find(({ patches }) => patches.join() === labels.map(named).join())!;

describe('dependencies', () => {
  it('in the text: the same symbol, or only the same file', () => {
    expect(between('9', '5')!.textual).toEqual([{ file: 'mm/mmigrate.c', symbol: 'sys_migrate_pages', conflict: true }]);
    // mm/mempolicy.c here, the header only in the originals
    expect(between('6', '5')!.textual).toEqual([
      { file: 'include/linux/mempolicy.h', symbol: null, conflict: false }, { file: 'mm/mempolicy.c', symbol: null, conflict: false },
    ]);
    expect(between('2', '1')).toBeUndefined();
  });
  it('by use, but for what is only copied along', () => {
    expect(between('4', '3')!.uses).toContainEqual({ how: 'prototype', symbol: 'try_to_migrate_pages', by: 'migrate_vma' });
    expect(between('7', '6')!.uses).toEqual([
      { how: 'imports', symbol: 'AS_DO_MMIGRATE', by: 'mm/mmigrate.ts' }, { how: 'imports', symbol: 'AS_DO_NOT_MMIGRATE', by: 'mm/mmigrate.ts' },
    ]);
    // patch 7 has the call of patch 4, and calls nothing new of patch 3
    expect(between('7', '3')!.uses).toEqual([]);
    // N1.0 calls by the prototype of before: it does not use the new one, and does not build until patch 10
    expect(between('N1.0', '3')).toBeUndefined();
    expect(between('N1.0', '10')!.gone[0]).toContain("too few arguments to function `try_to_migrate_pages'");
    // they are not left out in a run, but nothing stays that was made over them
    expect(between('N1.1', 'N1.0')!.gone).toContainEqual(expect.stringContaining('steal_page()'));
    expect(between('10', 'N1.0')!.gone).toContainEqual(expect.stringContaining('capture_page_range()'));
  });
  it('by behaviour: a later patch that does not do the same without an earlier one', () => {
    const found = graph.dependencies.filter(({ behavioural }) => behavioural.length > 0).map(({ patch, needs, behavioural }) => [patch, needs, behavioural.map(({ behaviour }) => behaviour)]);
    expect(found).toEqual([
      [named('6'), named('4'), ['select-marked-read-only']],
      [named('7'), named('5'), ['policy-of-deselected']],
      [named('10'), named('2'), ['capture-xfs-dirty-page']],
      [named('10'), named('4'), ['capture-meets-migrate-pages']],
    ]);
    expect(between('7', '5')!.behavioural).toEqual([{ behaviour: 'policy-of-deselected', seen: 'N1=2, bind=2', without: 'N1=2, bind=1' }]);
  });
  it('has all that the pages of the patches say', () => {
    const said = patchFacts.flatMap(({ name, needs }) => needs.map(number => ({ patch: name, needs: named(String(number)) })));
    expect(graph.dependencies.filter(({ stated }) => stated).map(({ patch, needs }) => ({ patch, needs }))).toEqual(expect.arrayContaining(said));
    expect(graph.dependencies.every(dependency => reasonsOf(dependency).length > 0)).toBe(true);
  });
});

describe('patches left out', () => {
  it('takes what is their own apart from what goes with them, and from the rest', () => {
    const five = leftOut('5');
    expect(five.gone.map(({ patch }) => patch)).toEqual([named('8'), named('9')]);
    expect(five.ofGone.map(({ behaviour }) => behaviour)).toEqual(['permission-other-user']);
    expect(five.others).toEqual([{ behaviour: 'policy-of-deselected', seen: 'N1=2, bind=2', without: 'N1=2, bind=1', about: [named('7')] }]);
    expect(leftOut('9')).toMatchObject({ gone: [], ofGone: [], others: [], own: [{ behaviour: 'permission-other-user', without: '2, N2=2', about: [] }] });
  });
  it('does the same with two, and says what shows only then', () => {
    expect(graph.leftOut).toHaveLength(10 + 45);
    expect(leftOut('5', '7').together).toMatchObject([{ behaviour: 'policy-of-deselected', without: 'N2=2, bind=1' }]);
    expect(leftOut('1', '2').together).toEqual([]);
  });
  it('runs what comes to the same tree once', () => {
    expect(graph).toMatchObject({ behaviours: BEHAVIOURS.length, trees: 42 });
    expect(told).toEqual(Array.from({ length: 42 }, (_, at) => at + 1));
  });
});

describe('a drawing', () => {
  it('of one patch has its arcs only, each with its reasons', () => {
    const seven = focusOn(graph, named('7'));
    const svg = graphSvg(seven);
    const titles = [...svg.matchAll(/<path [^>]*><title>([^<]*)<\/title>/g)].map(([, title]) => title!);
    expect(titles).toContain('7 needs 6: mm/mmigrate.ts imports AS_DO_MMIGRATE, AS_DO_NOT_MMIGRATE');
    expect(titles.every(title => /\b7 needs |needs 7: /.test(title))).toBe(true);
    expect(seven.leftOut.every(({ patches }) => patches.includes(named('7')))).toBe(true);
  });
  it('is described for who does not see it', () => {
    const svg = graphSvg(graph);
    expect(svg).toContain('role="img" aria-labelledby="title description"');
    expect(/<desc id="description">([^<]*)<\/desc>/.exec(svg)![1]).toContain('9 needs 8: sys_migrate_pages in mm/mmigrate.c is written over it');
  });
  it('in the language of Graphviz names every patch and every dependency', () => {
    const dot = graphDot(graph);
    expect(dot.match(/^ {2}"[^"]+" \[label=/gm)).toHaveLength(graph.nodes.length);
    expect(dot.match(/^ {2}"[^"]+" -> "[^"]+" \[color=/gm)).toHaveLength(graph.dependencies.length);
    expect(dot).toContain('"10" -> "2" [color="#d55e00", style="solid"');
  });
});
