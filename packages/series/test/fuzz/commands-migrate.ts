/**
 * migrate_pages(), with the defects of -rc3 4/10 told apart from everything else: what each of them leaves behind is worked out page by
 * page from what the call was seen to do, and check_invariants() gets to know exactly that and no more.
 *
 *     -EAGAIN   (b)  every page left on the list is back on the LRU with one reference too many     → world.leaked
 *     -ENOSPC   (c)  every page left on the list is lost with it, reference and all                 → world.lost
 *     BUG()     (a)  the caller is dead with the target's page_table_lock, mmap_sem, a user of its mm and the pages it had collected:
 *                    checkBug() compares the machine with that, and the sequence ends
 */
import { replaceSymbol } from '@pmkit/linker';
import { EAGAIN, EFAULT, EINVAL, ENOENT, ENOMEM, ENOSPC, ENOSYS, ESRCH } from '@pmkit/mm-core/include/linux/errno';
import { list_empty } from '@pmkit/mm-core/include/linux/list';
import { PageAnon, page_to_nid, page_zone } from '@pmkit/mm-core/include/linux/mm';
import { MAX_NUMNODES } from '@pmkit/mm-core/include/linux/nodemask';
import { PageLRU } from '@pmkit/mm-core/include/linux/page-flags';
import { SIGSEGV, type Task } from '@pmkit/mm-core/include/linux/sched';
import {
  BAD_POINTER, finishPath, newListHead, newPath, NO_RESULT, releaseListHead, residentPage, returnToUser, run, runWoken, settle, stepPath, syscallOutcome, waitInWords, waitIsOver,
  type ListHead, type MaySleep, type Page, type PageOrErr, type UserU32Array, type Zone,
} from '@pmkit/mm-core';
import { check_invariants } from '@pmkit/mm-core/testing';
import type { Command } from './model.js';
import { nodesWithRoom } from './placement.js';
import { noteCopies, readLog } from './check.js';
import { cpusetsAllow, isMigrated, leftUnusablePolicy } from './series-rules.js';
import { Violation, type World } from './world.js';

type Of<Op extends Command['op']> = Extract<Command, { op: Op }>;

/** System call 1279 exists from this level on. */
const SYSCALL_LEVEL = 4;
/** try_to_migrate_pages() takes a node_map from this level on. */
const NODE_MAP_LEVEL = 3;
const MIGRATE_PAGES = 1279;
const BUG_LINE = 'kernel BUG at mm/mmigrate.c:migrate_vma()!';

/** What was seen of one call. */
interface Seen {
  /** Pages that migrate_vma() has collected of the vma it is at. */
  collected: Page[];
  /** Pages collected in all, and those left on the list of the last vma. */
  taken: number;
  left: Page[];
  /** The page that could not be stolen. */
  refused: Page | null;
  refusedOnLru: boolean;
  /** What try_to_migrate_pages() returned for that vma. */
  result: number;
  /** Why a page could not be moved: what migrate_onepage() said last. */
  readonly errors: Map<Page, number>;
  /** get_swap_page() found no slot. */
  noSwap: boolean;
}

function pagesOn(world: World, head: ListHead): Page[] {
  const { lru_next } = world.m.mem_map;
  const pages: Page[] = [];
  for (let page = lru_next[head]!; page !== (head as number); page = lru_next[page]!) pages.push(page as Page);
  return pages;
}

type TryToMigratePages = (this: object, list: ListHead, nodeMap?: Int32Array | null) => MaySleep<number>;

