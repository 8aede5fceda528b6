/** A topology from whatever the user points at. */
import { existsSync, realpathSync, statSync, type Stats } from 'node:fs';
import path from 'node:path';
import { TopologyError } from './error.js';
import { codeOf, kindOf, readRegular, XML_FILE_LIMIT } from './files.js';
import { readHwlocTopology } from './hwloc.js';
import { isHardwareText, readHardwareTopology } from './numactl.js';
import { presets } from './presets.js';
import { readSyntheticTopology } from './synthetic.js';
import { findNodeDirectory, readSysfsTopology } from './sysfs.js';
import type { Topology } from './topology.js';

export type TopologyFormat = 'sysfs tree' | 'hwloc XML v1' | 'hwloc XML v2' | 'hwloc synthetic' | 'numactl --hardware';

export interface LoadedTopology {
  readonly format: TopologyFormat;
  readonly topology: Topology;
}

const FORMATS = 'a sysfs tree (a directory), an XML file of hwloc, what numactl --hardware printed, or a synthetic description such as "numa:4 core:2 pu:1"';
const ARCHIVE = /\.(tar|tgz|tbz2?|txz|(tar\.)?(gz|bz2|xz|zst)|zip)$/i;

/**
 * A machine by the name of a preset (`altix8`), or what loadTopology() reads.
 * @throws TopologyError as loadTopology() does.
 */
export function findTopology(given: string): Topology {
  return Object.entries(presets).find(([name]) => name === given)?.[1] ?? loadTopology(given).topology;
}

/**
 * Reads `given`, a directory or a file, and says which of the formats it was. The topology is named after it. What has a colon in it and is no
 * file is a synthetic description.
 *
 * @throws TopologyError for everything that is wrong with what is there.
 */
export function loadTopology(given: string): LoadedTopology {
  if (given.includes(':') && !existsSync(given)) return { format: 'hwloc synthetic', topology: readSyntheticTopology(given) };
  const stats = statOf(given);
  const name = path.basename(path.resolve(given)).replace(/\.(xml|txt)$/i, '') || 'root';
  if (stats.isDirectory()) {
    // The user may come through a link; below the directory named here none is followed.
    const root = realpathSync(given);
    if (findNodeDirectory(root) === undefined) {
      throw new TopologyError({ file: given, field: 'topology', found: 'a directory without sys/devices/system/node', expected: FORMATS });
    }
    return { format: 'sysfs tree', topology: readSysfsTopology(root, name) };
  }
  if (!stats.isFile()) throw new TopologyError({ file: given, field: 'topology', found: kindOf(stats), expected: FORMATS });
  if (ARCHIVE.test(given)) {
    const expected = `${FORMATS}; unpack it first: ${howToUnpack(given)}`;
    throw new TopologyError({ file: given, field: 'topology', found: 'a packed archive', expected });
  }
  return fromText(given, name);
}

function fromText(file: string, name: string): LoadedTopology {
  const source = readRegular(file, XML_FILE_LIMIT, { follow: true }) ?? '';
  if (isHardwareText(source)) return { format: 'numactl --hardware', topology: readHardwareTopology(file, source, name) };
  if (!/^\uFEFF?\s*</.test(source)) {
    throw new TopologyError({ file, line: 1, field: 'topology', found: 'a file that begins neither with < nor with "available:"', expected: FORMATS });
  }
  const topology = readHwlocTopology(file, source.replace(/^\uFEFF/, ''), name);
  return { format: /<topology\s[^>]*version="2/.test(source) ? 'hwloc XML v2' : 'hwloc XML v1', topology };
}

function statOf(given: string): Stats {
  try {
    return statSync(given);
  } catch (error) {
    const code = codeOf(error);
    const found = code === 'ENOENT' || code === 'ENOTDIR' ? 'nothing there' : code;
    throw new TopologyError({ file: given, field: 'topology', found, expected: FORMATS });
  }
}

function howToUnpack(file: string): string {
  if (/\.zip$/i.test(file)) return `unzip ${file} -d DIRECTORY`;
  if (/(?<!\.tar)\.(gz|bz2|xz|zst)$/i.test(file)) return `unpack ${file} with the program for its ending`;
  return `mkdir DIRECTORY && tar -xf ${file} -C DIRECTORY`;
}
