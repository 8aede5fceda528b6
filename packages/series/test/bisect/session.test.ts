import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyCharacter } from '../../../../test/any-character.js';
import {
  BisectError, checkTerms, DEFAULT_TERMS, formatLog, mark, MAX_LOG, parseLog, replayLog, startSession, status, termsFor, type Log, type LogEntry, type Session, type Terms,
} from '../../src/bisect/index.js';

const TOP = 10;

const say = (session: Session, words: string): Session =>
  words.split(', ').reduce((before, word) => {
    const [term, level] = word.split(' ');
    return mark(before, term!, Number(level));
  }, session);

const begin = (terms?: Terms): Session => startSession('base', terms);

describe('what there is to do', () => {
  it.each([
    ['', { kind: 'waiting', for: ['old', 'new'] }],
    ['skip 5', { kind: 'waiting', for: ['old', 'new'] }],
    ['bad 10', { kind: 'waiting', for: ['old'] }],
    ['good 0', { kind: 'waiting', for: ['new'] }],
    ['bad 10, good 0', { kind: 'test', level: 5, left: 4, steps: 2 }],
    ['bad 10, good 0, good 5', { kind: 'test', level: 7, left: 2, steps: 1 }],
    ['bad 10, good 0, skip 5', { kind: 'test', level: 4, left: 5, steps: 2 }],
    ['bad 4, good 0, good 3', { kind: 'found', level: 4 }],
    ['bad 6, good 2, skip 3, skip 4, skip 5', { kind: 'doubt', candidates: [3, 4, 5, 6] }],
  ])('after %j', (words, wanted) => {
    expect(status(words === '' ? begin() : say(begin(), words))).toEqual(wanted);
  });

  it('the highest old level and the last new one count, in whatever order they were said', () => {
    expect(status(say(begin(), 'good 3, good 1, bad 9, bad 5'))).toMatchObject({ kind: 'test', level: 4 });
  });

  it('a skipped level that is judged after all is no longer skipped', () => {
    expect(status(say(begin(), 'bad 6, good 4, skip 5, good 5'))).toEqual({ kind: 'found', level: 6 });
    expect(status(say(begin(), 'bad 6, good 4, skip 5, bad 5'))).toEqual({ kind: 'found', level: 5 });
  });

  it('a level that is known stays known when a range with it is skipped', () => {
    expect(status(say(begin(), 'bad 4, good 3, skip 3, skip 4'))).toEqual({ kind: 'found', level: 4 });
  });

  it.each([
    ['good 5, bad 5', /Level 5 was both good and bad/],
    ['bad 5, good 5', /Level 5 was both good and bad/],
    ['bad 3, good 7', /Level 7 is good and lies above level 3, which is bad[\s\S]*--term-old=broken --term-new=fixed/],
  ])('nothing makes sense after %j', (words, message) => {
    const session = say(begin(), words);
    expect(() => status(session)).toThrow(BisectError);
    expect(() => status(session)).toThrow(message);
  });

  it('every monotone history is brought to its end by asking and answering', () => {
    const history = fc.record({ first: fc.integer({ min: 1, max: TOP }), skipped: fc.uniqueArray(fc.integer({ min: 1, max: TOP - 1 })) });
    fc.assert(
      fc.property(history, ({ first, skipped }) => {
        let session = say(begin(), `bad ${TOP}, good 0`);
        for (let asked = 0; ; asked++) {
          expect(asked).toBeLessThan(TOP);
          const now = status(session);
          if (now.kind === 'found') {
            expect(now.level).toBe(first);
            return;
          }
          if (now.kind === 'doubt') {
            expect(now.candidates).toContain(first);
            expect(now.candidates.slice(0, -1).every((level) => skipped.includes(level))).toBe(true);
            return;
          }
          if (now.kind === 'waiting') throw new Error('both ends are known');
          session = mark(session, skipped.includes(now.level) ? 'skip' : now.level < first ? 'good' : 'bad', now.level);
        }
      }),
    );
  });
});

