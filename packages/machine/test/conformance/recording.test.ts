import { writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expandPages, numbersOf, parseRecording, RecordingError, recordingFiles } from '../../src/conformance/recording.js';
import { scratch } from '../topology/helpers.js';
import { bootOf, recordingOf, region } from './helpers.js';

describe('a recording', () => {
  it('is read with what varies from run to run left out', () => {
    const { steps } = recordingOf([{
      op: 'hog H node=2 leave=8', ret: 0, vol_free: 3, volatile_hog: { pages: 4 }, volatile: { us: 1 },
      state: { H: { taskpol: 'default', mems: '0-3', r: { hog2: { vol: 1 }, r1: region('1*2 -') }, other: {} }, A: 'dead' },
    }]);
    expect([...steps[0]!.fields]).toEqual([['ret', 0]]);
    const task = steps[0]!.state!.get('H')!;
    expect(task === 'dead' ? '' : [...task.regions.keys()]).toEqual(['r1']);
    expect(steps[0]!.state!.get('A')).toBe('dead');
  });
  it('has the machine: frames, CPUs, distances and the order of fallback', () => {
    const { boot } = recordingOf([], 2);
    expect(boot.nodes).toEqual([{ id: 0, pages: 32_768, cpus: [0], distances: [10, 20] }, { id: 1, pages: 32_768, cpus: [1], distances: [20, 10] }]);
    expect(boot.fallback.get(1)).toEqual([1, 0]);
  });
  it.each([
    ['{', /^f\.json: not JSON: /],
    ['[]', 'f.json: expected an object, found []'],
    [JSON.stringify({ results: [] }), 'f.json: boot: expected an object, found nothing'],
    [JSON.stringify({ results: [{ op: 3 }] }), 'f.json: operation 0: op: expected a string, found 3'],
    [JSON.stringify({ results: [{ op: 'free', state: { A: 7 } }] }), 'f.json: operation 0: A: expected an object, found 7'],
    [JSON.stringify({ results: [{ op: 'free', state: { A: { r: { r1: { pg: '1*x', vmas: [] } } } } }] }), 'f.json: operation 0: A: r1: expected runs of pages such as 1*4, found "1*x"'],
    [JSON.stringify({ results: [], boot: { ...bootOf(1), zones: 'many' } }), 'f.json: boot: zones: expected zones such as 0:DMA32=45056, found "many"'],
  ])('that is none says what is wrong where: %s', (text, message) => {
    expect(() => parseRecording('f.json', text)).toThrow(message);
    expect(() => parseRecording('f.json', text)).toThrow(RecordingError);
  });
});

describe('a directory of recordings', () => {
  it('gives them by name', () => {
    const directory = scratch();
    for (const name of ['b.json', 'a.json', 'notes.txt']) writeFileSync(path.join(directory, name), '{}');
    expect(recordingFiles(directory).map(({ file }) => file)).toEqual(['a.json', 'b.json']);
  });
  it('that is not there, or empty, is an error', () => {
    const directory = scratch();
    expect(() => recordingFiles(directory)).toThrow('expected recordings (*.json), found none');
    expect(() => recordingFiles(path.join(directory, 'nowhere'))).toThrow(/nowhere: ENOENT/);
  });
});

describe('lists of numbers and of pages', () => {
  it('hold what they name', () => {
    fc.assert(fc.property(fc.array(fc.tuple(fc.constantFrom('-', 'z', 'x', '0', '3', 'p1'), fc.integer({ min: 1, max: 9 }))), runs => {
      expect(expandPages(runs.map(([page, count]) => (count === 1 ? page : `${page}*${count}`)).join(' '))).toEqual(runs.flatMap(([page, count]) => Array<string>(count).fill(page)));
    }));
  });
  it.each([['', []], ['0-2,5', [0, 1, 2, 5]], ['3\n', [3]], ['2-1', null], ['a', null], ['1,', null]])('%j', (text, expected) => {
    expect(numbersOf(text)).toEqual(expected);
  });
});
