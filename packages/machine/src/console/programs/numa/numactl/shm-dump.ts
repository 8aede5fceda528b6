/**
 * --dump, --dump-nodes and --verify: what policies and nodes the pages of a shared region have (shm.c of numactl).
 *
 * --dump is that of numactl 2.0.17: the one of 2.0.16 prints the nodes of the range that follows.
 */
import { MPOL_BIND, MPOL_DEFAULT, MPOL_F_ADDR, MPOL_F_NODE, MPOL_INTERLEAVE, MPOL_PREFERRED } from '@pmkit/mm-core/include/linux/mempolicy';
import type { Process } from '../../../process.js';
import type { Numa, Policy } from '../libnuma/libnuma.js';
import { fromMask, toMask } from '../libnuma/masks.js';
import { maskLine, policyName } from '../libnuma/policies.js';
import { failed } from './messages.js';
import type { Region } from './shm.js';

export class RegionViewer {
  readonly #p: Process;
  readonly #numa: Numa;
  readonly #region: Region;

  constructor(p: Process, numa: Numa, region: Region) {
    this.#p = p;
    this.#numa = numa;
    this.#region = region;
  }

  /** Ranges of pages with the same policy, those without one left out. */
  async dump(): Promise<void> {
    await this.#ranges(async at => this.#policyAt(at, 'get_mempolicy on shm'), (range, { mode, nodes }) => {
      if (mode !== MPOL_DEFAULT) this.#p.out(`${range}: ${policyName(mode)} ${maskLine('', nodes)}`);
    });
  }
  /** Ranges of pages on the same node. Every page is faulted in by it. */
  async dumpNodes(): Promise<void> {
    await this.#ranges(async at => this.#nodeAt(at, 'get_mempolicy on shm'), (range, node) => this.#p.out(`${range}: ${node}\n`));
  }

  async #ranges<T>(look: (address: number) => Promise<T>, print: (range: string, value: T) => void): Promise<void> {
    const { address, length, offset, pageSize } = this.#region;
    let start = 0;
    let value = await look(address);
    const end = (at: number): void => print(`${hex(offset + start)}-${hex(offset + at)}`, value);
    let at = pageSize;
    for (; at < length; at += pageSize) {
      const next = await look(address + at);
      if (same(next, value)) continue;
      end(at);
      start = at;
      value = next;
    }
    end(at);
  }

  /**
   * --verify: every page has the policy that was just set, and is on a node that this allows.
   * @returns whether that is so; what is not has been printed.
   */
  async verify(mode: number, nodes: readonly number[]): Promise<boolean> {
    const { address, length, pageSize } = this.#region;
    let sound = true;
    let expected = mode === MPOL_INTERLEAVE ? await this.#nodeAt(address, 'get_mempolicy') : -1;
    for (let at = 0; at < length; at += pageSize) {
      const warn = (text: string): void => {
        this.#p.out(`numactl verify ${(BigInt(address) + BigInt(at)).toString(16)}(${at.toString(16)}): ${text}\n`);
        sound = false;
      };
      const found = await this.#policyAt(address + at, 'get_mempolicy');
      if (found.mode !== mode) {
        warn(`wrong policy ${policyName(found.mode)}, expected ${policyName(mode)}`);
        return sound;
      }
      if (!same(found.nodes, nodes)) {
        warn('mismatched node mask');
        this.#p.out(maskLine('expected', nodes) + maskLine('real', found.nodes));
      }
      const node = await this.#nodeAt(address + at, 'get_mempolicy');
      const allowed = found.nodes.includes(node);
      if (mode === MPOL_INTERLEAVE) {
        if (!allowed) warn(`interleave node out of range ${node}`);
        if (node !== expected) {
          warn(`expected interleave node ${expected}, got ${node}`);
          return sound;
        }
        expected = found.nodes.find(later => later > node) ?? found.nodes[0]!;
      } else if ((mode === MPOL_PREFERRED || mode === MPOL_BIND) && !allowed) {
        warn(`unexpected node ${node}`);
        this.#p.out(maskLine('expected', found.nodes));
      }
    }
    return sound;
  }

  async #policyAt(address: number, what: string): Promise<Policy> {
    const mode = { value: 0 };
    const mask = toMask([], this.#numa.nodeBits);
    if ((await this.#numa.sys('get_mempolicy', mode, mask, this.#numa.nodeBits, address, MPOL_F_ADDR)) < 0) failed(this.#p, what, this.#numa.errno);
    return { mode: mode.value, nodes: fromMask(mask) };
  }
  async #nodeAt(address: number, what: string): Promise<number> {
    const node = { value: 0 };
    if ((await this.#numa.sys('get_mempolicy', node, null, 0, address, MPOL_F_ADDR | MPOL_F_NODE)) < 0) failed(this.#p, what, this.#numa.errno);
    return node.value;
  }
}

const hex = (bytes: number): string => bytes.toString(16).padStart(16, '0');
/** Equal as data: policies, lists and numbers only. */
const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
