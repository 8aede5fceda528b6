/** Patch 1: the locked helpers that take a page off the LRU and put it back. */
import { newListHead, type ListHead, type Page, type Task, type Zone } from '@pmkit/mm-core';
import { list_del } from '@pmkit/mm-core/include/linux/list';
import { page_count, page_zone } from '@pmkit/mm-core/include/linux/mm';
import { PageActive, PageLRU } from '@pmkit/mm-core/include/linux/page-flags';
import type { Behaviour, Source } from '../behaviour.js';
import type { Lab } from '../lab.js';
import { drain, fate, steal } from './common.js';

const changelog: Source = { from: 'changelog', at: '1/10, Hirokazu Takahashi, 22 June 2005: the wrappers look at PG_lru themselves' };
const race: Source = { from: 'mail', at: 'Hirokazu Takahashi, review of -rc2, May 2005: PG_lru was tested without zone->lru_lock' };
const ancestor: Source = { from: 'mail', at: '"memory hotremoval for linux-2.6.7" [1/16], 14 July 2004: the helpers with two underscores' };

interface Scene { readonly page: Page; readonly zone: Zone; readonly thief: Task; readonly list: ListHead }

/** A page that a job has written, on the active list, and somebody who has plans with it. */
function scene(lab: Lab, drained = true): Scene {
  const page = lab.frame(lab.anonymous(lab.job(), 1));
  if (drained) drain(lab);
  return { page, zone: page_zone(lab.k.m, page), thief: lab.job({ comm: 'thief', node: 2 }), list: newListHead(lab.k.m) };
}
const onLru = (lab: Lab, page: Page): string => (PageLRU(lab.k.m.mem_map, page) ? 'on the LRU' : 'off the LRU');
const count = (lab: Lab, page: Page): string => `count ${page_count(lab.k.m.mem_map, page)}`;

