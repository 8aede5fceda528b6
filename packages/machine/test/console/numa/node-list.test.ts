import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatList } from '@pmkit/mm-core/model/number-list';
import { parseNodeList, type ListRules } from '../../../src/console/node-list.js';

/** Nodes 0 to 7 are there; the task may use 2, 3, 5 and 6. */
const rules: ListRules = { what: 'node', allowed: [2, 3, 5, 6], configured: 8, size: 256 };
const numbers = (text: string, of: ListRules = rules): unknown => {
  const list = parseNodeList(text, of);
  return 'numbers' in list ? list.numbers : list;
};

describe('a list of nodes', () => {
  it.each<[string, readonly number[]]>([
    ['3', [3]], ['2,5', [2, 5]], ['5,2,2', [2, 5]], ['2-6', [2, 3, 5, 6]], ['6-2', [6]], ['all', [2, 3, 5, 6]], ['2,all', [2, 3, 5, 6]], ['', []], ['0x2,03', [2, 3]], [' 2', [2]],
    ['+0', [2]], ['+1-2', [3, 5]], ['+0,3', [2, 6]], ['+all', [2, 3, 5, 6]],
  ])('%j is %j', (text, expected) => {
    expect(numbers(text)).toEqual(expected);
  });
  it.each<[string, readonly number[]]>([['!2-3', [0, 1, 4, 5, 6, 7]], ['!all', [0, 1, 4, 7]], ['!+0', [0, 1, 3, 4, 5, 6, 7]]])('with ! in front (%j) is the others of those configured, allowed or not', (text, expected) => {
    expect(numbers(text)).toEqual(expected);
  });
  it.each([
    ['0', 'node argument 0 is out of range\n'], ['2-7', 'node argument 7 out of range\n'], ['-1', 'node argument -1 is out of range\n'], ['+4', 'node argument 256 is out of range\n'],
    ['x', "unparseable node description `x'\n"], ['2,', "unparseable node description `'\n"], ['2-', 'missing node argument \n'], ['2-x', 'missing node argument x\n'], ['allx', "unparseable node description `allx'\n"],
  ])('%j is refused with the words of libnuma', (text, warning) => {
    expect(numbers(text)).toEqual({ warning });
  });
  it.each(['2x', '2 3', '2;3', '2-3-5'])('%j is refused without a word', text => {
    expect(numbers(text)).toEqual({ warning: null });
  });
  it('may name a device instead', () => {
    expect([numbers('file:/x,2'), numbers('2,pci:0:0.0')]).toEqual([{ device: 'file:/x,2' }, { device: 'pci:0:0.0' }]);
  });
  it('that formatList() has written reads as what it was', () => {
    fc.assert(fc.property(fc.uniqueArray(fc.nat(255), { maxLength: 40 }), given => {
      const allowed = given.sort((a, b) => a - b);
      expect(numbers(formatList(allowed), { ...rules, allowed })).toEqual(allowed);
    }));
  });
  it('is read to some end, whatever it says', () => {
    fc.assert(fc.property(fc.stringMatching(/^[!+]?[0-9,\-+! allx:.]{0,12}$/), text => {
      const list = parseNodeList(text, rules);
      if ('numbers' in list) for (const number of list.numbers) expect(number).toBeLessThan(rules.configured);
    }));
  });
});

describe('a list of CPUs', () => {
  const cpus: ListRules = { what: 'cpu', allowed: [0, 1, 4], configured: 5, size: 512 };
  it('is read alike, without devices, and its warnings quote the text', () => {
    expect([numbers('0-4', cpus), numbers('!1', cpus), numbers('7,0', cpus), numbers('0-7', cpus), numbers('file:x', cpus)]).toEqual([
      [0, 1, 4], [0, 2, 3, 4], { warning: 'cpu argument 7,0 is out of range\n' }, { warning: 'cpu argument 7 out of range\n' }, { warning: "unparseable cpu description `file:x'\n" },
    ]);
  });
});
