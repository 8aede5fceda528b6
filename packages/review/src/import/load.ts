/** The kernel of an imported tree, loaded. This runs what was sent: its modules are loaded into this process, with all that this process may do. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { defineBase, Series, type ObjectFiles } from '@pmkit/linker';
import type { OtherTree } from '@pmkit/series/catalogue';
import { packageRoot } from '../source/packages.js';
import { compileTree } from './compile.js';
import { SENT_PACKAGE, withOrigins, type Origins } from './origins.js';
import { ImportError } from './read.js';

/** A tree as modules on the disk. Plain data: another thread can be told to load it. */
export interface WrittenTree {
  /** The patch on top. */
  readonly name: string;
  /** The module to begin with. */
  readonly entry: string;
  readonly origins: Origins;
}

/** A directory of its own for the modules of imported trees. Remove it when they have been loaded. */
export class ModulePlace {
  readonly #directory = mkdtempSync(path.join(tmpdir(), 'pmkit-import-'));
  #trees = 0;

  /**
   * Writes the modules of a tree where the kit's packages can be imported from. Nothing of them is run.
   * @throws {ImportError} for a module that cannot be compiled, or that imports what is not of the tree, with file and line.
   */
  write(files: ReadonlyMap<string, string>, name: string, origins: Origins): WrittenTree {
    const { texts, entry, needs } = compileTree(files);
    const root = path.join(this.#directory, String(this.#trees++));
    mkdirSync(path.join(root, 'node_modules/@pmkit'), { recursive: true });
    for (const needed of needs) symlinkSync(packageRoot(needed), path.join(root, 'node_modules', needed), 'junction');
    for (const [file, text] of texts) {
      const target = path.join(root, file);
      mkdirSync(path.dirname(target), { recursive: true });
      writeFileSync(target, text);
    }
    return { name, entry: path.join(root, entry), origins };
  }

  /** Where in what was written for the trees an error comes from, `mm/mmigrate.mjs:12:7`; null: elsewhere. */
  placeOf({ stack = '' }: Error): string | null {
    const [, behind] = stack.split(`${pathToFileURL(this.#directory).href}/`);
    return behind === undefined ? null : (/^\d+\/(\S+?:\d+:\d+)/.exec(behind)?.[1] ?? null);
  }

  remove(): void {
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

/**
 * Loads a tree: from here on its code runs. Whether it links shows when it is booted.
 * @throws {ImportError} when its modules cannot be loaded.
 */
export async function loadTree({ name, entry, origins }: WrittenTree): Promise<OtherTree> {
  const { objects, createMachine } = await loadEntry(name, entry);
  const { definitions } = Series.of(defineBase({ name, package: SENT_PACKAGE, objects }));
  return { createMachine, definitions: withOrigins(definitions, origins) };
}

interface Entry { readonly objects: ObjectFiles; readonly createMachine: OtherTree['createMachine'] }

async function loadEntry(name: string, entry: string): Promise<Entry> {
  try {
    return (await import(pathToFileURL(entry).href)) as Entry;
  } catch (error) {
    const root = path.dirname(entry);
    const message = (error instanceof Error ? error.message : String(error)).replaceAll(`${pathToFileURL(root).href}/`, '').replaceAll(`${root}${path.sep}`, '');
    throw new ImportError(`${name}: the modules of the tree cannot be loaded: ${message}`, { cause: error });
  }
}