export const lru: readonly Behaviour[] = [
  {
    id: 'steal-page-in-pagevec',
    kind: 'claim',
    sentence: 'Stealing a page that is not on the LRU, as it still waits in a pagevec, does nothing; before the patch it was a BUG().',
    sources: [changelog],
    patch: 1,
    scenario: lab => {
      const { page, thief, list } = scene(lab, false);
      return fate(lab, thief, steal(lab, thief, page, list));
    },
    expect: { 0: 'BUG, thief dies', 1: '0' },
  },
  {
    id: 'steal-twice',
    kind: 'claim',
    sentence: 'Of two steals of the same page the second one finds nothing to take.',
    sources: [changelog],
    patch: 1,
    scenario: lab => {
      const { page, thief, list } = scene(lab);
      const first = fate(lab, thief, steal(lab, thief, page, list));
      return `${first}, then ${fate(lab, thief, steal(lab, thief, page, newListHead(lab.k.m)))}`;
    },
    expect: { 0: '1, then BUG, thief dies', 1: '1, then 0' },
  },
  {
    id: 'lru-test-without-lock',
    kind: 'defect',
    sentence: 'A caller that looks at PG_lru without the lock, as migrate_vma() of -rc2 did, loses when reclaim takes the page in between.',
    sources: [race, changelog],
    patch: 1,
    scenario: lab => {
      const { page, thief, list } = scene(lab);
      const looked = PageLRU(lab.k.m.mem_map, page);
      steal(lab, lab.job({ comm: 'reclaim', node: 3 }), page, newListHead(lab.k.m));
      return looked ? fate(lab, thief, steal(lab, thief, page, list)) : 'not tried';
    },
    expect: { 0: 'BUG, thief dies', 1: '0' },
  },
  {
    id: 'steal-bug-keeps-lru-lock',
    kind: 'defect',
    sentence: 'The BUG() of a steal leaves zone->lru_lock held, and the next task that needs it spins for ever.',
    sources: [{ from: 'deduced', at: '1/10 and its context: the BUG() is between spin_lock_irq() and spin_unlock_irq()' }],
    patch: 1,
    scenario: lab => {
      const { page, thief, zone } = scene(lab, false);
      steal(lab, thief, page, newListHead(lab.k.m));
      const next = lab.job({ comm: 'next' });
      const done = lab.enter(next, 'putback_page_to_lru', zone, page);
      return fate(lab, next, done).replace('BUG, ', '');
    },
    expect: { 0: 'next spins', 1: '0' },
  },
  {
    id: 'putback-page-on-lru',
    kind: 'claim',
    sentence: 'Putting back a page that is on the LRU does nothing and counts nothing; before the patch it was a BUG().',
    sources: [changelog],
    patch: 1,
    scenario: lab => {
      const { page, zone, thief } = scene(lab);
      const before = zone.nr_active;
      const result = fate(lab, thief, lab.enter(thief, 'putback_page_to_lru', zone, page));
      return result === '0' ? `nr_active +${zone.nr_active - before}` : result;
    },
    expect: { 0: 'BUG, thief dies', 1: 'nr_active +0' },
  },
  {
    id: 'steal-prototypes',
    kind: 'discrepancy',
    sentence: 'The overview says that the interface gets simpler; what callers write is the same before and after, only they need not look at PG_lru first.',
    sources: [{ from: 'overview', at: 'patch 1: simplifies the interface to steal_page_from_lru()' }, changelog],
    patch: 1,
    scenario: lab => `steal ${lab.row('steal_page_from_lru')!.length}, putback ${lab.row('putback_page_to_lru')!.length} arguments`,
    expect: { 0: 'steal 3, putback 2 arguments' },
  },
  {
    id: 'steal-takes-reference',
    kind: 'claim',
    sentence: 'A stolen page is off the LRU, with a reference of the thief.',
    sources: [ancestor, changelog],
    patch: 1,
    scenario: lab => {
      const { page, thief, list } = scene(lab);
      return `${steal(lab, thief, page, list)}, ${onLru(lab, page)}, ${count(lab, page)}`;
    },
    expect: { 0: '1, off the LRU, count 2' },
  },
  {
    id: 'steal-keeps-active',
    kind: 'claim',
    sentence: 'PG_active stays while a page is off the LRU, so that it comes back to the list it was taken from.',
    sources: [ancestor],
    patch: 1,
    scenario: lab => {
      const { page, zone, thief, list } = scene(lab);
      const active: number[] = [zone.nr_active];
      steal(lab, thief, page, list);
      active.push(zone.nr_active);
      const flag = PageActive(lab.k.m.mem_map, page) ? 'PG_active' : 'no PG_active';
      list_del(lab.k.m.mem_map, page);
      lab.enter(thief, 'putback_page_to_lru', zone, page);
      active.push(zone.nr_active);
      return `${flag}, nr_active ${active.map(nr => nr - active[0]!).join(' ')}`;
    },
    expect: { 0: 'PG_active, nr_active 0 -1 0' },
  },
  {
    id: 'steal-page-being-freed',
    kind: 'claim',
    sentence: 'A page whose count is 0, because it is being freed, is not taken and stays on its list, before and after the patch.',
    sources: [ancestor],
    patch: 1,
    scenario: lab => {
      const { page, thief, list } = scene(lab);
      const mem = lab.k.m.mem_map;
      // the moment between the last put_page() and the page's way off the list
      const before = mem._count[page]!;
      mem._count[page] = 0;
      const result = steal(lab, thief, page, list);
      const seen = `${result}, ${onLru(lab, page)}, ${count(lab, page)}`;
      mem._count[page] = before;
      return seen;
    },
    expect: { 0: '0, on the LRU, count 0' },
  },
  {
    id: 'putback-keeps-reference',
    kind: 'claim',
    sentence: 'Putting a page back does not drop the reference of the steal: that is the caller\'s business.',
    sources: [ancestor, { from: 'mail', at: 'Marcelo Tosatti, 4 June 2005: every putback is followed by page_cache_release()' }],
    patch: 1,
    scenario: lab => {
      const { page, zone, thief, list } = scene(lab);
      steal(lab, thief, page, list);
      list_del(lab.k.m.mem_map, page);
      lab.enter(thief, 'putback_page_to_lru', zone, page);
      return `${onLru(lab, page)}, ${count(lab, page)}`;
    },
    expect: { 0: 'on the LRU, count 2' },
  },
];
