/** A lint rule for who may import whom (layers.js): static imports, and `import()` in expressions and types. */
import { readFileSync } from 'node:fs';
import { kernelPackages, layers } from '../layers.js';
import { placeOf } from './place.js';

/** @param {string} text */
const escape = (text) => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');

/**
 * The subpaths that a package opens in its exports map, `*` standing for anything.
 * @param {string} name
 */
function openSubpaths(name) {
  const manifest = JSON.parse(readFileSync(new URL(`../packages/${name}/package.json`, import.meta.url), 'utf8'));
  return Object.keys(manifest.exports)
    .filter((key) => key !== '.')
    .map((key) => key.slice(2));
}

/**
 * Import bans for one package, as pairs of a pattern and what to do instead.
 * @param {string} name
 */
function bannedImports(name) {
  const level = layers.indexOf(name);
  const above = layers.slice(level + 1).map((upper) => ({
    pattern: new RegExp(`^@pmkit/${escape(upper)}(/|$)`),
    message: `@pmkit/${upper} lies above @pmkit/${name}: move what is shared down, or pass it in from above.`,
  }));
  const inside = layers.slice(0, level).map((lower) => {
    const open = openSubpaths(lower);
    const allowed = open.map((subpath) => escape(subpath).replace('\\*', '.+')).join('|');
    return {
      pattern: new RegExp(`^@pmkit/${escape(lower)}/${allowed ? `(?!(${allowed})(?<!\\.[jt]s)$)` : ''}`),
      message: `This is inside @pmkit/${lower}: import what its exports map opens (${['.', ...open].join(', ')}), without a file extension.`,
    };
  });
  const sideways = {
    pattern: new RegExp(`^(\\.\\./)+(${layers.map(escape).join('|')})/(src|test|dist)(/|$)`),
    message: 'Another package is imported by its name (@pmkit/...), not by a path.',
  };
  return [...above, ...inside, sideways];
}

const host = { pattern: /^node:/, message: 'Kernel code has no host: let @pmkit/machine or @pmkit/cli hand in what it needs.' };

/** @type {Map<string, readonly { pattern: RegExp, message: string }[]>} */
const known = new Map();
/** A test may read files and start programs; of the layers it is bound like the rest of its package. */
function bansFor({ name, part }) {
  const key = `${name}/${part}`;
  if (!known.has(key)) {
    const isKernel = part === 'src' && (name === 'linker' || kernelPackages.includes(name));
    known.set(key, [...bannedImports(name), ...(isKernel ? [host] : [])]);
  }
  return known.get(key);
}

export const imports = {
  meta: { type: 'problem', schema: [] },

  create(context) {
    const place = placeOf(context.filename);
    if (place === null || !layers.includes(place.name) || !['src', 'test'].includes(place.part)) return {};
    const bans = bansFor(place);
    const check = (source) => {
      if (typeof source?.value !== 'string') return;
      for (const { pattern, message } of bans) if (pattern.test(source.value)) context.report({ node: source, message });
    };
    return {
      ImportDeclaration: ({ source }) => check(source),
      ExportNamedDeclaration: ({ source }) => check(source),
      ExportAllDeclaration: ({ source }) => check(source),
      ImportExpression: ({ source }) => check(source),
      TSImportType: ({ source, argument }) => check(source ?? argument?.literal ?? argument),
    };
  },
};
