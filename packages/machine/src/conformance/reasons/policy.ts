/** mbind(), set_mempolicy() and get_mempolicy(): modes, flags and checks that came after 2.6.12. */
import { onlyTheirsChanged, ourErr, theirErr, vmasAt, before, type Case, type Rule } from '../case.js';
import type { Difference } from '../difference.js';
import { flagNumber } from '../policy-words.js';
import type { Mode } from '../operation.js';
import { plainPolicy } from '../align.js';

const isPolicy = (d: Difference): boolean => d.aspect === 'policy' || d.aspect === 'page policy';
const modeOf = (c: Case): Mode | null => (c.op.kind === 'setpol' || c.op.kind === 'mbind' || c.op.kind === 'thread' ? c.op.mode : null);
const mbindFlags = (c: Case): number => (c.op.kind === 'mbind' ? flagNumber(c.op.flags, 'mbind') : 0);
const told = (c: Case): string => String(c.step.fields.get('mode') ?? '');
/** The result differs so: these errnos, null for success, which is 0 in all calls that these rules are about. */
const isResult = (d: Difference, theirs: string | null, ours: string | null, c: Case): boolean =>
  d.aspect === 'result' && theirErr(c) === theirs && ourErr(c) === ours && (theirs !== null || c.step.fields.get('ret') === 0);

/** What mbind() did there and did not do here: the policy and the vmas of the range, and where pages are, which others may map too. */
const isEffect = (d: Difference, c: Case): boolean => {
  if (c.op.kind !== 'mbind') return false;
  if (d.aspect === 'vm') return /^pgmigrate_/.test(d.place) && d.ours === '0';
  if (!onlyTheirsChanged(d, c)) return false;
  return d.aspect === 'page' || ((d.aspect === 'page policy' || d.aspect === 'vmas') && d.place === c.op.range.region);
};

/** A mode, or a flag of one, that 2.6.12 does not have: to it the number is just too high. */
function modeRule(id: string, since: string, source: string, sentence: string, has: (mode: Mode) => boolean, shown: RegExp): Rule {
  return {
    id, since, source, sentence,
    applies: (d, c) => {
      const mode = modeOf(c);
      if (mode !== null && has(mode) && isResult(d, null, 'EINVAL', c)) return true;
      if (c.op.kind === 'getpol' && d.aspect === 'result' && theirErr(c) === null && c.step.fields.get('ret') === c.performed.fields.get('ret') && shown.test(told(c))) return true;
      // the policy that the recorded kernel has, and this one could only be given without the flag, or not at all
      return isPolicy(d) && shown.test(d.theirs) && (plainPolicy(d.theirs) === d.ours || before(c, d).ours === d.ours);
    },
  };
}

