import { describe, expect, it } from 'vitest';
import { BUG } from '../src/include/linux/kernel.js';
import { boot, type Machine } from '../src/index.js';

const bootTwoNodes = () => boot({ nodes: [{ id: 0, pages: 64, cpus: [0, 1] }, { id: 1, pages: 64, cpus: [2, 3] }] });

describe('smp_call_function()', () => {
  it('runs the function on every CPU but the own one, in their order, and comes back', () => {
    const seen: unknown[] = [];
    const k = { ...bootTwoNodes(), note_cpu(this: { readonly m: Machine }, info: unknown) { seen.push([this.m.current.cpu, info]); } };
    k.m.current.cpu = 2;
    expect(k.smp_call_function('note_cpu', 'info', 0, 1)).toBe(0);
    expect(seen).toEqual([[0, 'info'], [1, 'info'], [3, 'info']]);
    expect(k.m.current.cpu).toBe(2);
  });
  it('leaves the caller on its CPU when the function is a BUG()', () => {
    const k = { ...bootTwoNodes(), fail(this: { readonly m: Machine }) { BUG(this.m, 'test:fail()'); } };
    expect(() => k.smp_call_function('fail', null, 0, 1)).toThrow();
    expect(k.m.current.cpu).toBe(0);
  });
  it('has nothing to call under a name that the kernel does not have', () => {
    expect(() => bootTwoNodes().smp_call_function('no_such', null, 0, 1)).toThrow(new TypeError("smp_call_function(): this kernel has no function 'no_such'"));
  });
});