describe('terms', () => {
  // Each as git 2.39 takes it, but for the letters a word is made of.
  it.each([
    ['good', 'bad'], ['old', 'new'], ['fast', 'slow'], ['fast', 'bad'], ['good', 'new'], ['old', 'bad'], ['origin', 'mark'], ['constructor', 'toString'], ['v2_6-old', 'X'],
  ])('%s and %s will do', (old, fresh) => {
    expect(checkTerms({ old, new: fresh })).toEqual({ old, new: fresh });
  });

  it.each([
    ['fast', 'fast', 'please use two different terms'],
    ['bad', 'good', "can't change the meaning of the term 'bad'"],
    ['fast', 'good', "can't change the meaning of the term 'good'"],
    ['new', 'slow', "can't change the meaning of the term 'new'"],
    ['start', 'slow', "can't use the builtin command 'start' as a term"],
    ['fast', 'reset', "can't use the builtin command 'reset' as a term"],
    ['fast', 'run', "can't use the builtin command 'run' as a term"],
    ['two words', 'slow', "'two words' is not a valid term"],
    ['', 'slow', "'' is not a valid term"],
    ['fast', '--slow', "'--slow' is not a valid term"],
    ['fast', '3', "'3' is not a valid term"],
    ['fast\npmkit', 'slow', 'is not a valid term'],
  ])('%j and %j will not', (old, fresh, message) => {
    expect(() => checkTerms({ old, new: fresh })).toThrow(BisectError);
    expect(() => checkTerms({ old, new: fresh })).toThrow(message);
  });

  it('of its own are the only ones a session takes', () => {
    const session = begin({ old: 'fast', new: 'slow' });
    expect(status(say(session, 'slow 9, fast 2'))).toMatchObject({ kind: 'test', level: 5 });
    expect(() => mark(session, 'good', 3)).toThrow("Invalid command: you're currently in a slow/fast bisect");
  });

  it.each([
    ['old', 'a session that has said nothing', DEFAULT_TERMS, [], { old: 'old', new: 'new' }],
    ['new', 'one that has only skipped', DEFAULT_TERMS, ['skip'], { old: 'old', new: 'new' }],
    ['new', 'one that has said bad', DEFAULT_TERMS, ['bad'], DEFAULT_TERMS],
    ['good', 'a session that has said nothing', DEFAULT_TERMS, [], DEFAULT_TERMS],
    ['old', 'one with terms of its own', { old: 'fast', new: 'slow' }, [], { old: 'fast', new: 'slow' }],
  ] as const)('%s in %s', (word, _, terms, said, wanted) => {
    expect(termsFor({ terms, entries: said.map((term) => ({ term, level: 3 })) }, word)).toEqual(wanted);
  });
});

const terms = fc.oneof(
  fc.constantFrom<Terms>(DEFAULT_TERMS, { old: 'old', new: 'new' }, { old: 'fast', new: 'bad' }, { old: 'origin', new: 'mark' }, { old: 'good', new: 'origin' }),
  fc.record({ old: fc.stringMatching(/^[A-Za-z][\w-]{0,12}$/), new: fc.stringMatching(/^[A-Za-z][\w-]{0,12}$/) }).filter((pair) => {
    try {
      return checkTerms(pair) === pair;
    } catch {
      return false;
    }
  }),
);
const logs: fc.Arbitrary<Log> = terms.chain((pair) =>
  fc.record({
    terms: fc.constant(pair),
    hotplug: fc.boolean(),
    origin: fc.constantFrom('base', 'xfs-migrate-page-rc4.patch', 'N1.0-memsection_migrate.patch'),
    entries: fc.array(fc.record({ term: fc.constantFrom(pair.old, pair.new, 'skip'), level: fc.integer({ min: 0, max: TOP }) }), { maxLength: 30 }),
  }),
);
const nameOf = (level: number): string => `patch-${level}.patch`;

describe('a log', () => {
  it('says what was said, one command a line, with the names beside it', () => {
    const entries: readonly LogEntry[] = [{ term: 'slow', level: 9 }, { term: 'skip', level: 5 }];
    expect(formatLog({ terms: { old: 'fast', new: 'slow' }, hotplug: true, origin: 'base', entries }, nameOf)).toBe(
      [
        '# pmkit bisect 1', '# origin: base', 'pmkit bisect start --hotplug --term-new=slow --term-old=fast',
        '# slow: [9] patch-9.patch', 'pmkit bisect slow 9', '# skip: [5] patch-5.patch', 'pmkit bisect skip 5', '',
      ].join('\n'),
    );
  });

  it('is the same when it is read again, and leads to the same session', () => {
    fc.assert(
      fc.property(logs, (log) => {
        const again = parseLog(formatLog(log, nameOf), TOP);
        expect(again).toEqual(log);
        const session = log.entries.reduce((before, { term, level }) => mark(before, term, level), startSession(log.origin, log.terms, log.hotplug));
        expect(replayLog(again)).toEqual(session);
      }),
      { numRuns: 300 },
    );
  });

  it('may have lines of comment added and lines taken out by hand', () => {
    const text = ['# pmkit bisect 1', '# origin: base', '', '# by hand', 'pmkit bisect start', 'pmkit bisect bad 8', '# was wrong: pmkit bisect good 9', 'pmkit bisect good 2', ''].join('\n');
    expect(parseLog(text, TOP)).toEqual({ terms: DEFAULT_TERMS, hotplug: false, origin: 'base', entries: [{ term: 'bad', level: 8 }, { term: 'good', level: 2 }] });
  });
});

