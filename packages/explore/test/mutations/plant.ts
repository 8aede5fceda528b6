/** Planted bugs: kernel functions with one thing wrong. */
import { replaceSymbol } from '@pmkit/linker';
import type { MaySleep, Page } from '@pmkit/mm-core';
import { get_page } from '@pmkit/mm-core/include/linux/mm';
import type { Mm, Vma } from '@pmkit/mm-core/include/linux/mm_types';
import { TestSetPageLocked } from '@pmkit/mm-core/include/linux/page-flags';
import { down_read_trylock, spin_lock } from '@pmkit/mm-core/include/linux/spinlock';
import type { AnyKernel } from '@pmkit/series/levels';

export interface Bug { readonly what: string; readonly plant: (k: AnyKernel) => void }

const isIterator = (value: unknown): value is MaySleep<unknown> => typeof value === 'object' && value !== null && 'next' in value;
const GENERATOR = Object.getPrototypeOf(function* () { /* only its kind is asked for */ }) as object;

/** Has something more, or something else, done around a function of the kernel: `before` gets the arguments, `after` these and the result, and says what is returned. */
function around<Args extends unknown[], Result>(
  k: AnyKernel, name: keyof AnyKernel, after: (args: Args, result: Result, seen: unknown) => Result, before: (args: Args) => unknown = () => undefined,
): void {
  const real = k[name] as unknown as (...args: Args) => unknown;
  const sleeping = function* (...args: Args): Generator {
    const seen = before(args);
    const running = real.apply(k, args);
    return after(args, (isIterator(running) ? yield* running as Generator : running) as Result, seen);
  };
  const plain = (...args: Args): Result => {
    const seen = before(args);
    return after(args, real.apply(k, args) as Result, seen);
  };
  const changed = Object.getPrototypeOf(real) === GENERATOR ? sleeping : plain;
  replaceSymbol(k, name, Object.defineProperty(changed, 'length', { value: real.length }));
}
/** A function of one argument that does nothing. */
const forget = (name: keyof AnyKernel) => (k: AnyKernel): void => void replaceSymbol(k, name, (_: never) => undefined);

/** What a race shows. */
export const RACE_BUGS = {
  copiedEarly: {
    what: 'the contents are copied before the page is unmapped',
    plant: k => around<[Page, Page, string], number>(k, 'generic_migrate_page', ([, newpage], result, early) => {
      if (result === 0) k.m.mem_map.content[newpage] = early as number;
      return result;
    }, ([page]) => k.m.mem_map.content[page]),
  },
  wrongNode: {
    what: 'pages go to the node behind the one that was asked for',
    plant: k => {
      const real = k.migrate_onepage;
      replaceSymbol(k, 'migrate_onepage', function* (page: Page, node: number) { return yield* real.call(k, page, (node + 1) % 3); });
    },
  },
  referenceKept: {
    what: 'a reference to the new page is not dropped',
    plant: k => around<[Page, number], number>(k, 'migrate_onepage', (_args, page) => {
      if (page > 0) get_page(k.m.mem_map, page as Page);
      return page;
    }),
  },
  leftLocked: {
    what: 'the new page is left locked',
    plant: k => around<[Page, number], number>(k, 'migrate_onepage', (_args, page) => {
      if (page > 0) TestSetPageLocked(k.m.mem_map, page as Page);
      return page;
    }),
  },
  notLookedAgain: {
    what: 'two threads that touch a page of a file both map it: nobody looks again after he has slept',
    plant: k => {
      const real = k.do_no_page;
      replaceSymbol(k, 'do_no_page', function* (mm: Mm, vma: Vma, address: number, write: number, table: number) {
        const path = real.call(k, mm, vma, address, write, table as never);
        for (let step = path.next(); ; step = path.next()) {
          if (step.done === true) return step.value;
          yield step.value;
          // as if the pte had still been empty when it was looked at
          if (step.value.kind === 'preempt') k.m.ptes[table] = 0;
        }
      });
    },
  },
} as const satisfies Readonly<Record<string, Bug>>;

/** What programs show. */
export const PROGRAM_BUGS: readonly Bug[] = [
  {
    what: 'a page of anonymous memory is not counted in rss',
    plant: k => around<[Mm, Vma, number, number, number], number>(k, 'do_anonymous_page', ([mm, , , write], result) => {
      if (write !== 0) mm.rss--;
      return result;
    }),
  },
  {
    what: 'madvise() keeps mmap_sem when it fails',
    plant: k => around<[number, number, number], number>(k, 'sys_madvise', (_args, result) => {
      if (result < 0) down_read_trylock(k.m, k.m.current.mm!.mmap_sem);
      return result;
    }),
  },
  {
    what: 'mbind() returns with the page table lock held',
    plant: k => around<unknown[], number>(k, 'sys_mbind', (_args, result) => {
      if (result === 0) spin_lock(k.m, k.m.current.mm!.page_table_lock);
      return result;
    }),
  },
  { what: 'a new page is not put on the LRU', plant: forget('lru_cache_add_active') },
  {
    what: 'close() forgets the file',
    plant: k => void replaceSymbol(k, 'sys_close', function* (fd: number) {  
      return k.m.current.files.delete(fd) ? 0 : -9;
    }),
  },
  { what: 'a vma stays on the list of its anon_vma', plant: forget('anon_vma_unlink') },
  { what: 'a page that is unmapped keeps its mapcount', plant: forget('page_remove_rmap') },
  { what: 'a segment that is unmapped stays attached', plant: forget('shm_close') },
  { what: 'swap slots are never given back', plant: forget('swap_free') },
  {
    what: 'fork() does not count a copied page',
    plant: k => around<[Mm, Mm, Vma], number>(k, 'copy_page_range', ([mm], result) => {
      if (mm.rss > 0) mm.rss--;
      return result;
    }),
  },
  {
    what: 'a page that could not be moved is left locked',
    plant: k => around<[Page, number], number>(k, 'migrate_onepage', ([page], result) => {
      if (result < 0) TestSetPageLocked(k.m.mem_map, page);
      return result;
    }),
  },
];
