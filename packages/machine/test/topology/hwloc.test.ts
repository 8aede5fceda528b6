import { describe, expect, it } from 'vitest';
import { loadTopology } from '../../src/topology/index.js';
import { scratch, topologyError, xmlFile } from './helpers.js';
import { writeFileSync } from 'node:fs';
import path from 'node:path';

const v1 = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE topology SYSTEM "hwloc.dtd">
<topology>
  <object type="Machine" os_index="0" cpuset="0x0000000f" nodeset="0x00000003">
    <info name="Note" value="two &quot;small&quot; nodes"/>
    <distances nbobjs="2" relative_depth="1" latency_base="10.000000">
      <latency value="1.000000"/>
      <latency value="2.200000"/>
      <latency value="2.200000"/>
      <latency value="1.000000"/>
    </distances>
    <object type="NUMANode" os_index="0" cpuset="0x00000003" nodeset="0x00000001" local_memory="1073741824">
      <page_type size="16384" count="65536"/>
      <page_type size="268435456" count="0"/>
      <object type="PU" os_index="0" cpuset="0x00000001"/>
    </object>
    <object type="NUMANode" os_index="1" cpuset="0x0000000c" nodeset="0x00000002" local_memory="1073741824">
      <page_type size="16384" count="65536"/>
    </object>
  </object>
</topology>
`;

// Nodes in another order than their ids, one without memory, distances by gp_index and broken over two elements.
const v2 = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE topology SYSTEM "hwloc2.dtd">
<topology version="2.0">
  <object type="Machine" os_index="0" gp_index="1">
    <object type="Package" os_index="0" gp_index="2">
      <object type="NUMANode" os_index="4" cpuset="0x0000000c" nodeset="0x00000010" gp_index="20" local_memory="1073741824">
        <page_type size="4096" count="262144"/>
      </object>
      <object type="NUMANode" os_index="1" cpuset="0x00000003" nodeset="0x00000002" gp_index="30"/>
      <object type="NUMANode" os_index="8" cpuset="0x0" gp_index="40" local_memory="4194304"/>
    </object>
  </object>
  <distances2 type="PU" nbobjs="1" kind="5" indexing="os"><indexes>0</indexes><u64values>10</u64values></distances2>
  <distances2 type="NUMANode" nbobjs="3" kind="9" indexing="os"><indexes>1 4 8</indexes><u64values>1 2 3 4 5 6 7 8 9</u64values></distances2>
  <distances2 type="NUMANode" nbobjs="3" kind="5" name="NUMALatency" indexing="gp">
    <indexes length="9">30 20 40 </indexes>
    <u64values length="15">10 14 18 14 10 </u64values>
    <u64values length="12">22 18 22 10 </u64values>
  </distances2>
</topology>
`;

const load = (text: string) => loadTopology(xmlFile(text));

/** Version 1 with one thing changed; the thing must have been there. */
function changed(document: string, from: string, to: string): string {
  expect(document).toContain(from);
  return document.replace(from, to);
}

