import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { migrationSeries, type PatchEntry } from '@pmkit/series/stack';
import { onTestFinished } from 'vitest';
import { run, type Services } from '../src/index.js';

export function scratch(): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'pmkit-cli-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** A kernel that always builds, with one file a patch: what the commands do with the answers is under test, not the linker. */
export const quickServices: Services = {
  series: migrationSeries,
  linkLevel: () => Promise.resolve(),
  touchedFiles: (entry: PatchEntry) => Promise.resolve([{ file: `mm/file${entry.number}.c`, isNew: entry.number === 3, symbols: [{ name: `f${entry.number}`, change: 'adds', isFunction: true }] }]),
};

export interface Answer {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface Session {
  readonly cwd: string;
  (command: string | readonly string[]): Promise<Answer>;
}

export interface SessionOptions {
  readonly services?: Services;
  readonly env?: Readonly<Record<string, string>>;
  readonly isTTY?: boolean;
  readonly cwd?: string;
  readonly columns?: number;
  readonly page?: (command: string, text: string) => Promise<void>;
}

/** Runs commands one after the other in a working directory of their own. */
export function session({ services = quickServices, env = {}, isTTY = false, cwd = scratch(), columns, page }: SessionOptions = {}): Session {
  const ask = async (command: string | readonly string[]): Promise<Answer> => {
    let out = '';
    let err = '';
    const io = { stdout: (text: string) => void (out += text), stderr: (text: string) => void (err += text), cwd, env, isTTY, stderrIsTTY: isTTY, columns, ...(page === undefined ? {} : { page }) };
    const argv = typeof command === 'string' ? command.split(' ').filter((word) => word !== '') : command;
    const code = await run(argv, io, { services });
    return { code, out, err };
  };
  return Object.assign(ask, { cwd });
}
