/** Classic scripts that the page loads when it needs them: parts of the worker, and data. A page that was opened from a file may load these, and nothing else. */
import type { PreparedIndex, PreparedPatch } from '../protocol.js';

export interface WorkerPart { readonly needs: readonly string[]; readonly code: (...ignored: never) => void }

declare global {
  interface Window {
    pmkitParts?: Record<string, WorkerPart>;
    pmkitData?: Record<string, unknown>;
  }
}

const loading = new Map<string, Promise<void>>();

/** Loads a script of the site, once. */
function load(src: string): Promise<void> {
  const known = loading.get(src);
  if (known !== undefined) return known;
  const loaded = new Promise<void>((resolve, reject) => {
    const script = document.createElement('script');
    script.src = src;
    script.onload = () => resolve();
    script.onerror = () => {
      loading.delete(src);
      reject(new Error(`${src} could not be loaded`));
    };
    document.head.append(script);
  });
  loading.set(src, loaded);
  return loaded;
}

/** A part of the worker by file name. */
export async function workerPart(name: string): Promise<WorkerPart> {
  await load(name);
  const part = window.pmkitParts?.[name];
  if (part === undefined) throw new Error(`${name} is no part of the worker`);
  return part;
}

async function data(name: string): Promise<unknown> {
  await load(`data/${name}.js`);
  return window.pmkitData?.[name];
}

export const preparedIndex = async (): Promise<PreparedIndex> => (await data('index')) as PreparedIndex;
export const preparedPatch = async (name: string): Promise<PreparedPatch> => (await data(`patches/${name}`)) as PreparedPatch;
/** The text of a replay file. */
export const preparedRace = async (file: string): Promise<string> => (await data(file)) as string;
