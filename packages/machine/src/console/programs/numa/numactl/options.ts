/** The options of numactl, each acted on when it is met; and the program that is started in the end (numactl.c of 2.0.16). */
import { MPOL_BIND, MPOL_INTERLEAVE, MPOL_PREFERRED } from '@pmkit/mm-core/include/linux/mempolicy';
import { SHM_HUGETLB } from '@pmkit/mm-core/include/linux/shm';
import { Getopt, type LongOption } from '../../../getopt.js';
import { strerror, type Process } from '../../../process.js';
import { wholeNumber } from '../../../strtoul.js';
import { findError } from '../../files/search-path.js';
import { Exit } from '../exit.js';
import type { Numa } from '../libnuma/libnuma.js';
import { memsize, MPOL_LOCAL } from '../libnuma/policies.js';
import { hardware } from './hardware.js';
import { complain, complainOfUse, invalidList, usage } from './messages.js';
import { show } from './show.js';
import { RegionViewer } from './shm-dump.js';
import { Region } from './shm.js';

const FLAGS = { all: 'a', show: 's', localalloc: 'l', balancing: 'b', hardware: 'H', strict: 't', dump: 'd', 'dump-nodes': 'D', huge: 'u', touch: 'T', verify: 'V' };
const WITH_ARGUMENT = {
  interleave: 'i', preferred: 'p', 'preferred-many': 'P', cpubind: 'c', cpunodebind: 'N', physcpubind: 'C', membind: 'm', shm: 'S', file: 'f', offset: 'o', length: 'L', shmmode: 'M', shmid: 'I',
};
const LONG: readonly LongOption[] = [
  ...Object.entries(FLAGS).map(([name, val]) => ({ name, val, takes: 'none' as const })), ...Object.entries(WITH_ARGUMENT).map(([name, val]) => ({ name, val, takes: 'required' as const })),
];
const SHORT = `+${Object.values(FLAGS).join('')}${Object.values(WITH_ARGUMENT).map(val => `${val}:`).join('')}`;

type Action = (argument: string) => Promise<void> | void;

export class Numactl {
  readonly #p: Process;
  readonly #numa: Numa;
  readonly #region: Region;
  readonly #viewer: RegionViewer;
  readonly #actions: Readonly<Record<string, Action>>;
  /** The mode that was asked for, -1 for none; and the nodes named last. */
  #policy = -1;
  #nodes: readonly number[] | null = null;
  /** The text of the last list of nodes, for `same`. */
  #last: string | null = null;
  /** An option that must come before --shm or --file was given. */
  #shmOption: string | null = null;
  #all = false;
  #parsed = false;
  #bound = false;
  #strict = false;
  #dumped = false;
  #exitCode = 0;

  constructor(p: Process, numa: Numa) {
    this.#p = p;
    this.#numa = numa;
    this.#region = new Region(p, numa);
    this.#viewer = new RegionViewer(p, numa, this.#region);
    this.#actions = this.#table();
  }

