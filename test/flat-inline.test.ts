/** Calls that the printer of the flat kernels inlines: the same is done, in the same order. */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { inlineCalls, PATHS } from '../scripts/flat/inline.mjs';

const inlined = (text: string): string => inlineCalls(text, () => true);
const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();

/** What `main` of a module returns, with what it has logged on the way. */
async function run(text: string): Promise<unknown> {
  const { main, log } = (await import(`data:text/javascript,${encodeURIComponent(`const log = [];\nconst see = (what) => { if (log.length > 99) throw new Error('too much'); log.push(what); return what; };\n${text}\nexport { main, log };`)}`)) as { main: () => unknown; log: unknown[] };
  return { result: main(), log };
}

/** That nothing is different, but that these functions are not called any more. */
async function expectSame(text: string, gone: readonly string[]): Promise<void> {
  const after = inlined(text);
  const main = after.slice(after.indexOf('const main'));
  for (const name of gone) expect(main).not.toContain(`${name}(`);
  expect(await run(after)).toEqual(await run(text));
}

describe('a call that is inlined', () => {
  it('is the expression of the function where that is all there is', () => {
    expect(oneLine(inlined('const PageLocked = (mem, page) => (mem.flags[page] & 1) !== 0;\nconst f = (m, page) => PageLocked(m.mem_map, page) ? 1 : 2;'))).toBe(
      'const PageLocked = (mem, page) => ((mem.flags[page] & 1) !== 0); const f = (m, page) => (((m.mem_map.flags[page] & 1) !== 0) ? 1 : 2);');
  });
  it('is the body of the function in a block that it leaves where it returned', () => {
    expect(oneLine(inlined('const page_zone = (m, page) => {\n  if (page < m.max_dma_pfn) return 0;\n  return m.normal;\n};\nconst f = (m, page) => {\n  const zone = page_zone(m, page);\n  return zone;\n};'))).toContain(
      'const f = (m, page) => { let r$1; L$1: { if (page < m.max_dma_pfn) { { r$1 = 0; break L$1; } } r$1 = m.normal; } const zone = r$1; return zone; };');
  });
  it('evaluates arguments once and in order, and after what stands before it', async () => {
    await expectSame('const twice = (a, b) => a * 10 + b + a;\nconst main = () => see(1) + twice(see(2), see(3)) * see(4);', ['twice']);
    await expectSame('const next = (m) => { m.nr++; return m.nr; };\nconst main = () => { const m = { nr: 1 }; const list = [0, 0, 0, 0, 0]; list[m.nr] = next(m) + m.nr; m[see("nr")] = next(m); return [list, m.nr + next(m), { nr: m.nr, after: next(m) }]; };', ['next']);
    await expectSame('const set = (m, nr) => { m.nr = nr; };\nconst main = () => { const m = { nr: 0 }; let n = 1; set(m, n++); set(m, n += m.nr); return [m.nr, n]; };', ['set']);
  });
  it('may change what stands before it', async () => {
    await expectSame('var seen = 1;\nconst bump = () => { seen += 1; return seen; };\nconst main = () => [seen + bump() * 10 + seen, bump()];', ['bump']);
  });
  it('may change what the statement adds to', async () => {
    await expectSame('var seen = 1;\nconst bump = () => { seen += 1; return seen; };\nconst main = () => { let n = 1; const add = (m) => m; n += bump() + add(n); seen += bump(); return [n, seen]; };', ['bump']);
    await expectSame('const same = (n) => { see(n); return n; };\nconst main = () => { let n = 1; n += same(n++); n -= same(2) - same(1); return n; };', ['same']);
  });
  it('is not made where it was not made', async () => {
    await expectSame('const odd = (n) => { see(n); if (n & 1) return true; return false; };\nconst main = () => [1, 2, 3].map((n) => n).length > 0 && odd(1) && odd(2) && odd(3) || odd(4) || (odd(5) ? odd(6) : odd(7));', ['odd']);
    await expectSame('const odd = (n) => { see(n); return (n & 1) !== 0; };\nconst main = () => { if (see(0) !== 0 && odd(1)) see("never"); else if (odd(3)) see("here"); for (const n of [1, 2]) if (odd(n)) continue; else break; return null ?? odd(8); };', ['odd']);
  });
  it('has names of its own, and parameters that it may assign to', async () => {
    await expectSame('const sum = (n) => { let total = 0; for (const m = { n }; m.n > 0; m.n--) { const { n } = m; total += n; } return total; };\nconst down = (n, by) => { while (n > 0) { n -= by; if (n === 2) return n; } return n; };\nconst main = () => { const total = 5; const n = 3; return [sum(n) + total, down(n, 1), down(total, 2), n, total]; };', ['sum', 'down']);
    await expectSame('const step = (a, b) => { const c = a + b; return c * 2; };\nconst steps = (a) => { const c = step(a, 1); return step(c, a); };\nconst main = () => { const c = steps(3); return steps(c); };', ['step', 'steps']);
    await expectSame('const missing = (a, b) => { if (b === undefined) return a; return b; };\nconst main = () => [missing(1), missing(1, 2)];', ['missing']);
  });
  it('goes on at the right place from loops and switches', async () => {
    await expectSame('const find = (list, n) => { for (let i = 0; i < list.length; i++) { if (list[i] === n) return i; } return -1; };\nconst kind = (n) => { switch (n) { case 1: return "one"; case 2: see("two"); break; default: return "more"; } return "two"; };\nconst main = () => { const found = []; for (const n of [3, 1, 2]) { if (find([1, 2], n) < 0) continue; found.push(kind(n), find([1, 2], n)); } return found; };', ['find', 'kind']);
  });
});

