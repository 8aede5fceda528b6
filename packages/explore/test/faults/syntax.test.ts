import { describe, expect, it } from 'vitest';
import { drawFaults, FAULT_NAMES, FaultError, parseFault, parseRace, withFaults } from '@pmkit/explore';
import { moved } from '../rig.js';

describe('a fault as text', () => {
  it.each([
    ['alloc-fail', { name: 'alloc-fail', parameters: [], times: 1 }],
    ['alloc-fail:node2*3', { name: 'alloc-fail', parameters: ['node2'], times: 3 }],
    ['page-locked:job:a + 1P', { name: 'page-locked', parameters: ['job', 'a + 1P'], times: 1 }],
    ['munmap:job:a:2 * 2', { name: 'munmap', parameters: ['job', 'a', '2'], times: 2 }],
  ])('%s', (text, expected) => expect(parseFault(text)).toEqual({ text, ...expected }));
  it.each([
    ['power-cut', /^expected one of the faults alloc-fail, .*, found 'power-cut'$/],
    ['toString', /^expected one of the faults/],
    ['alloc-fail:0', /^expected alloc-fail\[:NTH\|:nodeN\] with which allocation \(3 is the third\), or nodeN, found '0'$/],
    ['page-locked:job', /^expected page-locked:TASK:ADDRESS, found 'page-locked:job'$/],
    ['page-locked:job:{1}', /with an address, found '\{1\}'$/],
    ['page-locked:job:a b', /with an address, such as a \+ 1P, found 'a b'$/],
    ['kill:job:SIGKILL:now', /^expected kill:TASK\[:SIGNAL\]/],
    ['alloc-fail*101', /^expected 1 to 100 times, found 101$/],
  ])('%s is refused', (text, message) => {
    expect(() => parseFault(text)).toThrow(FaultError);
    expect(() => parseFault(text)).toThrow(message);
  });
});

describe('in the file of a race', () => {
  const file = (fault: string): string => `together: { batchd: ["migrate_pages(1, 1, {0}, {1})"] }\nfaults:\n  - alloc-fail*2\n  - "${fault}"\n`;
  it('they are read', () => expect(parseRace(file('kill:batchd'), 'r.yaml').faults.map(({ text }) => text)).toEqual(['alloc-fail*2', 'kill:batchd']));
  it('and what is wrong is said with its place', () => expect(() => parseRace(file('kill'), 'r.yaml')).toThrow(/^r\.yaml:4:\d+: faults\.1: expected kill:TASK\[:SIGNAL\], found 'kill'$/));
});

describe('from a seed', () => {
  const drawn = (seed: number): string[] => drawFaults(moved(), seed, 3).map(({ text }) => text);
  it('the same are drawn from the same', () => expect(drawn(5)).toEqual(drawn(5)));
  it('every kind is, but that which needs other trees', () => {
    const names = new Set(Array.from({ length: 200 }, (_, seed) => drawFaults(moved(), seed, 3).map(({ name }) => name)).flat());
    expect([...names].sort()).toEqual(FAULT_NAMES.filter(name => name !== 'node-offline').sort());
  });
  it('they fit each other', () => {
    for (let seed = 0; seed < 50; seed++) {
      const names = withFaults(moved(), drawn(seed)).faults.map(({ name }) => name);
      if (names.includes('no-swap')) expect(names).not.toContain('swap-read-error');
    }
  });
});
