/** Patch 3: try_to_migrate_pages() gets a map that says where the pages of each node go. */
import type { ListHead } from '@pmkit/mm-core';
import { MAX_NUMNODES } from '@pmkit/mm-core/include/linux/nodemask';
import type { Behaviour, Source } from '../behaviour.js';
import { MAP_SHARED, PROT_READ, PROT_WRITE, type BootOptions, type Lab } from '../lab.js';
import { beforeCall, migrateList, nodeMap, sideBySide, stealMapping, stealPages, takesNodeMap } from './common.js';

const changelog: Source = { from: 'changelog', at: '3/10, by -rc4 3/11, which is called unchanged from -rc3' };
const nodeid: Source = { from: 'mail', at: 'Ray Bryant, 4 January 2005: MIGRATE_NODE_ANY is -1' };

const NO_MAP = 'takes no map';

/** Migrates a list with a map, where the function takes one. */
function withMap(lab: Lab, list: ListHead, map: Int32Array, seen: () => string): string {
  if (!takesNodeMap(lab)) return NO_MAP;
  const result = lab.enter(lab.batchd, 'try_to_migrate_pages', list, map);
  return result === 0 ? seen() : `${lab.result(result)}, ${seen()}`;
}
/** Four pages of a job on node 1, moved by a scheduler on node 0. */
function fourPages(lab: Lab, map: Int32Array): string {
  const job = lab.anonymous(lab.job(), 4);
  return withMap(lab, stealMapping(lab, job), map, () => lab.pages(job));
}
/** A machine whose node 3 is small, and near to node 2. */
const smallNode: BootOptions = {
  machine: {
    nodes: [0, 1, 2, 3].map(id => ({ id, pages: id === 3 ? 32 : 256, cpus: [2 * id, 2 * id + 1] })),
    distances: [[10, 20, 30, 40], [20, 10, 30, 40], [30, 30, 10, 20], [40, 40, 20, 10]],
  },
};