describe('hwloc XML', () => {
  it('of version 1 becomes a topology, latencies times their base', () => {
    const { format, topology } = load(v1);
    expect(format).toBe('hwloc XML v1');
    expect(topology).toMatchObject({ name: 'machine', pageSize: 16384, cpus: [0, 1, 2, 3] });
    expect(topology.nodes).toEqual([
      { id: 0, memory: 2 ** 30, cpus: [0, 1] },
      { id: 1, memory: 2 ** 30, cpus: [2, 3] },
    ]);
    expect(topology.distances).toEqual([
      [10, 22],
      [22, 10],
    ]);
  });

  it('of version 2 becomes a topology, rows and columns in the order of the ids', () => {
    const { format, topology } = load(v2);
    expect(format).toBe('hwloc XML v2');
    expect(topology.nodes.map(({ id, memory, cpus }) => [id, memory, cpus])).toEqual([
      [1, 0, [0, 1]],
      [4, 2 ** 30, [2, 3]],
      [8, 2 ** 22, []],
    ]);
    expect(topology.distances).toEqual([
      [10, 14, 18],
      [14, 10, 22],
      [18, 22, 10],
    ]);
  });

  it('without distances gets those of a kernel without a SLIT', () => {
    expect(load(v1.replace(/<distances[^]*<\/distances>/, '')).topology.distances).toEqual([
      [10, 20],
      [20, 10],
    ]);
  });

  it('may have carriage returns and a byte order mark', () => {
    expect(load(`\uFEFF${v1.replaceAll('\n', '\r\n')}`).topology.nodes).toHaveLength(2);
    const late = changed(v1, '0x0000000c', '0xzz').replaceAll('\n', '\r\n');
    expect(topologyError(() => load(late)).line).toBe(17);
  });

  const bad: readonly [string, string, string, string, object][] = [
    ['a tag left open', v1, '</object>\n</topology>', '</topology>', { field: 'XML' }],
    ['two roots', v1, '</topology>', '</topology>\n<topology/>', { field: 'XML' }],
    ['another root', v1, '<topology>', '<topology2>', { field: 'XML' }],
    ['a version of the future', v2, 'version="2.0"', 'version="3.0"', { line: 3, field: 'topology version', found: '"3.0"' }],
    ['an os_index of letters', v1, 'NUMANode" os_index="1"', 'NUMANode" os_index="one"', { line: 17, field: 'NUMANode os_index', found: '"one"' }],
    ['no os_index', v1, 'NUMANode" os_index="1"', 'NUMANode"', { line: 17, field: 'NUMANode os_index', found: 'no such attribute' }],
    ['an id of 256', v2, 'os_index="8" cpuset', 'os_index="256" cpuset', { line: 10, field: 'NUMANode 256 os_index' }],
    ['the same id twice', v2, 'os_index="8" cpuset', 'os_index="4" cpuset', { line: 10, found: '4 a second time' }],
    ['a nodeset of another node', v1, 'nodeset="0x00000002"', 'nodeset="0x00000001"', { line: 17, field: 'NUMANode nodeset' }],
    ['CPUs without end', v1, '"0x0000000c" nodeset', '"0xf...f" nodeset', { line: 17, field: 'NUMANode cpuset', found: '"0xf...f"' }],
    ['CPUs of another node', v1, '"0x0000000c" nodeset', '"0x0000000e" nodeset', { line: 17, field: 'NUMANode 1 cpuset', found: 'CPU 1, which node 0 has too' }],
    ['too much memory', v2, '"4194304"', '"9007199254740991"', { line: 10, field: 'NUMANode 8 local_memory' }],
    ['a page size of its own', v1, 'size="16384" count="65536"/>\n    </object>', 'size="12288" count="1"/>\n    </object>', { found: '12288' }],
    ['NaN among the latencies', v1, 'value="2.200000"', 'value="nan"', { line: 8, field: 'latency value', found: '"nan"' }],
    ['a missing latency', v1, '<latency value="2.200000"/>', '', { line: 6, field: 'distances', found: '3 entries' }],
    ['a matrix for other objects', v1, 'nbobjs="2"', 'nbobjs="3"', { line: 6, field: 'distances nbobjs' }],
    ['latencies that disagree', v1, 'value="2.200000"', 'value="2.300000"', { line: 9, field: 'distance of node 1 to node 0', found: '22', expected: expect.stringMatching(/^23/) as string }],
    ['a fraction of a distance', v1, 'value="2.200000"', 'value="2.250000"', { line: 8, found: '22.5' }],
    ['a remote node nearer than the own', v2, '10 14 18', '10 9 18', { line: 17, field: 'distance of node 1 to node 4', found: '9' }],
    ['a distance of 300', v2, '22 18 22', '300 18 300', { line: 18, field: 'distance of node 4 to node 8', found: '300' }],
    ['too few values', v2, '22 18 22 10', '22 18', { line: 15, field: 'distances2', found: '7 entries' }],
    ['too many values', v2, '22 18 22 10', '22 18 22 10 10', { line: 18, found: 'more than 9 numbers' }],
    ['an index nobody has', v2, '30 20 40', '30 20 41', { line: 16, field: 'distances2 indexes' }],
    ['an index twice', v2, '30 20 40', '30 20 20', { line: 16, found: 'index 20 a second time' }],
    ['indexing by something else', v2, 'indexing="gp"', 'indexing="logical"', { line: 15, field: 'distances2 indexing' }],
    ['fewer objects than nodes', v2, 'nbobjs="3" kind="5"', 'nbobjs="2" kind="5"', { line: 15, field: 'distances2 nbobjs', found: '2' }],
  ];
  it.each(bad)('with %s is refused, at its line where there is one', (_, document, from, to, error) => {
    const file = xmlFile(changed(document, from, to));
    expect(topologyError(() => loadTopology(file))).toMatchObject({ file, ...error });
  });

  it('without any NUMANode or any memory is refused', () => {
    expect(topologyError(() => load('<topology version="2.0"><object type="Machine"/></topology>')).field).toBe('NUMANode');
    expect(topologyError(() => load(v1.replaceAll(/ local_memory="\d+"/g, ''))).expected).toBe('memory somewhere');
  });
});

