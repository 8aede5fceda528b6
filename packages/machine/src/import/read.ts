/**
 * Reading a process: `/proc/PID` of a running one, or a directory with copies of its files. Only regular files are read, nothing is followed
 * out of the directory, and none is read beyond a limit.
 */
import { statSync } from 'node:fs';
import path from 'node:path';
import { TopologyError } from '../topology/error.js';
import { readRegular } from '../topology/files.js';
import { findNodeDirectory, readSysfsTopology } from '../topology/sysfs.js';
import type { Topology } from '../topology/topology.js';
import { show } from '../topology/error.js';
import { ImportError } from './error.js';
import { MAX_FILE_BYTES } from './lines.js';
import { parseMaps } from './maps.js';
import { parseNumaMaps } from './numa-maps.js';
import type { ParsedProcess } from './plan.js';
import { parseSmaps } from './smaps.js';
import { parseStatus } from './status.js';

/** A running process comes and goes while it is read; after so many tries what there is is taken. */
const TRIES = 10;

/**
 * @param given a process id or `self`, or a directory with maps, numa_maps, status and, if it is there, smaps. A sysfs tree below the directory (`sys/…` or
 *   `node/…`) is the machine it ran on; for a process id it is that of this machine.
 * @throws ImportError, also for a damaged sysfs tree.
 */
export function readProcess(given: string): ParsedProcess {
  const pid = /^(?:\/proc\/)?([1-9]\d{0,9}|self)\/?$/.exec(given)?.[1];
  const live = pid === undefined ? undefined : `/proc/${pid}`;
  const directory = live ?? given;
  if (!(statSync(directory, { throwIfNoEntry: false })?.isDirectory() ?? false)) {
    const expected = live === undefined ? 'a directory with maps, numa_maps and status, or the id of a process' : 'a running process of a Linux with /proc';
    throw new ImportError({ file: directory, field: 'process', found: 'no such directory', expected });
  }
  return { ...readFiles(directory), machine: asImportError(() => machineOf(live === undefined ? directory : '/sys')), directory };
}

/** Reads until maps is the same before and after the other files. */
function readFiles(directory: string): Omit<ParsedProcess, 'machine' | 'directory'> {
  const textOf = (name: string): string | undefined => asImportError(() => readRegular(path.join(directory, name), MAX_FILE_BYTES));
  const must = (name: string): string => textOf(name) ?? missing(directory, name);
  for (let tries = 1; ; tries++) {
    const maps = must('maps');
    const numaMaps = must('numa_maps');
    const smaps = textOf('smaps');
    const status = must('status');
    if (maps !== must('maps') && tries < TRIES) continue;
    const at = (name: string): string => path.join(directory, name);
    return {
      maps: parseMaps(maps, at('maps')), numaMaps: parseNumaMaps(numaMaps, at('numa_maps')),
      smaps: smaps === undefined ? null : parseSmaps(smaps, at('smaps')), status: parseStatus(status, at('status')),
    };
  }
}

function missing(directory: string, name: string): never {
  const expected = name === 'numa_maps' ? 'the file, as a Linux with CONFIG_NUMA has it' : 'the file, as Linux has it for every process';
  throw new ImportError({ file: path.join(directory, name), field: 'file', found: 'no such file', expected });
}

function machineOf(root: string): Topology | null {
  return findNodeDirectory(root) === undefined ? null : readSysfsTopology(root, root === '/sys' ? 'this machine' : show(path.basename(path.resolve(root))).slice(1, -1));
}

/** The readers of topologies have an error of their own; what it says is the same. */
function asImportError<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof TopologyError) throw new ImportError(error);
    throw error;
  }
}
