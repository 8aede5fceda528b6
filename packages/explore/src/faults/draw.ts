/** Faults from a seed. */
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { Race } from '../race.js';
import { FAULT_NAMES, parseFault, type Fault, type FaultName } from './syntax.js';

/** The same race with these faults in place of its own. @throws {FaultError} for a text that cannot be read. */
export const withFaults = (race: Race, faults: readonly string[]): Race => ({ ...race, faults: faults.map(parseFault) });

type Pick = <T>(candidates: readonly T[]) => T;

/**
 * Draws `count` faults for a race (fewer when some would make no sense together): which, and on which of its tasks, addresses and nodes. Left out is what the tree may not have (node-offline).
 * @returns the same for the same race and seed.
 */
export function drawFaults(race: Race, seed: number, count = 1): Fault[] {
  const random = xoroshiro128plus(Math.imul(seed, 0x9e37_79b1) | 0);
  const pick: Pick = candidates => candidates[uniformInt(random, 0, candidates.length - 1)]!;
  const addresses = race.before.flatMap(({ task, as, name }) => (as !== null && (name === 'mmap' || name === 'shmat') ? [`${task}:${as}`] : []));
  const names = FAULT_NAMES.filter(name => name !== 'node-offline' && (addresses.length > 0 || !NEEDS_ADDRESS.has(name)));
  const drawn = Array.from({ length: count }, () => parseFault(drawOne(race, pick(names), addresses, pick)));
  return drawn.some(({ name }) => name === 'no-swap') ? drawn.filter(({ name }) => !NEEDS_SWAP.has(name)) : drawn;
}

const NEEDS_SWAP: ReadonlySet<FaultName> = new Set(['swap-read-error', 'swap-write-error']);
const NEEDS_ADDRESS: ReadonlySet<FaultName> = new Set(['page-locked', 'page-writeback', 'page-held', 'munmap']);

function drawOne({ machine, together }: Race, name: FaultName, addresses: readonly string[], pick: Pick): string {
  const node = (): number => pick(Array.from({ length: machine.nodes }, (_, i) => i));
  const task = (): string => pick([...together.keys()]);
  switch (name) {
    case 'alloc-fail': return pick([name, `${name}:${pick([2, 3, 4, 5, 6, 7, 8])}`, `${name}:node${node()}`]);
    case 'memory-pressure': return pick([name, `${name}:${node()}`]);
    case 'page-locked': case 'page-writeback': case 'page-held': return `${name}:${pick(addresses)}`;
    case 'munmap': return addressOf(together, addresses, pick);
    case 'set_mempolicy': return `${name}:${task()}:${pick(['bind', 'interleave', 'preferred'])}:${node()}`;
    case 'cpuset': return `${name}:${task()}:${node()}`;
    case 'kill': case 'exit': case 'fork': return `${name}:${task()}`;
    default: return name;
  }
}

/** Only a task that is in the race can unmap something in it. */
function addressOf(together: Race['together'], addresses: readonly string[], pick: Pick): string {
  const its = addresses.filter(address => together.has(address.slice(0, address.indexOf(':'))));
  return its.length === 0 ? `exit:${pick([...together.keys()])}` : `munmap:${pick(its)}`;
}
