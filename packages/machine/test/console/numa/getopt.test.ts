import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Getopt, type LongOption } from '../../../src/console/getopt.js';

const LONG: readonly LongOption[] = [
  { name: 'show', takes: 'none', val: 's' }, { name: 'shm', takes: 'required', val: 'S' }, { name: 'shmid', takes: 'required', val: 'I' },
  { name: 'sort', takes: 'optional', val: 'o' }, { name: 'length', takes: 'required', val: 'L' }, { name: 'longer', takes: 'required', val: 'L' },
];

/** `a`, `b=1`, `?message` for the options, then the operands. */
function parse(usage: string, ...words: readonly string[]): [string[], string[]] {
  const getopt = new Getopt(['prog', ...words], usage, LONG);
  const options = [...getopt].map(({ opt, arg, error }) => error === undefined ? (arg === null ? opt : `${opt}=${arg}`) : `?${error}`);
  return [options, getopt.operands];
}

describe('getopt_long()', () => {
  it('takes letters one by one and in clusters, with the argument behind or in the next word', () => {
    expect(parse('abc:', '-a', '-bc1', '-c', '2', '-ac', '-b')).toEqual([['a', 'b', 'c=1', 'c=2', 'a', 'c=-b'], []]);
  });
  it('gives an optional argument only from the same word', () => {
    expect(parse('s::', '-s2', '-s', '2')).toEqual([['s=2', 's'], ['2']]);
  });
  it('takes long options, shortened as far as they are clear', () => {
    expect(parse('', '--shm=A', '--shm', 'B', '--sho', '--sort', '--sort=1', '--l', '7')).toEqual([['S=A', 'S=B', 's', 'o', 'o=1', 'L=7'], []]);
  });
  it('collects operands from between the options, and all after --', () => {
    expect(parse('a', 'x', '-a', '-', 'y', '--', '-a')).toEqual([['a'], ['x', '-', 'y', '-a']]);
  });
  it('stops at the first operand when it is told to', () => {
    expect(parse('+a', '-a', 'ls', '-a', '--show')).toEqual([['a'], ['ls', '-a', '--show']]);
  });
  it.each([
    ['-z', "invalid option -- 'z'"], ['-c', "option requires an argument -- 'c'"], ['--no', "unrecognized option '--no'"], ['--show=1', "option '--show' doesn't allow an argument"],
    ['--length', "option '--length' requires an argument"], ['--sh', "option '--sh' is ambiguous; possibilities: '--show' '--shm' '--shmid'"],
  ])('says what is wrong with %s', (word, message) => {
    expect(parse('ac:', word)).toEqual([[`?prog: ${message}\n`], []]);
  });
  it('goes on behind what is wrong', () => {
    expect(parse('a', '-za', '--no', '-a')[0]).toEqual(["?prog: invalid option -- 'z'\n", 'a', "?prog: unrecognized option '--no'\n", 'a']);
  });
  it('reads what it has read, written in the plainest way, as the same', () => {
    const word = fc.oneof(fc.constantFrom('-a', '-ac', '-c', '--', '-', '--show', '--shm', '--shm=x', '--sort', '-s', '-s1', 'x', ''), fc.string({ maxLength: 3 }));
    fc.assert(fc.property(fc.array(word, { maxLength: 8 }), words => {
      const [options, operands] = parse('ac:s::S:I:o::L:', ...words);
      fc.pre(!options.some(option => option.startsWith('?')));
      const plain = options.map(option => `-${option.replace('=', '')}`);
      expect(parse('ac:s::S:I:o::L:', ...plain.filter(option => option !== '-S' && option !== '-c'), '--', ...operands)).toEqual([options.filter(option => option !== 'S=' && option !== 'c='), operands]);
    }));
  });
});
