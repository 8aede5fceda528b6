import { eachPteRun } from '@pmkit/machine/views';
import { pte_page, pte_present } from '@pmkit/mm-core/include/asm-ia64/pgtable';
import type { Pte } from '@pmkit/mm-core/include/linux/types';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Pyramid } from '../../src/engine/frames/pyramid.js';
import { DIMENSIONS, KINDS, STATES, type Dimension } from '../../src/protocol.js';
import { JOB, MOVED, MOVING, rig, type Rig } from './rig.js';

async function moved(): Promise<Rig> {
  const it = rig();
  await it.open(MOVING);
  await it.client.request('seek', { side: 'a', position: { step: MOVED, event: 0 } });
  return it;
}

test.each(DIMENSIONS)('cells of %s are what the frames under them are', async (dimension: Dimension) => {
  const { client } = await moved();
  const { classes } = await client.request('legend', { side: 'a', dimension });
  expect(classes.reduce((sum, { frames }) => sum + frames, 0)).toBe(1024);
  for (const node of [0, 1, 2]) {
    const fine = await client.request('frames', { side: 'a', node, dimension, level: 0 });
    expect(fine.cells).toBe(256);
    for (const level of [1, 4, 7, 8]) {
      const coarse = await client.request('frames', { side: 'a', node, dimension, level });
      expect(coarse.cells).toBe(256 >> level);
      coarse.classes.forEach((found, cell) => {
        const frames = [...fine.classes.slice(cell << level, (cell + 1) << level)].filter(c => c !== 0);
        const most = Math.max(...Array.from({ length: 64 }, (_, c) => frames.filter(each => each === c).length));
        expect(frames.length === 0 ? 0 : frames.filter(c => c === found).length).toBe(frames.length === 0 ? 0 : most);
        expect(coarse.used[cell]! > 0).toBe(frames.length > 0);
      });
    }
  }
});

test('frames of each kind are as many as the kernel has', async () => {
  const { client, engine } = await moved();
  const { m } = engine.stage('a').run.kernel;
  const { classes } = await client.request('legend', { side: 'a', dimension: 'kind' });
  const frames = (kind: (typeof KINDS)[number]): number => classes[KINDS.indexOf(kind)]!.frames;
  const inLists = m.zones.reduce((sum, zone) => sum + (zone === undefined ? 0 : zone.free_pages + zone.pageset.reduce((n, set) => n + (set === undefined ? 0 : set.pcp[0].count + set.pcp[1].count), 0)), 0);
  expect(frames('free')).toBe(inLists);
  expect(frames('anonymous')).toBe(4);
  expect(frames('data file')).toBe(2);
  expect(classes.reduce((sum, each) => sum + each.frames, 0)).toBe(m.totalram_pages);
  const lru = m.zones.reduce((sum, zone) => sum + (zone === undefined ? 0 : zone.nr_active + zone.nr_inactive), 0);
  const states = (await client.request('legend', { side: 'a', dimension: 'state' })).classes;
  expect(states[STATES.indexOf('active')]!.frames + states[STATES.indexOf('inactive')]!.frames).toBeLessThanOrEqual(lru);
});

test('owners are those whose page tables have the frame', async () => {
  const { client, engine } = await moved();
  const { m } = engine.stage('a').run.kernel;
  const own = (await client.request('legend', { side: 'a', dimension: 'owner' })).classes.find(({ pid }) => pid === JOB)!;
  const pages = new Set<number>();
  for (let vma = m.tasks.get(JOB)!.mm!.mmap; vma !== null; vma = vma.vm_next) {
    eachPteRun(m, vma, (first, end) => {
      for (let i = first; i < end; i++) if (pte_present(m.ptes[i]! as Pte)) pages.add(pte_page(m.ptes[i]! as Pte));
    });
  }
  expect(own).toEqual({ name: 'job[8]', pid: JOB, frames: pages.size });
});