/** Looks on while `action` runs; the kernel does not notice. */
function watch<T>(world: World, action: () => T): { seen: Seen; result: T } {
  const { k } = world;
  const seen: Seen = { collected: [], taken: 0, left: [], refused: null, refusedOnLru: false, result: 0, errors: new Map(), noSwap: false };
  const { steal_page_from_lru: steal, get_swap_page: getSwapPage, migrate_onepage: migrateOnepage } = k;
  const real = (k as unknown as { try_to_migrate_pages: TryToMigratePages }).try_to_migrate_pages;
  let inside = false;
  const undo = [
    replaceSymbol(k, 'steal_page_from_lru', (zone: Zone, page: Page, list: ListHead): number => {
      const result = steal.call(k, zone, page, list);
      if (!inside) {
        if (result === 0) Object.assign(seen, { refused: page, refusedOnLru: PageLRU(world.m.mem_map, page) });
        else seen.collected.push(page);
      }
      return result;
    }),
    replaceSymbol(k, 'get_swap_page', () => {
      const entry = getSwapPage.call(k);
      if (entry === 0) seen.noSwap = true;
      return entry;
    }),
    replaceSymbol(k, 'migrate_onepage', function* (page: Page, node: number): MaySleep<PageOrErr> {
      const result = yield* migrateOnepage.call(k, page, node);
      if (result < 0) seen.errors.set(page, result);
      return result;
    }),
    replaceSymbol(k, 'try_to_migrate_pages', function* (list: ListHead, nodeMap: Int32Array | null): MaySleep<number> {
      seen.taken += seen.collected.length;
      seen.collected = [];
      inside = true;
      const result = yield* real.call(k, list, nodeMap);
      inside = false;
      seen.left = pagesOn(world, list);
      seen.result = result;
      if (result > 0 && result !== seen.left.length) throw new Violation(`try_to_migrate_pages() returned ${result}, but ${seen.left.length} pages are left on the list`);
      if (result === 0 && seen.left.length > 0) throw new Violation(`try_to_migrate_pages() returned 0, but left pages ${seen.left.join(', ')}`);
      return result;
    }),
  ];
  try {
    return { seen, result: action() };
  } finally {
    for (const restore of undo.reverse()) restore();
  }
}

export function migrate(world: World, command: Of<'migrate'>): void {
  const target = world.any(command.task);
  if (target === null) return;
  const caller = command.self && target.state === 'R' ? target : world.batchd;
  const [from, to] = partition(world, target, command.pairs[0]![0]);
  const oldNodes = Uint32Array.from(command.pairs, ([a], i) => from[i === 0 ? 0 : a % from.length]!);
  const newNodes = Uint32Array.from(command.pairs, ([, b]) => to[b % to.length]!);
  const args = [target.pid, command.pairs.length, oldNodes, newNodes] as const;
  if (world.level < SYSCALL_LEVEL) {
    world.promise('migrate_pages()', migratePages(world, caller, args), -ENOSYS);
    return;
  }
  if (!cpusetsAllow(world, [target, caller], newNodes)) {
    world.promise('migrate_pages() to nodes that a cpuset does not allow', migratePages(world, caller, args), -EINVAL);
    return;
  }
  const stolen = command.race ? stealOne(world, target, new Set(oldNodes)) : null;
  const roomy = nodesWithRoom(world.m, target.mm!.rss);
  const { seen, result } = watch(world, () => migratePages(world, caller, args));
  if (result === NO_RESULT && seen.refused !== null && caller.exit_code === SIGSEGV) {
    checkBug(world, caller, seen, stolen);
    return;
  }
  if (stolen !== null) giveBack(world, stolen);
  if (result !== NO_RESULT) world.promise('migrate_pages()', result, expectedResult(seen));
  noteDamage(world, seen, false);
  const strict = newNodes.every(node => roomy.has(node) && world.allows(caller, node));
  if (result >= 0 && strict) checkMoved(world, target, new Set(oldNodes));
  checkPolicies(world, target);
}
/** The defect of patch 5: the sequence ends before somebody allocates by such a policy. */
function checkPolicies(world: World, target: Task): void {
  if (leftUnusablePolicy(world, target)) world.ended = 'the unsigned node map of patch 5: a policy without nodes';
}
/** The same where the call went on while the inner command slept, which then allocated by such a policy. */
function fellOverPolicy(world: World, since: number): boolean {
  if (!world.m.log.slice(since).some(({ text }) => text.startsWith('kernel BUG at mm/mempolicy.c:'))) return false;
  world.ended = 'the unsigned node map of patch 5: somebody allocated by a policy without nodes';
  return true;
}
const expectedResult = ({ result, taken }: Seen): number => (result < 0 ? result : result > 0 ? -EAGAIN : taken);

