/**
 * Shared memory that numactl gives a policy: a System V segment by key file, or a file on tmpfs (shm.c of numactl 2.0.16). The
 * region is mapped into numactl itself; the policy stays with the object.
 */
import { O_CREAT, O_RDWR, O_TRUNC, O_WRONLY, SEEK_END } from '@pmkit/mm-core/include/asm-ia64/fcntl';
import { MAP_SHARED, PROT_READ, PROT_WRITE } from '@pmkit/mm-core/include/asm-ia64/mman';
import { ENOENT } from '@pmkit/mm-core/include/linux/errno';
import { IPC_CREAT, IPC_STAT, type ShmidDs } from '@pmkit/mm-core/include/linux/shm';
import { strerror, type Process } from '../../../process.js';
import { Exit } from '../exit.js';
import { fixed } from '../fixed.js';
import { ftok } from '../libnuma/ftok.js';
import type { Numa } from '../libnuma/libnuma.js';
import { complain, failed } from './messages.js';

export class Region {
  readonly #p: Process;
  readonly #numa: Numa;
  attached = false;
  /** Address of the region, and bytes from there on. */
  address = 0;
  length = 0;
  /** Bytes of the object in front of the region. */
  offset = 0;
  /** --shmid, --shmmode, flags of shmget(). */
  id = 0;
  mode = 0o600;
  flags = 0;

  constructor(p: Process, numa: Numa) {
    this.#p = p;
    this.#numa = numa;
  }

  get pageSize(): number {
    return this.#p.box.k.m.PAGE_SIZE;
  }

  /** --shm FILE. */
  async attachSysV(file: string): Promise<void> {
    const p = this.#p;
    const numa = this.#numa;
    const key = await this.#key(file);
    let shmid = await numa.sys('shmget', key, this.length, this.flags);
    if (shmid === -ENOENT) shmid = await this.#create(file, key);
    if (this.length === 0) {
      const status: Partial<ShmidDs> = {};
      if ((await numa.sys('shmctl', shmid, IPC_STAT, status)) < 0) failed(p, 'shmctl IPC_STAT', numa.errno);
      this.length = status.size!;
    }
    const address = await numa.sys('shmat', shmid, 0, 0);
    if (address < 0) failed(p, 'shmat', numa.errno);
    this.#take(address + this.offset, '--shm');
  }

  async #create(file: string, key: number): Promise<number> {
    const p = this.#p;
    if (this.length === 0) complain(p, 'need a --length to create a sysv shared memory segment');
    const bytes = this.length + this.offset;
    p.err(`numactl: Creating shared memory segment ${file} id ${this.id} mode ${octal(this.mode)} length ${fixed(bytes / 2 ** 20, 0)}MB\n`);
    const shmid = await this.#numa.sys('shmget', key, bytes, IPC_CREAT | this.mode | this.flags);
    return shmid < 0 ? failed(p, 'cannot create shared memory segment', this.#numa.errno) : shmid;
  }

  /** The key of a file, which is made if it is not there. */
  async #key(file: string): Promise<number> {
    const p = this.#p;
    const found = await ftok(p, file, this.id);
    if (found !== null && found >= 0) return found;
    p.err(`numactl: Creating shm key file ${file} mode ${octal(this.mode)}\n`);
    if ((await this.#numa.open(file, O_CREAT | O_WRONLY | O_TRUNC, this.mode)) < 0) failed(p, `cannot create key for shm ${file}\n`, this.#numa.errno);
    const made = await ftok(p, file, this.id);
    return made === null || made < 0 ? failed(p, `cannot get key for newly created shm key file ${file}`, this.#numa.errno) : made;
  }

  /** --file FILE. Its size is asked for by lseek() where the original uses fstat(); the block size of tmpfs is a page. */
  async attachFile(file: string): Promise<void> {
    const p = this.#p;
    const numa = this.#numa;
    let fd = await numa.open(file, O_RDWR);
    if (fd < 0) {
      if (this.length === 0) complain(p, 'need a --length to create a shared file');
      fd = await numa.open(file, O_RDWR | O_CREAT, this.mode);
      if (fd < 0) failed(p, `cannot create file ${file}`, numa.errno);
    }
    const bytes = this.length + this.offset;
    if (bytes > (await numa.sys('lseek', fd, 0, SEEK_END)) && (await numa.sys('ftruncate', fd, bytes)) < 0) {
      p.err(`ftruncate: ${strerror(numa.errno)}\n`);
      throw new Exit(1);
    }
    this.#check('--file');
    const address = await numa.sys('mmap', 0, this.length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, this.offset);
    if (address < 0) failed(p, 'shm mmap', numa.errno);
    this.#take(address, '--file');
  }

  #take(address: number, option: string): void {
    this.address = address;
    this.#check(option);
    this.attached = true;
  }

  /** check_region(). */
  #check(option: string): void {
    if (this.address % this.pageSize !== 0 || this.length % this.pageSize !== 0) failed(this.#p, 'policy region not page aligned', 0);
    if (this.length === 0) failed(this.#p, `policy region length not specified before ${option}`, 0);
  }

  /** numa_police_memory(): a write to every page. 2.0.16 refuses here an offset that is not below the length, and so fails its own test/shmtest. */
  async touch(): Promise<void> {
    await this.#p.touch(this.address, this.length / this.pageSize, 'write');
  }
}

const octal = (mode: number): string => mode.toString(8).padStart(4, '0');