test('a page that was moved keeps its origin, and a frame tells what is in it', async () => {
  const { client } = await moved();
  const { vmas } = await client.request('addressSpace', { side: 'a', pid: JOB });
  expect(vmas[0]).toMatchObject({ permissions: 'rw-p', present: 4, byNode: { 2: 4 } });
  const { pfns, nodes } = await client.request('pages', { side: 'a', pid: JOB, start: vmas[0]!.start, count: 4 });
  expect([...nodes]).toEqual([3, 3, 3, 3]);
  await client.request('legend', { side: 'a', dimension: 'origin' });
  expect(await client.request('frame', { side: 'a', pfn: pfns[0]! })).toMatchObject({
    node: 2, kind: 'anonymous', origin: 1, mapcount: 1, holds: 'anonymous memory', mappedBy: [{ pid: JOB, comm: 'job', address: vmas[0]!.start }],
  });
});

test('origins may be asked for by several at once, and while the run goes on', async () => {
  const { client, open } = rig();
  await open(MOVING);
  const [played, ...pictures] = await Promise.all([
    client.request('run', { side: 'a', speed: 1000 }), ...[0, 1, 2].map(node => client.request('frames', { side: 'a', node, dimension: 'origin', level: 8 })),
  ]);
  expect(pictures.map(({ cells }) => cells)).toEqual([1, 1, 1]);
  expect(played.done).toBe(false);
});

test('what is asked for in vain is told so', async () => {
  const { client } = await moved();
  await expect(client.request('frames', { side: 'a', node: 9, dimension: 'kind', level: 0 })).rejects.toMatchObject({ code: 'misuse', message: "expected one of the machine's nodes, found 9" });
  await expect(client.request('frames', { side: 'b', node: 0, dimension: 'kind', level: 0 })).rejects.toMatchObject({ code: 'no machine' });
  await expect(client.request('frame', { side: 'a', pfn: 1e9 })).rejects.toMatchObject({ code: 'misuse' });
  await expect(client.request('addressSpace', { side: 'a', pid: 4711 })).rejects.toMatchObject({ code: 'misuse' });
});

test('a pyramid counts as a plain list does', () => {
  const spans = [{ first: 0, frames: 3000 }, { first: 4096, frames: 1111 }];
  fc.assert(fc.property(
    fc.array(fc.oneof(
      fc.record({ set: fc.integer({ min: 0, max: 2999 }), to: fc.integer({ min: 0, max: 4 }) }),
      fc.record({ free: fc.integer({ min: 4096, max: 5000 }), frames: fc.integer({ min: 0, max: 200 }) }),
    ), { maxLength: 60 }), fc.integer({ min: 0, max: 12 }),
    (changes, level) => {
      const pyramid = new Pyramid(8192, spans, 5);
      const plain = new Uint8Array(8192);
      for (let pfn = 4096; pfn < 5207; pfn += 3) {
        pyramid.set(pfn, 2);
        plain[pfn] = 2;
      }
      for (const change of changes) {
        if ('set' in change) {
          pyramid.set(change.set, change.to);
          plain[change.set] = change.to;
        } else {
          pyramid.free(change.free, change.frames);
          plain.fill(0, change.free, change.free + change.frames);
        }
      }
      for (const span of spans) {
        const end = span.first + span.frames;
        const size = 2 ** level;
        const { classes, used } = pyramid.cells(span, level, 0, Math.ceil(span.frames / size));
        const wrong: object[] = [];
        for (let i = 0, first = span.first; first < end; i++, first += size) {
          const counts = [0, 0, 0, 0, 0];
          for (const c of plain.subarray(first, Math.min(first + size, end))) counts[c]!++;
          const busy = counts.slice(1);
          const most = Math.max(...busy);
          if (classes[i] !== (most === 0 ? 0 : busy.indexOf(most) + 1) || used[i]! > 0 !== most > 0) wrong.push({ first, counts, class: classes[i], used: used[i] });
        }
        expect(wrong).toEqual([]);
        expect([...pyramid.count(span)]).toEqual([0, 1, 2, 3, 4].map(c => plain.subarray(span.first, end).filter(each => each === c).length));
      }
    },
  ), { numRuns: 60 });
});