export const nodeMaps: readonly Behaviour[] = [
  {
    id: 'migrate-list-prototype',
    kind: 'claim',
    sentence: 'try_to_migrate_pages() takes a second argument, the node map.',
    sources: [changelog, { from: 'overview', at: 'patch 3' }],
    patch: 3,
    scenario: lab => `${lab.row('try_to_migrate_pages')!.length} arguments`.replace('1 arguments', '1 argument'),
    expect: { 0: '1 argument', 3: '2 arguments' },
  },
  {
    id: 'node-migrate-onepage',
    kind: 'claim',
    sentence: 'node_migrate_onepage() is new: it moves one page to where the map sends those of its node.',
    sources: [changelog],
    patch: 3,
    scenario: lab => {
      if (lab.row('node_migrate_onepage') === undefined) return 'no such function';
      const job = lab.anonymous(lab.job(), 1);
      const page = lab.frame(job);
      stealPages(lab, [page]);
      const result = lab.enter(lab.batchd, 'node_migrate_onepage', page, nodeMap({ 1: 2 }));
      return result < 0 ? lab.result(result) : `moved to node ${lab.nodeOf(job)}`;
    },
    expect: { 0: 'no such function', 3: 'moved to node 2' },
  },
  {
    id: 'no-node-map',
    kind: 'claim',
    sentence: 'Without a map pages go where they went before the patch, to wherever the caller\'s policy allocates.',
    sources: [changelog],
    patch: 3,
    scenario: lab => {
      const job = lab.anonymous(lab.job(), 4);
      migrateList(lab, stealMapping(lab, job));
      return lab.pages(job);
    },
    expect: { 0: 'N0=4' },
  },
  {
    id: 'node-map-entry',
    kind: 'claim',
    sentence: 'Pages go to the node that the map names for the node they are on.',
    sources: [changelog, { from: 'overview', at: 'patch 3' }],
    patch: 3,
    scenario: lab => {
      const job = lab.job();
      const first = lab.anonymous(job, 3);
      const second = lab.anonymous(lab.job({ comm: 'other', node: 2 }), 2);
      const list = stealPages(lab, [...[0, 1, 2].map(i => lab.frame(first, i)), ...[0, 1].map(i => lab.frame(second, i))]);
      return withMap(lab, list, nodeMap({ 1: 3, 2: 0 }), () => `${lab.pages(first)}, other ${lab.pages(second)}`);
    },
    expect: { 0: NO_MAP, 3: 'N3=3, other N0=2' },
  },
  {
    id: 'node-map-minus-one',
    kind: 'discrepancy',
    sentence: 'The text says that pages of a node with entry -1 are left where they are; the code moves them to any node, as MIGRATE_NODE_ANY is -1.',
    sources: [changelog, nodeid],
    patch: 3,
    scenario: lab => fourPages(lab, nodeMap({ 0: 2 })),
    expect: { 0: NO_MAP, 3: 'N0=4' },
  },
  {
    id: 'node-map-of-shorts',
    kind: 'discrepancy',
    sentence: 'The text still calls the map an array of shorts; the code reads ints, so a map of shorts that sends node 1 to node 3 does not.',
    sources: [changelog, { from: 'mail', at: 'Ray Bryant, -rc2, 10 May 2005: there it was one' }],
    patch: 3,
    scenario: lab => {
      const shorts = new Int16Array(2 * MAX_NUMNODES).fill(-1);
      shorts[1] = 3;
      return fourPages(lab, new Int32Array(shorts.buffer));
    },
    expect: { 0: NO_MAP, 3: 'N0=4' },
  },
  {
    id: 'node-map-not-strict',
    kind: 'claim',
    sentence: 'A node that is full is not insisted on: the rest goes to the nearest node with room.',
    sources: [{ from: 'code', at: '2.6.12: alloc_pages_node() uses the zonelist of the node, with all other nodes behind it' }],
    patch: 3,
    scenario: lab => {
      lab.boot(smallNode);
      const job = lab.anonymous(lab.job(), 48);
      return withMap(lab, stealMapping(lab, job), nodeMap({ 1: 3 }), () => `nodes ${lab.pages(job).replace(/N(\d)=\d+/g, '$1')}`);
    },
    expect: { 0: NO_MAP, 3: 'nodes 2 3' },
  },
  {
    id: 'node-map-second-pass',
    kind: 'claim',
    sentence: 'A page under writeback is left to the second pass, which goes by the map as well.',
    sources: [changelog],
    patch: 3,
    scenario: lab => {
      const job = lab.job();
      const file = lab.mapFile(job, lab.file('/file', 2), 2, PROT_READ | PROT_WRITE, MAP_SHARED, 'none');
      lab.must(job, 'write', lab.must(job, 'open', '/file', 2, 0), lab.k.m.PAGE_SIZE);
      lab.touch(file, 'read');
      // what is stolen last is first on the list
      const written = lab.frame(file);
      const list = stealPages(lab, [lab.frame(file, 1), written]);
      lab.enter(job, 'filemap_fdatawrite', file.task.mm!.mmap!.vm_file!.f_mapping);
      const writeback = lab.k.m.page_state.nr_writeback;
      let tried = 'not tried';
      beforeCall(lab, 'node_migrate_onepage', page => (tried = page === written ? 'tried first' : 'tried last'));
      return withMap(lab, list, nodeMap({ 1: 3 }), () => `${writeback} under writeback, ${tried}, ${lab.pages(file)}`);
    },
    expect: { 0: NO_MAP, 3: '1 under writeback, tried last, N3=2' },
  },
  {
    id: 'node-map-to-itself',
    kind: 'claim',
    sentence: 'The map is not checked: an entry may name the node itself, and the page is moved to another frame of it.',
    sources: [{ from: 'deduced', at: 'node_migrate_onepage(), which passes the entry on as it is' }],
    patch: 3,
    scenario: lab => {
      const job = lab.anonymous(lab.job(), 1);
      const before = lab.frame(job);
      const list = stealMapping(lab, job);
      return withMap(lab, list, nodeMap({ 1: 1 }), () => sideBySide([lab.pages(job), lab.frame(job) === before ? 'same frame' : 'another frame'], ', '));
    },
    expect: { 0: NO_MAP, 3: 'N1=1, another frame' },
  },
];
