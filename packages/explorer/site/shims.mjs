/**
 * What the kernel's worker takes instead of modules of Node (vite's `resolve.alias`), which the console of @pmkit/machine and just-bash import. What they come to in a browser works: paths, buffers, gzip.
 * What they never come to, files of this computer for instance, fails when it is called.
 */
import { realpathSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = name => fileURLToPath(new URL(`node/${name}.mjs`, import.meta.url));
const machine = fileURLToPath(new URL('../node_modules/@pmkit/machine', import.meta.url));

const SHIMS = ['async_hooks', 'crypto', 'dns', 'fs', 'fs/promises', 'module', 'path', 'timers/promises', 'url', 'worker_threads', 'zlib'];

export const alias = [
  // Its build for browsers has neither parse() nor serialize(): the one for Node, over these modules.
  { find: /^just-bash$/, replacement: path.join(realpathSync(machine), 'node_modules/just-bash/dist/bundle/index.js') },
  ...SHIMS.map(name => ({ find: new RegExp(`^node:${name}$`), replacement: here(name.replace('/', '-')) })),
];

/** What Node has as globals, brought along by who comes first. */
export const globals = here('globals');