describe('a hostile file', () => {
  it('cannot bring entities', () => {
    const bomb = changed(v1, '<!DOCTYPE topology SYSTEM "hwloc.dtd">', '<!DOCTYPE topology [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>');
    expect(topologyError(() => load(bomb))).toMatchObject({ field: 'DOCTYPE', line: 2 });
    // Without a DTD an entity is just text, and no number.
    expect(topologyError(() => load(changed(v1, 'local_memory="1073741824"', 'local_memory="&b;"'))).found).toBe('"&b;"');
  });

  it('cannot nest deeper than a stack, or touch prototypes', () => {
    expect(topologyError(() => load('<object>'.repeat(50_000) + '</object>'.repeat(50_000))).field).toBe('XML');
    expect(topologyError(() => load('<topology><__proto__/></topology>')).field).toBe('XML');
    expect(topologyError(() => load('<topology __proto__="1"/>')).field).toBe('XML');
  });

  it('cannot be larger than 16 MB', () => {
    expect(topologyError(() => load(`<topology>${' '.repeat(16 * 1024 * 1024)}</topology>`))).toMatchObject({ field: 'size' });
  });

  it('cannot have more than 256 nodes', () => {
    const nodes = Array.from({ length: 257 }, (_, id) => `<object type="NUMANode" os_index="${id}" local_memory="65536"/>\n`).join('');
    expect(topologyError(() => load(`<topology version="2.0">\n${nodes}</topology>`))).toMatchObject({ field: 'NUMANode', line: 258 });
  });
});

describe('loadTopology', () => {
  it.each(['altix.tar.bz2', 'altix.tgz', 'altix.zip', 'altix.xml.gz'])('tells how to unpack %s', (name) => {
    const file = xmlFile('BZh9', name);
    expect(topologyError(() => loadTopology(file)).message).toMatch(/found a packed archive; .*unpack it first: /);
  });

  it('says what it takes when it gets something else', () => {
    const directory = scratch();
    expect(topologyError(() => loadTopology(directory)).expected).toMatch(/a sysfs tree .*, an XML file of hwloc, .* or a synthetic description/);
    writeFileSync(path.join(directory, 'notes.txt'), 'hello\n');
    expect(topologyError(() => loadTopology(path.join(directory, 'notes.txt'))).found).toMatch(/neither with < nor with "available:"/);
    expect(topologyError(() => loadTopology(path.join(directory, 'absent'))).found).toBe('nothing there');
    expect(topologyError(() => loadTopology(path.join(directory, 'notes.txt', 'x'))).found).toBe('nothing there');
    expect(topologyError(() => load('')).line).toBe(1);
  });
});
