import { describe, expect, it } from 'vitest';
import { definePatch, Series } from '../src/index.js';
import { bare, careless, full, p1, p2, p3 } from './fixture.js';

const push = (series: { pushUnchecked: Series<string, unknown>['pushUnchecked'] }, ...patches: Parameters<Series<string, unknown>['pushUnchecked']>[0][]) =>
  patches.reduce((top, patch) => top.pushUnchecked(patch), series);

describe('pushing a patch', () => {
  it('lays its symbols over the tree and remembers where each came from', () => {
    const series = Series.of(full).push(p1).push(p2);
    expect(series.applied).toEqual(['base', 'p1', 'p2']);
    const steal = series.definitions.get('steal');
    expect(steal?.origin).toEqual({ patch: 'p1', package: '@x/p1', file: 'include/mm_inline.h' });
    expect(steal?.history).toEqual([{ patch: 'base', package: '@x/base', file: 'include/mm_inline.h' }]);
  });
  it('leaves the series below as it was', () => {
    const below = Series.of(full);
    below.push(p1);
    expect(below.applied).toEqual(['base']);
    expect(below.definitions.get('steal')?.origin.patch).toBe('base');
  });
  it('refuses a patch out of order', () => {
    expect(() => push(Series.of(full), p2)).toThrow("p2 applies on top of 'p1', but the top is 'base'");
  });
  it('puts a patch with several anchors on any of them, and on nothing else', () => {
    const host = definePatch({ name: 'host', package: '@x/h', after: ['base', 'p1'], adds: { 'mm/host.c': { grab: (page: number) => page } } });
    expect(push(Series.of(full), host)).toMatchObject({ applied: ['base', 'host'] });
    expect(push(Series.of(full), p1, host)).toMatchObject({ applied: ['base', 'p1', 'host'] });
    expect(() => push(Series.of(full), p1, p2, host)).toThrow("host applies on top of several patches, but the top, 'p2', is none of them");
    expect(() => push(Series.of(full), host, host)).toThrow('host is applied already');
  });
  it('takes a list of one anchor for that anchor', () => {
    const host = definePatch({ name: 'host', package: '@x/h', after: ['p1'], adds: { 'mm/host.c': { grab: (page: number) => page } } });
    expect(() => push(Series.of(full), host)).toThrow("host applies on top of 'p1', but the top is 'base'");
  });
  it('refuses a patch that is applied already', () => {
    expect(() => push(Series.of(full), p1, p1)).toThrow('p1 is applied already');
  });
  it('refuses to replace what is not there', () => {
    expect(() => push(Series.of(bare), p1, p2, p3)).toThrow('p3 replaces capture(), which is not defined');
  });
  it('refuses to add what is there already', () => {
    const again = definePatch({ name: 'again', package: '@x/a', after: 'base', adds: { 'mm/x.c': { steal: (page: number) => page } } });
    expect(() => push(Series.of(full), again)).toThrow('again adds steal(), which is already defined');
  });
  it('refuses a changed prototype that is not declared', () => {
    expect(() => push(Series.of(full), p1, careless)).toThrow("p2 changes the prototype of migrate(); list it under 'reprototypes'");
  });
});