/** Nodes to leave and nodes to go to, none in both. The first of those to leave is one where the target has pages, if it has any. */
function partition(world: World, target: Task, pick: number): [from: number[], to: number[]] {
  const { m } = world;
  const nodes: number[] = [];
  for (let vma = target.mm!.mmap; vma !== null; vma = vma.vm_next) {
    for (let address = vma.vm_start; address < vma.vm_end; address += m.PAGE_SIZE) {
      const page = residentPage(m, target, address);
      if (page !== 0 && page !== m.zero_page) nodes.push(page_to_nid(m, page));
    }
  }
  const first = nodes.length === 0 ? pick % m.node_ids.length : m.node_ids.indexOf(nodes[(pick * nodes.length) >> 6]!);
  const turned = [...m.node_ids.slice(first), ...m.node_ids.slice(0, first)];
  const half = pick % 2 === 0 ? 1 : Math.ceil(turned.length / 2);
  return [turned.slice(0, half), turned.slice(half)];
}
type Arguments = readonly [pid: number, count: number, oldNodes: UserU32Array, newNodes: UserU32Array];
function migratePages(world: World, caller: Task, args: Arguments): number {
  const outcome = syscallOutcome(world.k, caller, MIGRATE_PAGES, ...args);
  return outcome.kind === 'returned' ? outcome.value : NO_RESULT;
}

/**
 * migrate_pages() with others about: at every preemption point of the call, and wherever it sleeps, somebody else may get the CPU. A
 * target that runs on may be killed (defect f), and what it takes after the pagevecs were drained leads to defect a.
 */
export function migrateAmid(world: World, command: Of<'migrateAmid'>, execute: (world: World, command: Command) => void): void {
  const { k, m, batchd } = world;
  const target = world.any(command.task);
  if (target === null || world.level < SYSCALL_LEVEL) return;
  const [from, to] = partition(world, target, command.pairs[0]![0]);
  const oldNodes = Uint32Array.from(command.pairs, ([a], i) => from[i === 0 ? 0 : a % from.length]!);
  const newNodes = Uint32Array.from(command.pairs, ([, b]) => to[b % to.length]!);
  const allowed = cpusetsAllow(world, [target, batchd], newNodes);
  world.cpusetsChanged = false;
  const { sys_migrate_pages: sysMigratePages } = k as unknown as { sys_migrate_pages: (...args: Arguments) => MaySleep<number> };
  const { seen, result } = watch(world, () => {
    const path = newPath(batchd, sysMigratePages.call(k, target.pid, command.pairs.length, oldNodes, newNodes));
    m.preemptible = world.racing = world.raced = true;
    try {
      for (const { steps, command: inner } of command.meanwhile) {
        for (let i = 0; i < steps && path.state === 'running' && waitIsOver(m, path); i++) stepPath(k, path);
        checkPolicies(world, target);
        if (world.ended !== null) break;
        const logged = m.log.length;
        execute(world, inner);
        noteCopies(world);
        if (fellOverPolicy(world, logged)) break;
      }
    } finally {
      m.preemptible = world.racing = false;
    }
    finishPath(k, path);
    if (path.state === 'running') throw new Violation(`migrate_pages() waits for ever for ${path.wait === null ? 'nothing' : waitInWords(path.wait)}`);
    returnToUser(k, batchd);
    runWoken(k);
    return path.state === 'returned' && batchd.state === 'R' ? (path.value as number) : NO_RESULT;
  });
  if (result === NO_RESULT && seen.refused !== null && batchd.exit_code === SIGSEGV) {
    checkBug(world, batchd, seen, null);
    return;
  }
  const gone = seen.taken === 0 && (target.state === 'Z' || target.state === 'X');
  // a cpuset may have been changed before the call came to ask
  const refused = seen.taken === 0 && (!allowed || isCpusetChanged(world)) ? [0, -EINVAL] : null;
  if (result !== NO_RESULT) world.promise('migrate_pages()', result, gone ? [0, -EINVAL, -ESRCH] : refused ?? expectedResult(seen));
  noteDamage(world, seen, true);
  checkPolicies(world, target);
}

/** Somebody changed a cpuset while the call was under way. */
const isCpusetChanged = ({ cpusetsChanged }: World): boolean => cpusetsChanged;

/** Does to one page of the target what vmscan does when it looks at it. */
interface Stolen { readonly page: Page; readonly list: ListHead }
function stealOne(world: World, target: Task, nodes: ReadonlySet<number>): Stolen | null {
  const { k, m } = world;
  for (const cpu of m.cpus) k.lru_drain_cache(cpu);
  for (let vma = target.mm!.mmap; vma !== null; vma = vma.vm_next) {
    if (!isMigrated(world, vma)) continue;
    for (let address = vma.vm_start; address < vma.vm_end; address += m.PAGE_SIZE) {
      const page = residentPage(m, target, address);
      if (page === 0 || !nodes.has(page_to_nid(m, page)) || !PageLRU(m.mem_map, page)) continue;
      const list = newListHead(m);
      k.steal_page_from_lru(page_zone(m, page), page, list);
      return { page, list };
    }
  }
  return null;
}
function giveBack(world: World, { page, list }: Stolen): void {
  const { k, m } = world;
  if (list_empty(m.mem_map, list)) throw new Violation(`page ${page}: taken off a private list by somebody else`);
  m.mem_map.lru_next[list] = list;
  m.mem_map.lru_prev[list] = list;
  k.putback_page_to_lru(page_zone(m, page), page);
  k.put_page(page);
  releaseListHead(m, list);
}

