/** The type checker plays the C compiler: what it refuses, and with which sentence. */
import { describe, expect, it } from 'tstyche';
import { definePatch, link, provenBy, Series, type Calls } from '../src/index.js';
import { careless, full, bare, newState, p1, p2, p3, type State, type Tree0 } from '../test/fixture.js';

const base = Series.of(full);

describe('push', () => {
  it('accepts the series in its order', () => {
    expect(base.push).type.toBeCallableWith(p1);
    expect(base.push(p1).push).type.toBeCallableWith(p2);
  });
  it('refuses a layer out of order', () => {
    expect(base.push(p2)).type.toRaiseError("p2 applies on top of 'p1', but the top is 'base'");
  });
  it('puts a patch with several anchors on any of them, and on nothing else', () => {
    const host = definePatch({ name: 'host', package: '@x/h', after: ['base', 'p1'], adds: { 'mm/host.c': { grab: (page: number) => page } } });
    expect(base.push).type.toBeCallableWith(host);
    expect(base.push(p1).push).type.toBeCallableWith(host);
    expect(base.push(p1).push(p2).push(host)).type.toRaiseError("host applies on top of several patches, but the top, 'p2', is none of them");
    expect(base.push(host).push(host)).type.toRaiseError('host is applied already');
  });
  it('takes a list of one anchor for that anchor', () => {
    const host = definePatch({ name: 'host', package: '@x/h', after: ['p1'], adds: { 'mm/host.c': { grab: (page: number) => page } } });
    expect(base.push(host)).type.toRaiseError("host applies on top of 'p1', but the top is 'base'");
  });
  it('refuses a patch pushed twice', () => {
    expect(base.push(p1).push(p1)).type.toRaiseError('p1 is applied already');
  });
  it('refuses a changed prototype that is not declared', () => {
    expect(base.push(p1).push(careless)).type.toRaiseError("p2 changes the prototype of migrate(); list it under 'reprototypes'");
  });
  it('refuses a symbol defined again without saying so', () => {
    const again = definePatch({ name: 'again', package: '@x/a', after: 'base', adds: { 'mm/x.c': { steal: (page: number) => page } } });
    expect(base.push(again)).type.toRaiseError('again adds steal(), which is already defined');
  });
  it('refuses to replace what is not defined', () => {
    const early = definePatch({ name: 'early', package: '@x/e', after: 'base', replaces: { 'mm/x.c': { missing: (page: number) => page } } });
    expect(base.push(early)).type.toRaiseError('early replaces missing(), which is not defined');
  });
});

describe('link', () => {
  it('accepts a tree that builds', () => {
    expect(link(base, newState()).capture).type.toBeCallableWith(1);
    expect(link(base.push(p1).push(p2).push(p3), newState()).migrate).type.toBeCallableWith(1, null);
  });
  it('refuses a caller left behind by a changed prototype', () => {
    expect(link(base.push(p1).push(p2), newState())).type.toRaiseError('capture() calls migrate() by another prototype');
    expect(provenBy<State>()(base.push(p1).push(p2))).type.toRaiseError('capture() calls migrate() by another prototype');
  });
  it('refuses new code on an old callee', () => {
    const early = definePatch({ ...p3, after: 'base' });
    expect(link(base.push(early), newState())).type.toRaiseError('capture() calls migrate() by another prototype');
  });
  it('refuses a missing extern', () => {
    const lonely = definePatch({
      name: 'lonely', package: '@x/l', after: 'base',
      adds: { 'mm/l.c': { caller(this: { readonly callee: (page: number) => number }): number { return this.callee(1); } } },
    });
    expect(link(Series.of(bare).push(lonely), newState())).type.toRaiseError('caller() calls callee(), which is not defined');
  });
  it('takes an extern from the state, by its prototype', () => {
    const lonely = definePatch({
      name: 'lonely', package: '@x/l', after: 'base',
      adds: { 'mm/l.c': { caller(this: { readonly callee: (page: number) => number }): number { return this.callee(1); } } },
    });
    expect(link(Series.of(bare).push(lonely), { ...newState(), callee: (page: number) => page }).caller).type.toBeCallableWith();
    expect(link(Series.of(bare).push(lonely), { ...newState(), callee: (page: string) => page.length })).type.toRaiseError('caller() calls callee() by another prototype');
  });
  it('judges functions of the state too', () => {
    const lost = { ...newState(), caller(this: { readonly callee: () => number }): number { return this.callee(); } };
    expect(link(base, lost)).type.toRaiseError('caller() calls callee(), which is not defined');
  });
  it('judges a state that defines a symbol of the tree together with the tree', () => {
    const state = { ...newState(), capture: (page: string) => page };
    expect(link(base, state)).type.toRaiseError('capture_slow() calls capture() by another prototype');
  });
});

describe('a kernel function', () => {
  it('cannot call what it does not declare', () => {
    function declared(this: Calls<Tree0, 'steal', State>): number {
      return this.steal(1);
    }
    function undeclared(this: Calls<Tree0, 'steal', State>): number {
      // @ts-expect-error Property 'migrate' does not exist on type
      return this.migrate(1);
    }
    expect(declared).type.toBe<(this: Calls<Tree0, 'steal', State>) => number>();
    expect(undeclared).type.toBe<(this: Calls<Tree0, 'steal', State>) => number>();
  });
});
