/** A topology from whatever the user points at. */
import { realpathSync, statSync, type Stats } from 'node:fs';
import path from 'node:path';
import { TopologyError } from './error.js';
import { codeOf, kindOf, readRegular, XML_FILE_LIMIT } from './files.js';
import { readHwlocTopology } from './hwloc.js';
import { findNodeDirectory, readSysfsTopology } from './sysfs.js';
import type { Topology } from './topology.js';

export type TopologyFormat = 'sysfs tree' | 'hwloc XML v1' | 'hwloc XML v2';

export interface LoadedTopology {
  readonly format: TopologyFormat;
  readonly topology: Topology;
}

const FORMATS = 'a sysfs tree (a directory) or an XML file of hwloc';
const ARCHIVE = /\.(tar|tgz|tbz2?|txz|(tar\.)?(gz|bz2|xz|zst)|zip)$/i;

/**
 * Reads `given`, a directory or a file, and says which of the formats it was. The topology is named after it.
 *
 * @throws TopologyError for everything that is wrong with what is there.
 */
export function loadTopology(given: string): LoadedTopology {
  const stats = statOf(given);
  const name = path.basename(path.resolve(given)).replace(/\.xml$/i, '') || 'root';
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
  return fromXml(given, name);
}

function fromXml(file: string, name: string): LoadedTopology {
  const source = readRegular(file, XML_FILE_LIMIT, { follow: true }) ?? '';
  if (!/^\uFEFF?\s*</.test(source)) {
    throw new TopologyError({ file, line: 1, field: 'topology', found: 'a file that does not begin with <', expected: FORMATS });
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
