/** A lint rule for who may import whom (layers.js, the manifests): static imports, and `import()` in expressions and types. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { kernelPackages, layers } from '../layers.js';
import { placeOf } from './place.js';

/** @param {string} text */
const escape = (text) => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');

/** @param {string} name */
const manifestOf = (name) => JSON.parse(readFileSync(new URL(`../packages/${name}/package.json`, import.meta.url), 'utf8'));

/**
 * The subpaths that a package opens in its exports map, `*` standing for anything.
 * @param {string} name
 */
function openSubpaths(name) {
  return Object.keys(manifestOf(name).exports)
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
  return [...above, ...inside];
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

/** @type {Map<string, ReadonlySet<string>>} */
const dependencies = new Map();
/**
 * Whether a source is run with what its package does not list under dependencies. The page is built into one file, and what it is built with too.
 * @param {string} source
 */
function isUnlisted({ name, part, inside }, source) {
  if (part !== 'src' || (name === 'explorer' && inside.startsWith('ui/')) || /^(node:|#)/.test(source)) return false;
  if (!dependencies.has(name)) dependencies.set(name, new Set([`@pmkit/${name}`, ...Object.keys(manifestOf(name).dependencies ?? {})]));
  return !dependencies.get(name).has(source.split('/', source.startsWith('@') ? 2 : 1).join('/'));
}

/**
 * What is wrong with a path to another file, if anything is.
 * @param {string} filename
 * @param {string} source
 */
function wrongPath(filename, source) {
  const from = placeOf(filename);
  const to = placeOf(path.posix.join(path.posix.dirname(filename.replaceAll('\\', '/')), source));
  if (to !== null && to.name !== from.name) return 'Another package is imported by its name (@pmkit/...), not by a path.';
  if (from.part === 'src' && /^(type)?test$/.test(to?.part)) return 'Sources do not import tests. What tests of several packages share is exported on purpose (@pmkit/mm-core/testing).';
  return null;
}

export const imports = {
  meta: { type: 'problem', schema: [] },

  create(context) {
    const place = placeOf(context.filename);
    if (place === null || !layers.includes(place.name) || place.part === 'typetest') return {};
    const wrongName = (name, isType) => {
      const ban = bansFor(place).find(({ pattern }) => pattern.test(name));
      return ban?.message ?? (!isType && isUnlisted(place, name) ? 'Sources may use only what the package lists under dependencies.' : null);
    };
    const check = (source, isType = false) => {
      if (typeof source?.value !== 'string') return;
      const message = source.value.startsWith('.') ? wrongPath(context.filename, source.value) : wrongName(source.value, isType);
      if (message !== null) context.report({ node: source, message });
    };
    return {
      ImportDeclaration: ({ source, importKind }) => check(source, importKind === 'type'),
      ExportNamedDeclaration: ({ source, exportKind }) => check(source, exportKind === 'type'),
      ExportAllDeclaration: ({ source, exportKind }) => check(source, exportKind === 'type'),
      ImportExpression: ({ source }) => check(source),
      TSImportType: ({ source, argument }) => check(source ?? argument?.literal ?? argument, true),
    };
  },
};