describe('a damaged log is refused', () => {
  const text = (...lines: readonly string[]): string => ['# pmkit bisect 1', '# origin: base', 'pmkit bisect start', ...lines, ''].join('\n');
  it.each([
    ['nothing', '', /^line 1: found "", expected '# pmkit bisect 1'/],
    ['another file', 'From: Ray Bryant\n', /^line 1: found "From: Ray Bryant", expected '# pmkit bisect 1'/],
    ['one of a later version', '# pmkit bisect 2\n', /^line 1: found "# pmkit bisect 2"/],
    ["git's", 'git bisect start\ngit bisect bad 8f3b1a2\n', /^line 1: found "git bisect start"/],
    ['nothing but the head', '# pmkit bisect 1\n# origin: base\n', /^line 3: found "", expected 'pmkit bisect start'/],
    ['a mark before the start', '# pmkit bisect 1\npmkit bisect bad 3\n', /^line 2: found "pmkit bisect bad 3", expected 'pmkit bisect start'/],
    ['no level', text('pmkit bisect bad'), /^line 4: found "pmkit bisect bad", expected 'pmkit bisect TERM LEVEL'/],
    ['a level too high', text('pmkit bisect bad 10', 'pmkit bisect good 11'), /^line 5: found "pmkit bisect good 11", expected a level from 0 to 10/],
    ['a negative level', text('pmkit bisect bad -1'), /^line 4: found "pmkit bisect bad -1"/],
    ['a level in words', text('pmkit bisect bad three'), /^line 4: found "pmkit bisect bad three"/],
    ['a word that is no term', text('pmkit bisect slow 3'), /^line 4: found "pmkit bisect slow 3", expected good, bad or skip/],
    ['a second start', text('pmkit bisect start'), /^line 4: found "pmkit bisect start"/],
    ['another command', text('rm -rf /'), /^line 4: found "rm -rf \/"/],
    ['terms that are none', '# pmkit bisect 1\n# origin: base\npmkit bisect start --term-new=run --term-old=fast\n', /^line 3: can't use the builtin command 'run' as a term/],
    ['one that was cut off', text('pmkit bisect bad 10').slice(0, -2), /^line 4: found "pmkit bisect bad 1", expected a line that is ended/],
    ['a very long line', text(`pmkit bisect ${'x'.repeat(5000)}`), /^line 4: found "pmkit bisect x{64}\.\.\.", expected/],
    ['too much of it', text('# x\n'.repeat(MAX_LOG)), new RegExp(`^expected ${MAX_LOG} characters at most, found \\d+$`)],
    ['zero bytes', text('\0\0\0'), /^line 4: found "(\\u0000){3}"/],
  ])('%s', (_, damaged, message) => {
    expect(() => parseLog(damaged, TOP)).toThrow(BisectError);
    expect(() => parseLog(damaged, TOP)).toThrow(message);
  });

  it('and whatever else is in the file, nothing but that is thrown, and what is read can be replayed', () => {
    const line = fc.oneof(
      fc.string(), fc.string({ unit: anyCharacter }), fc.constantFrom('', '#', '# origin: base', '# origin: ', 'pmkit bisect start', 'pmkit bisect start --hotplug', 'pmkit bisect skip 3', 'pmkit bisect bad 10', 'pmkit bisect good 0', 'pmkit bisect good 99'),
      fc.tuple(fc.string({ maxLength: 8 }), fc.integer({ min: -5, max: 120 })).map(([word, level]) => `pmkit bisect ${word} ${level}`),
      fc.tuple(fc.string({ maxLength: 8 }), fc.string({ maxLength: 8 })).map(([fresh, old]) => `pmkit bisect start --term-new=${fresh} --term-old=${old}`),
    );
    const file = fc.tuple(fc.boolean(), fc.array(line)).map(([hasHead, lines]) => [...(hasHead ? ['# pmkit bisect 1'] : []), ...lines, ''].join('\n'));
    fc.assert(
      fc.property(fc.oneof({ weight: 9, arbitrary: file }, { weight: 1, arbitrary: fc.string() }), (content) => {
        let log: Log;
        try {
          log = parseLog(content, TOP);
        } catch (error) {
          expect(error).toBeInstanceOf(BisectError);
          return;
        }
        const { old, new: fresh } = replayLog(log);
        expect([...old, fresh ?? 0].every((level) => level >= 0 && level <= TOP)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});
