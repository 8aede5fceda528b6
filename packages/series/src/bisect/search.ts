/**
 * Bisecting in one go, with an oracle that looks at a level. There are only eleven levels, so afterwards the others are looked at too: is the
 * answer the whole truth, or does the behaviour come and go?
 */
import { nextStep } from './steps.js';

/** What an oracle says of a level. */
export interface Judgement {
  readonly verdict: 'good' | 'bad' | 'skip';
  /** What a bad level looks like: two that are bad with another signature are not bad in the same way. */
  readonly signature: string;
}

/** `otherwise`: bad, but not with the signature of the bad end. `no build`: the tree does not build. */
export type Verdict = 'good' | 'bad' | 'skip' | 'otherwise' | 'no build';
export interface LevelVerdict { readonly level: number; readonly verdict: Verdict; readonly signature: string }

export interface BisectOptions {
  /** Known to be good, and known to be bad; both are looked at first. */
  readonly good: number;
  readonly bad: number;
  /** Levels that do not build are skipped without asking. */
  readonly builds: (level: number) => boolean;
  /** Whether a bad level must have the signature of the bad end. */
  readonly compareSignatures: boolean;
  /** Whether the levels that the search did not need are looked at as well. */
  readonly verify: boolean;
}

export interface BisectResult {
  /** The first bad level; null when only skipped ones are left, which `candidates` then names. */
  readonly firstBad: number | null;
  readonly candidates: readonly number[];
  /** What was looked at, by level. */
  readonly levels: readonly LevelVerdict[];
  /** Whether every level was looked at, and all bad ones come after all good ones and look alike. Null when not verified. */
  readonly monotone: boolean | null;
  /** Levels at which the verdict differs from that of the last level before that has one, or that are bad otherwise in yet another way. */
  readonly changes: readonly number[];
}

const FOUND: Readonly<Record<Verdict, string>> = {
  good: 'good', bad: 'bad', otherwise: 'bad, but otherwise', skip: 'one that cannot be judged', 'no build': 'one that does not build',
};

/** An end of the range is not what it was said to be. */
export class BisectEndError extends Error {
  override readonly name = 'BisectEndError';
  readonly level: number;
  readonly verdict: Verdict;
  constructor(expected: 'good' | 'bad', { level, verdict }: LevelVerdict) {
    super(`level ${level} was given as ${expected}, and is ${FOUND[verdict]}`);
    this.level = level;
    this.verdict = verdict;
  }
}

type Oracle = (level: number) => Promise<Judgement>;

/**
 * Finds the first bad level between `good` and `bad`, where good comes before bad.
 * @throws {BisectEndError} when an end is not what it was said to be.
 * @throws {RangeError} when good is not below bad.
 */
export async function bisect(oracle: Oracle, options: BisectOptions): Promise<BisectResult> {
  const { good, bad, builds, compareSignatures, verify } = options;
  if (good >= bad) throw new RangeError(`good: expected a level below the bad one (${bad}), found ${good}`);
  const seen = new Map<number, LevelVerdict>();
  /** The signature of the bad end, once that has been looked at. */
  const wanted: { signature?: string } = {};
  const look = async (level: number): Promise<LevelVerdict> => {
    const known = seen.get(level);
    if (known !== undefined) return known;
    const { verdict, signature } = builds(level) ? await oracle(level) : { verdict: 'no build' as const, signature: '' };
    const isOther = verdict === 'bad' && compareSignatures && wanted.signature !== undefined && signature !== wanted.signature;
    const result: LevelVerdict = { level, verdict: isOther ? 'otherwise' : verdict, signature };
    seen.set(level, result);
    return result;
  };

  const top = await look(bad);
  if (top.verdict !== 'bad') throw new BisectEndError('bad', top);
  wanted.signature = top.signature;
  const bottom = await look(good);
  if (bottom.verdict !== 'good') throw new BisectEndError('good', bottom);

  const { firstBad, candidates } = await narrow(look, good, bad);
  if (verify) for (let level = good; level <= bad; level++) await look(level);
  const levels = [...seen.values()].sort((a, b) => a.level - b.level);
  return { firstBad, candidates, levels, monotone: verify ? isMonotone(levels) : null, changes: changesIn(levels) };
}

async function narrow(look: (level: number) => Promise<LevelVerdict>, good: number, bad: number): Promise<Pick<BisectResult, 'firstBad' | 'candidates'>> {
  let [old, fresh] = [good, bad];
  const skipped = new Set<number>();
  for (;;) {
    const next = nextStep({ old, new: fresh, skipped });
    if (next.kind === 'found') return { firstBad: next.level, candidates: [next.level] };
    if (next.kind === 'doubt') return { firstBad: null, candidates: next.candidates };
    const { verdict } = await look(next.level);
    if (verdict === 'good') old = next.level;
    else if (verdict === 'bad') fresh = next.level;
    else skipped.add(next.level);
  }
}

const isJudged = ({ verdict }: LevelVerdict): boolean => verdict !== 'skip' && verdict !== 'no build';

/** All good levels are alike, and all bad ones that are bad as the end is; two that are bad otherwise only with the same signature. */
const isAlike = (a: LevelVerdict, b: LevelVerdict): boolean => a.verdict === b.verdict && (a.verdict !== 'otherwise' || a.signature === b.signature);

function changesIn(levels: readonly LevelVerdict[]): number[] {
  const judged = levels.filter(isJudged);
  return judged.filter((level, i) => i > 0 && !isAlike(level, judged[i - 1]!)).map(({ level }) => level);
}

/** Good, then bad in one way, and nothing else. */
function isMonotone(levels: readonly LevelVerdict[]): boolean {
  return changesIn(levels).length === 1 && levels.every(({ verdict }) => verdict !== 'otherwise');
}
