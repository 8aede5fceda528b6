import { describe, expect, it } from 'vitest';
import { callGraph, formatTrace, injectError, LinkError, linkUnchecked, replaceSymbol, Series, symbolTable, traceGraph, type TraceEvent } from '../src/index.js';
import { full, newState, p1 } from './fixture.js';

interface Kernel { m: { busy: number }; capture(page: number): number; capture_slow(page: number): Generator<string, number>; steal(page: number): number }
const boot = (): Kernel => linkUnchecked(Series.of(full).push(p1), newState()) as unknown as Kernel;

describe('the function-graph trace', () => {
  it('shows calls by depth with the patch of each function', () => {
    const kernel = boot();
    const events: TraceEvent[] = [];
    const stop = traceGraph(kernel, event => events.push(event));
    kernel.capture(6);
    stop();
    expect(formatTrace(events).map(line => line.replace(/ +/g, ' ').trimEnd())).toEqual([
      'capture(6) { /* base */', ' steal(6); = 1 /* p1 */', ' migrate(6); = 106 /* base */', '} = 106 /* capture */',
    ]);
  });
  it('follows a function that sleeps', () => {
    const kernel = boot();
    const events: TraceEvent[] = [];
    const stop = traceGraph(kernel, event => events.push(event));
    const running = kernel.capture_slow(6);
    expect(running.next()).toEqual({ done: false, value: 'timeout' });
    kernel.steal(1);
    expect(running.next()).toEqual({ done: true, value: 106 });
    stop();
    const depths = events.filter(event => event.kind === 'enter').map(event => `${event.name}@${event.depth}`);
    expect(depths).toEqual(['capture_slow@0', 'sleep@1', 'steal@2', 'capture@1', 'steal@2', 'migrate@2']);
  });
  it('puts the rows back exactly', () => {
    const kernel = boot();
    const before = { ...kernel };
    traceGraph(kernel, () => undefined)();
    expect({ ...kernel }).toEqual(before);
    expect(kernel.capture).toBe(before.capture);
  });
  it('lets an error be injected into a function that is traced', () => {
    const kernel = boot();
    const events: TraceEvent[] = [];
    const stop = traceGraph(kernel, event => events.push(event));
    const restore = injectError(kernel, 'migrate', -4);
    expect(kernel.capture(6)).toBe(-4);
    restore();
    expect(kernel.capture(6)).toBe(106);
    stop();
  });
  it('marks a function left by an exception', () => {
    const kernel = boot();
    const restore = replaceSymbol(kernel, 'steal', (_page: number): number => {
      throw new Error('BUG');
    });
    const events: TraceEvent[] = [];
    const stop = traceGraph(kernel, event => events.push(event));
    expect(() => kernel.capture(1)).toThrow('BUG');
    stop();
    restore();
    expect(events.filter(event => event.kind === 'leave').map(event => event.error)).toEqual([true, true]);
  });
});

describe('the symbol table', () => {
  it('has the provenance of each symbol', () => {
    const rows = symbolTable(Series.of(full).push(p1));
    expect(rows.map(row => row.name)).toEqual(['capture', 'capture_slow', 'migrate', 'sleep', 'steal']);
    expect(rows.find(row => row.name === 'steal')).toMatchObject({ file: 'include/mm_inline.h', patch: 'p1', package: '@x/p1', arity: 1, maySleep: false });
    expect(rows.find(row => row.name === 'sleep')).toMatchObject({ maySleep: true });
  });
  it('knows who calls whom', () => {
    const graph = callGraph(Series.of(full));
    expect(graph.get('capture')).toEqual(['steal', 'migrate']);
    expect(graph.get('capture_slow')).toEqual(['sleep', 'capture']);
  });
});

describe('replacing one function', () => {
  it('takes effect for old callers at once and is taken back', () => {
    const kernel = boot();
    const restore = replaceSymbol(kernel, 'steal', (_page: number) => 1);
    expect(kernel.capture(0)).toBe(100);
    restore();
    expect(kernel.capture(0)).toBe(-1);
  });
  it('refuses another prototype', () => {
    const kernel = boot();
    expect(() => replaceSymbol(kernel, 'steal', () => 1)).toThrow("conflicting types for 'steal': 1 parameters, not 0");
    expect(() => replaceSymbol(kernel, 'sleep', (_ms: number) => 1)).toThrow('it may sleep');
    expect(() => replaceSymbol(kernel, 'nothing', () => 1)).toThrow(LinkError);
  });
  it('injects an error into the calls one asks for', () => {
    const kernel = boot();
    const stop = injectError(kernel, 'steal', 0, { after: 1, times: 1 });
    expect([kernel.capture(6), kernel.capture(6), kernel.capture(6)]).toEqual([106, -1, 106]);
    stop();
  });
  it('injects an error into a function that may sleep', () => {
    const kernel = boot();
    const stop = injectError(kernel, 'sleep', -4);
    expect(kernel.capture_slow(6).next()).toEqual({ done: true, value: 106 });
    stop();
  });
});
