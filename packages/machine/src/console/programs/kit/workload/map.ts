/** Makes the mappings of workload(1), each by the system calls that a program would make. */
import { IPC_CREAT, SHM_RDONLY } from '@pmkit/mm-core/include/linux/shm';
import { ENOENT, ENOMEM } from '@pmkit/mm-core/include/linux/errno';
import { O_CREAT, O_RDONLY, O_RDWR, SEEK_END, SEEK_SET } from '@pmkit/mm-core/include/asm-ia64/fcntl';
import { MAP_ANONYMOUS, MAP_PRIVATE, MAP_SHARED, PROT_EXEC, PROT_NONE, PROT_READ, PROT_WRITE } from '@pmkit/mm-core/include/asm-ia64/mman';
import { nodemask_of } from '@pmkit/mm-core/include/linux/nodemask';
import { CONSTANTS } from '@pmkit/series/scenario';
import type { Process } from '../../../process.js';
import type { MappingSpec, Policy, PolicyMode } from './spec.js';

/** A mapping that exists: address in bytes, length in pages. */
export interface Mapped {
  readonly spec: MappingSpec;
  readonly address: number;
  readonly pages: number;
  /** What was read or written last in each page, as the kit's content tokens; made when contents are verified. Who forks shares those of shared memory. */
  seen: Map<number, number>;
}

/** A system call that failed. */
export class CallFailed extends Error {
  override readonly name = 'CallFailed';
  readonly call: string;
  readonly errno: number;
  constructor(call: string, result: number) {
    super(`${call}() returned ${result}`);
    this.call = call;
    this.errno = -result;
  }
}

/** What the command line asks for cannot be had, whatever the kernel says. */
export class Refused extends Error {
  override readonly name = 'Refused';
}

/** maxnode of a mask of 256 nodes, as libnuma passes it. */
const MAXNODE = 257;
const MODES: Readonly<Record<PolicyMode, number>> = { default: CONSTANTS.MPOL_DEFAULT!, prefer: CONSTANTS.MPOL_PREFERRED!, bind: CONSTANTS.MPOL_BIND!, interleave: CONSTANTS.MPOL_INTERLEAVE! };
const MIGRATION = { migrate: CONSTANTS.MPOL_MF_DO_MMIGRATE!, 'no-migrate': CONSTANTS.MPOL_MF_DO_NOT_MMIGRATE!, 'migrate-default': CONSTANTS.MPOL_MF_MMIGRATE_DEFAULT! } as const;

/** @throws {CallFailed} when it returns an errno. */
export async function must(p: Process, call: string, ...args: readonly unknown[]): Promise<number> {
  const result = await p.sys(call, ...args);
  if (result < 0) throw new CallFailed(call, result);
  return result;
}

const maskOf = ({ nodes }: Policy): Uint32Array | null => (nodes.length === 0 ? null : nodemask_of(...nodes));

/** set_mempolicy(). @throws {CallFailed} */
export async function setPolicy(p: Process, policy: Policy): Promise<void> {
  await must(p, 'set_mempolicy', MODES[policy.mode], maskOf(policy), policy.nodes.length === 0 ? 0 : MAXNODE);
}

/** Maps what the specification says, gives it its policy and locks it; nothing of it is touched, but what is locked is there. @throws {CallFailed} */
export async function makeMapping(p: Process, spec: MappingSpec): Promise<Mapped> {
  const { PAGE_SIZE } = p.box.k.m;
  const bytes = spec.size === null ? null : (spec.size.pages + Math.ceil(spec.size.bytes / PAGE_SIZE)) * PAGE_SIZE;
  const { address, length } = await MAKERS[spec.kind](p, spec, bytes);
  if (spec.policy !== null) await must(p, 'mbind', address, length, MODES[spec.policy.mode], maskOf(spec.policy), spec.policy.nodes.length === 0 ? 0 : MAXNODE, 0);
  if (spec.migration !== null) await must(p, 'mbind', address, length, CONSTANTS.MPOL_DEFAULT!, null, 0, MIGRATION[spec.migration]);
  if (spec.locked) await must(p, 'mlock', address, length);
  return { spec, address, pages: length / PAGE_SIZE, seen: new Map() };
}

