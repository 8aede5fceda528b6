import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeState, encodeState, setupOf, type PageState } from '../src/engine/permalink.js';
import { DIMENSIONS, type RunSetup } from '../src/protocol.js';

const number = fc.nat({ max: 1 << 30 });
const tree = fc.tuple(fc.integer({ min: 0, max: 10 }), fc.boolean()).map(([level, hotplug]) => `${level}${hotplug ? '+hotplug' : ''}`);
const line = fc.string({ unit: 'grapheme' }).map(text => text.replaceAll(/[\r\n]/g, ' '));
const script = fc.oneof(
  fc.record({ kind: fc.constant('known' as const), name: fc.string() }),
  fc.record({ kind: fc.constant('behaviour' as const), id: fc.string() }),
  fc.record({ kind: fc.constant('scenario' as const), text: fc.string({ unit: 'grapheme' }), name: fc.string() }, { requiredKeys: ['kind', 'text'] }),
  // no line, or lines: one empty line is none
  fc.record({ kind: fc.constant('console' as const), lines: fc.array(line).filter(lines => lines.join('') !== '' || lines.length !== 1), name: fc.string() }, { requiredKeys: ['kind', 'lines'] }),
);
const machine = fc.oneof(
  fc.constantFrom('altix64', 'pmkit').map(name => ({ kind: 'preset' as const, name })),
  fc.constant({ kind: 'own' as const }),
  fc.record({ kind: fc.constant('uniform' as const), nodes: fc.integer({ min: 1, max: 256 }), pagesPerNode: fc.integer({ min: 64, max: 1 << 20 }) }),
);
const state: fc.Arbitrary<PageState> = fc.record({
  machine, tree, script, moves: fc.array(fc.record({ step: fc.nat({ max: 999_999 }), level: fc.integer({ min: 0, max: 10 }) }), { minLength: 1 }), swap: number,
  position: fc.record({ step: fc.nat({ max: 999_999 }), event: fc.nat({ max: 999_999 }) }), beside: tree, node: number, pfn: number, pid: number, address: fc.nat({ max: 2 ** 47 }).map(page => page * 16_384),
  dimension: fc.constantFrom(...DIMENSIONS), panel: fc.constantFrom('patch', 'tour'), patch: fc.constant('add-sys_migrate_pages-rc3.patch'), race: fc.constant('killed-by-vm'), tour: fc.nat({ max: 11 }),
}, { requiredKeys: [] }) as fc.Arbitrary<PageState>;

describe('a permalink', () => {
  it('leads back to the state that it was made of', () => {
    fc.assert(fc.property(state, given => {
      expect(decodeState(`#${encodeState(given)}`)).toEqual(given);
    }), { numRuns: 200 });
  });

  it('can be read', () => {
    expect(encodeState({ tree: '9', machine: { kind: 'preset', name: 'altix64' }, script: { kind: 'known', name: 'overview' }, position: { step: 120, event: 3 }, pid: 72, address: 0x2000_0000_0000_4000 }))
      .toBe('level=9&machine=altix64&script=overview&at=120.3&pid=72&address=2000000000004000');
  });

  it('is not trusted', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme-ascii' }), text => {
      expect(() => decodeState(text)).not.toThrow();
    }), { numRuns: 50 });
    expect(decodeState('#level=11&machine=<b>&at=-1&pid=1a&address=zz&colour=red&moves=1:2,&tour=0&nothing=1')).toEqual({});
  });
});

describe('setupOf()', () => {
  const usual: RunSetup = { machine: { kind: 'preset', name: 'altix64' }, tree: '10', script: { kind: 'console', lines: ['overview'] } };

  it('takes what is not said from what is usual', () => {
    expect(setupOf({}, usual, () => undefined)).toEqual(usual);
    expect(setupOf({ tree: '4', script: { kind: 'known', name: 'x' } }, usual, name => ({ kind: 'console', lines: [name] }))).toEqual({ ...usual, tree: '4', script: { kind: 'console', lines: ['x'] } });
  });

  it('has a behaviour on the machine that it asks for, if no other is named', () => {
    expect(setupOf({ script: { kind: 'behaviour', id: 'mlock' } }, usual, () => undefined).machine).toEqual({ kind: 'own' });
  });
});