export const POLICY_RULES: readonly Rule[] = [
  modeRule('mode-flags', '2.6.26 (2008-07)', 'f5b087b52f17, 4c50bc0116cf', 'MPOL_F_STATIC_NODES and MPOL_F_RELATIVE_NODES', mode => mode.flags.some(flag => flag === 'static' || flag === 'relative'), /[+=](static|relative)/),
  modeRule('numa-balancing', '5.12 (2021-04)', 'bda420b98505', 'MPOL_F_NUMA_BALANCING', mode => mode.flags.includes('numabal'), /\+numabal|=balancing/),
  modeRule('mode-local', '3.8 (2013-02)', '479e2802d09f', 'MPOL_LOCAL, a mode of its own; before, PREFERRED without nodes', mode => mode.mode === 'local', /^local$/),
  modeRule('mode-preferred-many', '5.15 (2021-10)', 'b27abaccf8e8', 'MPOL_PREFERRED_MANY', mode => mode.mode === 'prefmany', /^pref(er-)?many/),
  {
    id: 'local-told', since: '5.14 (2021-08)', source: '7858d7bca7fb, mm/mempolicy: don\'t handle MPOL_LOCAL like a fake MPOL_PREFERRED policy',
    sentence: 'get_mempolicy() tells PREFERRED without nodes as MPOL_LOCAL, and no nodes; 2.6.12 tells PREFERRED and all nodes that are online.',
    applies: (d, c) => c.op.kind === 'getpol' && d.aspect === 'result' && theirErr(c) === null && ourErr(c) === null && /^(local|preferred)$/.test(told(c)) && c.step.fields.get('nodes') === '',
  },
  {
    id: 'mbind-move', since: '2.6.16 (2006-03)', source: 'dc9aa5b9d65f: MPOL_MF_MOVE',
    sentence: 'mbind() can move pages that are there already; here the flag is unknown.',
    applies: (d, c) => c.op.kind === 'mbind' && (mbindFlags(c) & 2) !== 0 && ourErr(c) === 'EINVAL' && (d.aspect === 'result' || isEffect(d, c)),
  },
  {
    id: 'mmigrate-bits', since: 'rc3 6/10', source: 'add-mempolicy-control-rc3.patch; 2.6.16 gave 1<<2 to MPOL_MF_MOVE_ALL, 3.8 gave 1<<3 to MPOL_MF_LAZY',
    sentence: 'Three flags of rc3\'s mbind() mark the file that is mapped and leave policy and mode unlooked at; to later kernels the same bits are MOVE_ALL, LAZY, or unknown.',
    applies: (d, c) => c.op.kind === 'mbind' && (mbindFlags(c) & 2) === 0 && (mbindFlags(c) & 0x1c) !== 0 && (d.aspect === 'result' || isEffect(d, c)),
  },
  {
    id: 'null-mask', since: '2.6.15 (2006-01)', source: '8bccd85ffbaf: do_set_mempolicy() and do_mbind() check whatever mask get_nodes() gave',
    sentence: 'A mask that is NULL, or of no bits, is checked against the mode; 2.6.12 returns from get_nodes() before it looks, and makes a policy without nodes.',
    applies: (d, c) => isResult(d, 'EINVAL', null, c) && (c.op.kind === 'setpol' || c.op.kind === 'mbind') && (c.op.nodes === 'NULL' || c.op.maxnode === 1) && /^(bind|interleave)$/.test(c.op.mode.mode),
  },
  {
    id: 'preferred-nowhere', since: '2.6.15 (2006-01)', source: '8bccd85ffbaf, contextualize_policy(); today mpol_set_nodemask()',
    sentence: 'PREFERRED with nodes of which the caller may use none is refused; 2.6.12 cuts the mask down silently, and no node left means local.',
    applies: (d, c) => isResult(d, 'EINVAL', null, c) && (c.op.kind === 'setpol' || c.op.kind === 'mbind') && c.op.mode.mode === 'preferred' && Array.isArray(c.op.nodes) && c.op.nodes.length > 0,
  },
  {
    id: 'negative-mode', since: '2.6.13 (2005-08)', source: 'stable tree, August 2005: the mode of set_mempolicy() is checked on both sides',
    sentence: 'A mode below 0 is refused; in 2.6.12 it becomes a policy that the next allocation falls over.',
    applies: (d, c) => isResult(d, 'EINVAL', null, c) && c.op.kind === 'setpol' && Number(c.op.mode.mode) < 0,
  },
  {
    id: 'default-over-holes', since: '2.6.16 (2006-03)', source: 'dc9aa5b9d65f: MPOL_MF_DISCONTIG_OK',
    sentence: 'mbind(MPOL_DEFAULT) passes over holes in the range; 2.6.12 wants it mapped throughout whatever the mode.',
    applies: (d, c) => c.op.kind === 'mbind' && c.op.mode.mode === 'default' && theirErr(c) === null && ourErr(c) === 'EFAULT' && (d.aspect === 'result' || isEffect(d, c)),
  },
  {
    id: 'mbind-merges', since: '2.6.34 (2010-05)', source: '9d8cebd4bcd7, mm: fix mbind vma merge problem',
    sentence: 'mbind() merges vmas that have become alike; in 2.6.12 those it has split stay split.',
    applies: (d, c) => d.aspect === 'vmas' && c.history.some(({ kind }) => kind === 'mbind') && isFiner(d.ours, d.theirs) && vmasAt(c, d).length > 1,
  },
  {
    id: 'strict-whole-vma', since: '2.6.16 (2006-03)', source: 'dc9aa5b9d65f: check_range() looks at the pages of the range only, and not at reserved ones',
    sentence: 'With MPOL_MF_STRICT 2.6.12 looks at all pages of the vmas, also outside the range, and takes the zero page for one of its node.',
    applies: (d, c) => c.op.kind === 'mbind' && mbindFlags(c) === 1 && theirErr(c) === null && ourErr(c) === 'EIO' && (d.aspect === 'result' || isEffect(d, c)),
  },
  {
    id: 'mems-allowed-flag', since: '2.6.24 (2008-01)', source: '754af6f5a85f: MPOL_F_MEMS_ALLOWED is 1<<2, which is MPOL_F_MMIGRATE of rc3 6/10',
    sentence: 'get_mempolicy() tells the nodes that the caller may use; rc3 has the same bit for the migration mark of a file.',
    applies: (d, c) => c.op.kind === 'getpol' && c.op.flags.some(flag => flag === 'mems' || flag === '4') && d.aspect === 'result' && ['EFAULT', 'EINVAL'].includes(ourErr(c) ?? ''),
  },
  {
    id: 'nr-node-ids', since: '5.0 (2019-03)', source: '050c17f239fd: get_mempolicy() uses nr_node_ids instead of MAX_NUMNODES',
    sentence: 'The mask given to get_mempolicy() needs room for the nodes that can be there, not for MAX_NUMNODES.',
    applies: (d, c) => c.op.kind === 'getpol' && c.op.maxnode !== null && c.op.maxnode < 256 && isResult(d, null, 'EINVAL', c),
  },
];

/** `0+2 2+2` is as `0+4` is, with more boundaries. */
function isFiner(ours: string, theirs: string): boolean {
  const ends = (text: string): Set<number> => new Set(text.split(' ').filter(word => word !== '').flatMap(word => {
    const [from, length] = word.split('+').map(Number) as [number, number];
    return [from, from + length];
  }));
  const [fine, coarse] = [ends(ours), ends(theirs)];
  return coarse.size > 0 && [...coarse].every(end => fine.has(end)) && fine.size > coarse.size;
}