  async run(): Promise<number> {
    const p = this.#p;
    const getopt = new Getopt(p.argv, SHORT, LONG);
    for (const { opt, arg, error } of getopt) {
      if (error !== undefined) {
        p.err(error);
        usage(p);
      }
      await this.#actions[opt]!(arg ?? '');
    }
    const { operands } = getopt;
    if (this.#region.attached) return operands.length > 0 ? usage(p) : this.#exitCode;
    if (this.#strict) p.err('numactl: warning. Strict flag for process ignored.\n');
    if (this.#dumped) complainOfUse(p, 'cannot do --dump|--dump-shm for process');
    if (this.#shmOption !== null) complainOfUse(p, `shm related option ${this.#shmOption} for process`);
    const [command = usage(p)] = operands;
    const error = findError(p, command);
    if (error !== 0) complain(p, `execution of \`${command}': ${p.strerror(error)}\n`);
    return p.exec(operands);
  }

  #table(): Readonly<Record<string, Action>> {
    const cpuNodes: Action = text => this.#cpuNodeBind(text);
    return {
      s: async () => { await show(this.#p, this.#numa); throw new Exit(0); },
      H: async () => { this.#noPolicy(); await hardware(this.#p, this.#numa); throw new Exit(0); },
      // Automatic balancing came with Linux 3.8: set_mempolicy() refuses its flag, and --membind goes on without.
      b: () => { this.#noPolicy(); },
      i: async text => this.#interleave(text),
      N: cpuNodes, c: cpuNodes,
      C: async text => this.#physCpuBind(text),
      m: async text => this.#memBind(text),
      P: () => complain(this.#p, 'preferred-many requested without kernel support'),
      p: async text => this.#preferred(text),
      l: async () => this.#local(),
      S: async file => this.#attach(() => this.#region.attachSysV(file)),
      f: async file => this.#attach(() => this.#region.attachFile(file)),
      L: text => { this.#beforeShm('--length'); this.#region.length = memsize(text); },
      o: text => { this.#beforeShm('--offset'); this.#region.offset = memsize(text); },
      M: text => { this.#beforeShm('--shmmode'); this.#region.mode = this.#number(text, 8); },
      I: text => { this.#region.id = this.#number(text, 0); },
      u: () => { this.#beforeShm('--huge'); this.#region.flags |= SHM_HUGETLB; },
      t: () => { this.#strict = true; this.#numa.setStrict(); },
      d: async () => this.#dump('--dump', () => this.#viewer.dump()),
      D: async () => this.#dump('--dump-nodes', () => this.#viewer.dumpNodes()),
      T: async () => { this.#afterShm('--touch'); await this.#region.touch(); },
      V: async () => this.#verify(),
      a: () => {
        if (this.#parsed) complainOfUse(this.#p, '--all/-a option must be before all cpu/node specifications');
        this.#all = true;
      },
    };
  }

  async #interleave(text: string): Promise<void> {
    const nodes = await this.#nodeList(text);
    this.#setPolicy(MPOL_INTERLEAVE);
    const { address, length, attached } = this.#region;
    if (attached) await this.#numa.bindMemory(address, length, MPOL_INTERLEAVE, nodes);
    else await this.#numa.setInterleave(nodes);
    this.#check('setting interleave mask');
  }

  async #memBind(text: string): Promise<void> {
    this.#setPolicy(MPOL_BIND);
    const nodes = await this.#nodeList(text);
    const { address, length, attached } = this.#region;
    if (attached) await this.#numa.bindMemory(address, length, MPOL_BIND, nodes);
    else await this.#numa.setPolicy(MPOL_BIND, nodes);
    this.#check('setting membind');
  }

  /** On shared memory as in numactl 2.0.17; 2.0.16 has lost the node there. */
  async #preferred(text: string): Promise<void> {
    const nodes = await this.#nodeList(text);
    if (nodes.length !== 1) usage(this.#p);
    this.#setPolicy(MPOL_PREFERRED);
    const { address, length, attached } = this.#region;
    if (attached) await this.#numa.bindMemory(address, length, MPOL_PREFERRED, nodes);
    else await this.#numa.setPolicy(MPOL_PREFERRED, nodes);
    this.#check('setting preferred node');
  }

  async #local(): Promise<void> {
    this.#setPolicy(MPOL_LOCAL);
    this.#numa.errno = 0;
    const { address, length, attached } = this.#region;
    if (attached) await this.#numa.localMemory(address, length);
    else await this.#numa.setLocal();
    this.#check('local allocation');
  }

  async #cpuNodeBind(text: string): Promise<void> {
    this.#notAfterShmOption('-c/--cpubind/--cpunodebind');
    const nodes = await this.#nodeList(text);
    this.#bound = true;
    await this.#numa.runOnNodes(nodes);
    this.#check('sched_setaffinity');
  }

  async #physCpuBind(text: string): Promise<void> {
    this.#notAfterShmOption('-C/--physcpubind');
    const cpus = (await this.#numa.parseCpus(text, this.#all)) ?? invalidList(this.#p, text);
    this.#parsed = true;
    this.#bound = true;
    this.#numa.errno = 0;
    await this.#numa.setAffinity(cpus);
    this.#check('sched_setaffinity');
  }

  async #attach(attach: () => Promise<void>): Promise<void> {
    if (this.#bound) complainOfUse(this.#p, 'cannot do --cpubind on shared memory\n');
    this.#noPolicy();
    await attach();
  }

  async #dump(option: string, dump: () => Promise<void>): Promise<void> {
    if (!this.#region.attached) complain(this.#p, `Cannot do ${option} without shared memory.\n`);
    await dump();
    this.#dumped = true;
  }

  async #verify(): Promise<void> {
    this.#afterShm('--verify');
    if (this.#policy < 0) complain(this.#p, 'Need a policy first to verify');
    await this.#region.touch();
    if (this.#nodes === null) complain(this.#p, 'Need a mask to verify');
    if (!(await this.#viewer.verify(this.#policy, this.#nodes))) this.#exitCode = 1;
  }

  /** A list of nodes, or the end. Forgets earlier errors. */
  async #nodeList(text: string): Promise<readonly number[]> {
    if (text === 'same' && this.#last === null) complainOfUse(this.#p, 'same needs previous node specification');
    if (text !== 'same') this.#last = text;
    const nodes = (await this.#numa.parseNodes(this.#last!, this.#all)) ?? invalidList(this.#p, text);
    this.#nodes = nodes;
    this.#parsed = true;
    this.#numa.errno = 0;
    return nodes;
  }

  #number(text: string, base: 0 | 8): number {
    const value = wholeNumber(text, base);
    return value === null ? usage(this.#p) : Number(BigInt.asIntN(32, value));
  }

  #setPolicy(mode: number): void {
    if (this.#policy !== -1) complainOfUse(this.#p, 'Conflicting policies');
    this.#policy = mode;
  }
  #noPolicy(): void {
    if (this.#policy >= 0) complainOfUse(this.#p, 'specify policy after --shm/--file');
  }
  #beforeShm(option: string): void {
    if (this.#region.attached) complainOfUse(this.#p, `${option} must be before shared memory specification`);
    this.#shmOption = option;
  }
  #afterShm(option: string): void {
    if (!this.#region.attached) complainOfUse(this.#p, `${option} must be after shared memory specification`);
  }
  #notAfterShmOption(option: string): void {
    if (this.#shmOption !== null) complainOfUse(this.#p, `${this.#shmOption} shm option is not allowed before ${option}`);
  }
  /** checkerror(): perror() and the end when something has failed since the list was read. */
  #check(what: string): void {
    const { errno } = this.#numa;
    if (errno === 0) return;
    this.#p.err(`${what}: ${strerror(errno)}\n`);
    throw new Exit(1);
  }
}