describe('a module', () => {
  it.each(['[a, b] = [b, a];', 'for (a of [1, 2]) see(a);', 'a++;'])('in which a name is a constant does not assign to it: %s', statement => {
    expect(() => inlined(`const a = 1;\nvar b = 2;\nconst main = () => { ${statement} };`)).toThrow('main() assigns to a, which was taken for a constant');
  });
  it('of every path that a page takes is there', () => {
    const sources = fileURLToPath(new URL('../packages/mm-core/src/', import.meta.url));
    const files = readdirSync(sources, { recursive: true, encoding: 'utf8' }).map(file => `/src/${file}`).filter(file => PATHS.test(file));
    for (const stem of ['mm/filemap.', 'mm/memory', 'mm/mempolicy_alloc', 'mm/mmap_vma', 'mm/mmigrate', 'mm/page-writeback.', 'mm/page_alloc', 'mm/rmap', 'mm/swap', 'mm/vmscan', 'lib/', 'fs/buffer.', 'arch/ia64/mm/']) {
      expect(files.some(file => file.startsWith(`/src/${stem}`)), stem).toBe(true);
    }
  });
});

describe('a call that stays', () => {
  it.each([
    ['of what calls itself', 'const f = (n) => n === 0 ? 0 : f(n - 1) + n;\nconst main = () => f(4);'],
    ['of what throws', 'const bug = (n) => { throw new Error(n); };\nconst main = () => { try { bug("x"); } catch (error) { return error.message; } return 0; };'],
    ['of a function that would get another name of the module', 'const limit = 3;\nconst over = (n) => n > limit;\nconst main = () => { const limit = 100; return [over(5), limit]; };'],
    ['in the condition of a loop, which is evaluated again', 'const below = (m, n) => { see(m.at); return m.at < n; };\nconst main = () => { const m = { at: 0 }; while (below(m, 3)) m.at++; return m.at; };'],
    ['of a local function of the same name', 'const f = (n) => n + 1;\nconst main = () => { const f = (n) => n + 2; return f(1); };'],
  ])('%s', async (_, text) => {
    expect(await run(inlined(text))).toEqual(await run(text));
  });
});