interface Place { readonly address: number; /** Bytes. */ readonly length: number }
type Maker = (p: Process, spec: MappingSpec, bytes: number | null) => Promise<Place>;

const protOf = ({ readOnly }: MappingSpec): number => (readOnly ? PROT_READ : PROT_READ | PROT_WRITE);

async function anonymous(p: Process, bytes: number, prot: number, flags: number): Promise<Place> {
  return { address: await must(p, 'mmap', 0, bytes, prot, flags | MAP_ANONYMOUS, -1, 0), length: bytes };
}

/** The heap begins at the next page after its present end. brk() has no errno of its own: the C library makes it ENOMEM. */
async function heap(p: Process, _spec: MappingSpec, bytes: number | null): Promise<Place> {
  const { PAGE_SIZE } = p.box.k.m;
  const address = Math.ceil(await must(p, 'brk', 0) / PAGE_SIZE) * PAGE_SIZE;
  const end = address + bytes!;
  if (await must(p, 'brk', end) !== end) throw new CallFailed('brk', -ENOMEM);
  return { address, length: bytes! };
}

/** Below what the stack has now; it grows when it is touched, from the top down. Nothing is called for it. */
function stack(p: Process, _spec: MappingSpec, bytes: number | null): Promise<Place> {
  const { PAGE_SIZE } = p.box.k.m;
  const top = Math.floor(p.task.mm!.start_stack / PAGE_SIZE) * PAGE_SIZE;
  return Promise.resolve({ address: top - bytes!, length: bytes! });
}

/** A segment by its key, made if there is none. */
async function segment(p: Process, { key, readOnly }: MappingSpec, bytes: number | null): Promise<Place> {
  const id = await must(p, 'shmget', key, bytes!, IPC_CREAT | 0o666);
  return { address: await must(p, 'shmat', id, 0, readOnly ? SHM_RDONLY : 0), length: bytes! };
}

/** A file from its beginning; one that is not there, or is shorter, is made that long if the mapping may write it or it is new. */
async function file(p: Process, spec: MappingSpec, bytes: number | null): Promise<Place> {
  const { PAGE_SIZE } = p.box.k.m;
  const path = spec.path!;
  const writes = !spec.readOnly && !spec.isPrivate;
  let fd = await p.box.files.descriptor(p, path, writes ? O_RDWR : O_RDONLY, 0);
  let isNew = false;
  if (fd === -ENOENT && bytes !== null && spec.kind === 'file') {
    fd = await p.box.files.descriptor(p, path, O_RDWR | O_CREAT, 0o644);
    isNew = true;
  }
  if (fd < 0) throw new CallFailed(`open ${path}`, fd);
  const size = await must(p, 'lseek', fd, 0, SEEK_END);
  await must(p, 'lseek', fd, 0, SEEK_SET);
  if (bytes !== null && size < bytes) {
    if (!isNew && !writes) throw new Refused(`${path} has ${size} bytes only`);
    await must(p, 'ftruncate', fd, bytes);
  }
  const length = bytes ?? Math.ceil(size / PAGE_SIZE) * PAGE_SIZE;
  if (length === 0) throw new Refused(`${path} is empty: give a size`);
  const prot = spec.kind === 'text' ? PROT_READ | PROT_EXEC : protOf(spec);
  const address = await must(p, 'mmap', 0, length, prot, spec.isPrivate ? MAP_PRIVATE : MAP_SHARED, fd, 0);
  await must(p, 'close', fd);
  return { address, length };
}

const MAKERS: Readonly<Record<MappingSpec['kind'], Maker>> = {
  anon: (p, spec, bytes) => anonymous(p, bytes!, protOf(spec), MAP_PRIVATE),
  shared: (p, spec, bytes) => anonymous(p, bytes!, protOf(spec), MAP_SHARED),
  guard: (p, _spec, bytes) => anonymous(p, bytes!, PROT_NONE, MAP_PRIVATE),
  heap, stack, shm: segment, file, text: file,
};