/**
 * The defects of a call that came back: pages that it left on its list, and whether they had to be left. Also when its caller was killed.
 * @param racing others were about, who may have held a page for a moment
 */
function noteDamage(world: World, seen: Seen, racing: boolean): void {
  const pins = world.pins();
  for (const page of seen.left) {
    const error = seen.errors.get(page);
    /* Without swap there is nothing that would find an anonymous page while no pte does. */
    const unmovable = error === -ENOENT && !world.m.config.CONFIG_SWAP && PageAnon(world.m.mem_map, page);
    const excused = racing || unmovable || (error === -ENOSPC ? seen.noSwap : (pins.get(page) ?? 0) > 0);
    if (error === -ENOMEM) world.mustBeShort(`migrate_onepage() of page ${page}`);
    else if (!excused) {
      throw new Violation(`migrate_onepage() returned ${error ?? 0} for page ${page}, which nobody else holds; ${seen.noSwap ? 'no' : 'a'} swap slot was free`);
    }
    if (seen.result < 0) world.lost.add(page);
    else {
      if (!PageLRU(world.m.mem_map, page)) throw new Violation(`page ${page}: not on the LRU after -EAGAIN`);
      world.leaked.set(page, (world.leaked.get(page) ?? 0) + 1);
    }
  }
}

/** After a success the target has nothing left on the old nodes, if the new ones had room and were allowed: else pages fall back. */
function checkMoved(world: World, target: Task, oldNodes: ReadonlySet<number>): void {
  const { m } = world;
  if (target.mm === null) return;
  for (let vma = target.mm.mmap; vma !== null; vma = vma.vm_next) {
    if (!isMigrated(world, vma)) continue;
    for (let address = vma.vm_start; address < vma.vm_end; address += m.PAGE_SIZE) {
      const page = residentPage(m, target, address);
      if (page === 0 || page === m.zero_page || !oldNodes.has(page_to_nid(m, page))) continue;
      throw new Violation(`page ${page} at 0x${address.toString(16)}: still on node ${page_to_nid(m, page)} after migrate_pages()`);
    }
  }
}

/** Defect a: the machine must look exactly as the BUG() leaves it. */
function checkBug(world: World, caller: Task, seen: Seen, stolen: Stolen | null): void {
  const { k, m } = world;
  const { pid } = caller;
  const mm = [...world.spaces.keys()].find(candidate => candidate.page_table_lock.held);
  if (mm === undefined || mm.page_table_lock.owner !== pid) throw new Violation('BUG() in migrate_vma(), but page_table_lock of the target is not held by the caller');
  if (seen.refusedOnLru) throw new Violation(`BUG() in migrate_vma() for page ${seen.refused!}, which is on the LRU`);
  settle(k);
  const log = readLog(world);
  const { unexpected, victims } = afterBug(log.complaints, pid);
  if (unexpected.length > 0 || !log.complaints.includes(BUG_LINE)) throw new Violation(`log after BUG(): ${log.complaints.join('; ')}`);
  world.ended = 'defect a: BUG() in migrate_vma()';
  /* Whoever wanted the lock meanwhile has left things half done. */
  if (victims > 0) return;
  const tasks = [...m.tasks.values()].filter(task => task.mm === mm).length;
  const expected = new Set([
    `spinlock ${mm.page_table_lock.name}: held by pid ${pid}, though nobody is in the kernel`,
    `mmap_sem of mm ${mm.id}: held by pid ${pid}, though nobody is in the kernel`,
    `mm ${mm.id}: mm_users is ${tasks + 1}, expected ${tasks}`,
    ...[...seen.collected, ...(stolen === null ? [] : [stolen.page])].map(page => `page ${page}: lost on a list whose owner is gone, expected on the LRU`),
  ]);
  const found = new Set(check_invariants(k, { pins: world.pins(), lost: world.lost }));
  const wrong = [...found].filter(line => !expected.has(line)).concat([...expected].filter(line => !found.has(line)).map(line => `missing: ${line}`));
  if (wrong.length > 0) throw new Violation(`after BUG() in migrate_vma():\n${wrong.join('\n')}`);
}

