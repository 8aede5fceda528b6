/**
 * An independent model of what memory contains, for tests: virtual page → token, with fork, copy on write and shared objects.
 *
 * It knows no frames, no page tables and no swap, so it cannot share a mistake with the kernel: whatever the kernel does to
 * the frames behind the pages (migrate them, swap them, drop clean ones), a program must read what the model says.
 */

/** A file or shared segment: what is at an index that nobody has written comes from `initial`. */
export interface ModelObject { readonly pages: Map<number, number>; readonly initial: (index: number) => number }

interface Region { readonly start: number; readonly end: number; readonly object: ModelObject | null; readonly pgoff: number; readonly shared: boolean }

/** One address space: regions in pages, and the pages that are its own. */
interface Space { regions: Region[]; readonly own: Map<number, number> }

export const modelObject = (initial: (index: number) => number = () => 0): ModelObject => ({ pages: new Map(), initial });

export class ReferenceModel {
  readonly #spaces = new Map<unknown, Space>();

  /** A new empty address space; `key` is whatever the test calls it by, a pid for example. */
  create(key: unknown): void {
    if (this.#spaces.has(key)) throw new RangeError(`address space ${String(key)} exists already`);
    this.#spaces.set(key, { regions: [], own: new Map() });
  }

  /** The child starts with what the parent has; from now on each has its own private pages. */
  fork(parent: unknown, child: unknown): void {
    const from = this.#space(parent);
    if (this.#spaces.has(child)) throw new RangeError(`address space ${String(child)} exists already`);
    this.#spaces.set(child, { regions: [...from.regions], own: new Map(from.own) });
  }

  exit(key: unknown): void {
    this.#space(key);
    this.#spaces.delete(key);
  }

  /** Maps `pages` pages at page number `start`, over whatever is there. No object: zeros, private. */
  map(key: unknown, start: number, pages: number, backing?: { readonly object: ModelObject; readonly pgoff: number; readonly shared: boolean }): void {
    this.unmap(key, start, pages);
    const { object, pgoff, shared } = backing ?? { object: null, pgoff: 0, shared: false };
    this.#space(key).regions.push({ start, end: start + pages, object, pgoff, shared });
  }

  unmap(key: unknown, start: number, pages: number): void {
    const space = this.#space(key);
    const end = start + pages;
    space.regions = space.regions.flatMap(region => {
      if (region.end <= start || region.start >= end) return [region];
      const rest: Region[] = [];
      if (region.start < start) rest.push({ ...region, end: start });
      if (region.end > end) rest.push({ ...region, start: end, pgoff: region.pgoff + end - region.start });
      return rest;
    });
    for (const page of space.own.keys()) if (page >= start && page < end) space.own.delete(page);
  }

  /** A file was cut off: what lies from page `pages` on is gone, private copies of it in every address space too. */
  truncate(object: ModelObject, pages: number): void {
    for (const index of object.pages.keys()) if (index >= pages) object.pages.delete(index);
    for (const { regions, own } of this.#spaces.values()) {
      if (own.size === 0) continue;
      for (const region of regions) {
        if (region.object !== object) continue;
        for (let page = region.start + Math.max(0, pages - region.pgoff); page < region.end; page++) own.delete(page);
      }
    }
  }

  /** What a program reads at a page; undefined where nothing is mapped. */
  load(key: unknown, page: number): number | undefined {
    const space = this.#space(key);
    const region = space.regions.find(({ start, end }) => start <= page && page < end);
    if (region === undefined) return undefined;
    return space.own.get(page) ?? (region.object === null ? 0 : contents(region.object, region.pgoff + page - region.start));
  }

  /** A program has written `token`: everybody who shares the object sees it, nobody else. */
  store(key: unknown, page: number, token: number): void {
    const space = this.#space(key);
    const region = space.regions.find(({ start, end }) => start <= page && page < end);
    if (region === undefined) throw new RangeError(`address space ${String(key)}: page ${page} is not mapped`);
    if (region.shared && region.object !== null) region.object.pages.set(region.pgoff + page - region.start, token);
    else space.own.set(page, token);
  }

  /** Every mapped page of an address space with what it must read as, in the order of the regions. */
  *pages(key: unknown): Generator<readonly [page: number, token: number]> {
    for (const region of this.#space(key).regions) {
      for (let page = region.start; page < region.end; page++) yield [page, this.load(key, page)!];
    }
  }

  #space(key: unknown): Space {
    const space = this.#spaces.get(key);
    if (space === undefined) throw new RangeError(`no address space ${String(key)}`);
    return space;
  }
}
const contents = (object: ModelObject, index: number): number => object.pages.get(index) ?? object.initial(index);