/** Tells what belongs to a BUG() from other lines: the oops itself, and tasks that wait for ever for what the dead caller holds, or for what these hold. */
function afterBug(complaints: readonly string[], pid: number): { unexpected: string[]; victims: number } {
  const stuck = new Set([pid]);
  const unexpected = complaints.filter(line => {
    const spin = /^(?:BUG: soft lockup detected on CPU#\d+!|pmkit: deadlock:) .*\[(\d+)\] (?:spins on|waits for) .*, (?:taken|held) by pid ([\d, ]+)$/.exec(line);
    if (spin?.[2]!.split(', ').every(holder => stuck.has(Number(holder))) === true) {
      stuck.add(Number(spin[1]!));
      return false;
    }
    return line !== BUG_LINE && !line.includes(`[${pid}]: bugcheck!`);
  });
  return { unexpected, victims: stuck.size - 1 };
}

/** Arguments that must be refused before anything happens, in the order in which they are looked at. */
export function migrateBadly(world: World, command: Of<'migrateBadly'>): void {
  const { m } = world;
  const target = world.any(command.task);
  if (target === null) return;
  const node = (...ids: number[]) => Uint32Array.from(ids);
  const [a, b] = [m.node_ids[0]!, m.node_ids[1]!];
  const kthread = m.kthreads[0]!.task;
  const cases: readonly (readonly [expected: number, args: Arguments])[] = [
    [-EINVAL, [target.pid, 0, BAD_POINTER, BAD_POINTER]],
    [-EINVAL, [target.pid, MAX_NUMNODES + 1, node(a), node(b)]],
    [-EFAULT, [target.pid, 1, BAD_POINTER, node(b)]],
    [-EFAULT, [target.pid, 2, node(a, a), node(b)]],
    [-EINVAL, [target.pid, 1, node(MAX_NUMNODES), node(b)]],
    [-EINVAL, [target.pid, 1, node(a), node(0xffff_ffff)]],
    [-EINVAL, [target.pid, 1, node(a), node(200)]],
    [-EINVAL, [target.pid, 2, node(a, b), node(b, a)]],
    [-ESRCH, [0, 1, node(a), node(b)]],
    [-ESRCH, [30_000, 1, node(a), node(b)]],
    [-EINVAL, [kthread.pid, 1, node(a), node(b)]],
    [0, [target.pid, 1, node(200), node(b)]],
  ];
  const [expected, args] = cases[command.how % cases.length]!;
  const refused = expected === 0 && !cpusetsAllow(world, [target, world.batchd], node(b)) ? -EINVAL : expected;
  world.promise('migrate_pages() with bad arguments', migratePages(world, world.batchd, args), world.level < SYSCALL_LEVEL ? -ENOSYS : refused);
  checkPolicies(world, target);
}

/** What memory hot-remove does with a node: everything on its LRU lists goes elsewhere; what cannot is put back, reference and all. */
export function evacuate(world: World, command: Of<'evacuate'>): void {
  const { k, m } = world;
  const task = world.runnable(command.task) ?? world.batchd;
  const node = m.node_ids[command.node % m.node_ids.length]!;
  const { try_to_migrate_pages: tryToMigrate } = k as unknown as { try_to_migrate_pages: TryToMigratePages };
  const outcome = run(k, task, (function* (): MaySleep<number> {
    const list = newListHead(m);
    for (const zone of m.zones) {
      if (zone?.node !== node) continue;
      for (const head of [zone.active_list, zone.inactive_list]) for (const page of pagesOn(world, head)) k.steal_page_from_lru(zone, page, list);
    }
    const result = yield* world.level < NODE_MAP_LEVEL ? tryToMigrate.call(k, list) : tryToMigrate.call(k, list, null);
    const left = pagesOn(world, list);
    m.mem_map.lru_next[list] = list;
    m.mem_map.lru_prev[list] = list;
    releaseListHead(m, list);
    for (const page of left) {
      k.putback_page_to_lru(page_zone(m, page), page);
      k.put_page(page);
    }
    if (result >= 0 && result !== left.length) throw new Violation(`try_to_migrate_pages() returned ${result}, but ${left.length} pages are left on the list`);
    return result;
  })());
  if (outcome.kind === 'returned' && outcome.value < 0) world.promise('try_to_migrate_pages()', outcome.value, -ENOSPC);
}
