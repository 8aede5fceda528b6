// The modules of a bundle: those of the kit as they were built, and what they bring from elsewhere.
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import path from 'node:path';
import { build } from 'esbuild';
import { kernelPackages } from '../../layers.js';
import { root } from '../tools.mjs';
import { wrapModule } from './wrap.mjs';

/** Packages that stay where they are installed, which have a CommonJS form: one is larger than the kit, the other brings a program. */
const INSTALLED = new Set(['esbuild', 'just-bash']);
/** A module of that many characters is a chunk of its own: the flat kernel of a level, a recorded kernel. */
const OWN_CHUNK = 100_000;

const packages = path.join(root, 'packages');
/** `name` of the package and `file` in it. */
const placeOf = (file) => {
  const [name, ...rest] = path.relative(packages, file).split(path.sep);
  return { name, file: rest.join('/') };
};

/** The kernel of every level is of all these packages, so they are one chunk. */
const chunkOf = name => (name === 'linker' || kernelPackages.includes(name) ? 'kernel' : name);

/** A package of somebody else as one CommonJS module. */
async function bundled(specifier, from) {
  const { outputFiles, metafile } = await build({
    entryPoints: [specifier], absWorkingDir: path.dirname(from), bundle: true, format: 'cjs', platform: 'node', target: 'node20', write: false, metafile: true, legalComments: 'none', tsconfigRaw: {}, outfile: 'bundle.js',
  });
  const inputs = Object.keys(metafile.inputs).map(input => path.resolve(path.dirname(from), input));
  return { inputs, text: `($use) {\nconst module = { exports: {} };\n(function (exports, require) {${outputFiles[0].text}})(module.exports, $use.node);\nreturn module.exports;\n}` };
}

export class Graph {
  /** The text of the method of each module, by its name: chunk, colon, place. */
  modules = new Map();
  /** Programs of threads, by their names. */
  threads = new Map();
  /** Directories of the packages of others that are in it. */
  #others = new Set();
  #waiting = [];
  #ids = new Map();

  /** @param entry a built file of the kit @returns its name */
  async add(entry) {
    const id = this.#module(entry);
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) this.modules.set(next.id, await next.text());
    return id;
  }

  #module(file) {
    const known = this.#ids.get(file);
    if (known !== undefined) return known;
    const { name, file: inPackage } = placeOf(file);
    const source = readFileSync(file, 'utf8');
    const place = `${name}/${inPackage.replace(/^dist\//, '')}`;
    const id = `${source.length > OWN_CHUNK ? place.replace(/\.js$/, '').replaceAll('/', '-') : chunkOf(name)}:${place}`;
    this.#ids.set(file, id);
    const parts = {
      resolve: (specifier, isDynamic) => this.#imported(file, specifier, isDynamic),
      thread: to => `$use.thread("${this.#thread(path.resolve(path.dirname(file), to))}")`,
      url: `$use.url("@pmkit/${name}", ${JSON.stringify(inPackage)})`,
    };
    this.#waiting.push({ id, text: () => wrapModule(place, source, parts) });
    return id;
  }

  /** @returns the name of the program of a thread that runs the module. */
  #thread(file) {
    const id = this.#module(file);
    const name = `${id.slice(id.indexOf(':') + 1).replace(/\.js$/, '').replaceAll('/', '-')}.cjs`;
    this.threads.set(name, `require('../../bin/bundle.js').use(${JSON.stringify(id)});\n`);
    return name;
  }

  /** The text that stands for an import. */
  #imported(from, specifier, isDynamic) {
    const later = isDynamic ? '.later' : '';
    if (isBuiltin(specifier)) return isDynamic ? `Promise.resolve($use.node("${specifier}"))` : `$use.node("${specifier}")`;
    if (INSTALLED.has(specifier)) {
      const installed = `$use.installed("@pmkit/${placeOf(from).name}", "${specifier}")`;
      return isDynamic ? `Promise.resolve(${installed})` : installed;
    }
    const id = /^[.#]|^@pmkit\//.test(specifier) ? this.#module(createRequire(from).resolve(specifier)) : this.#foreign(specifier, from);
    return `$use${later}("${id}")`;
  }

  /** The catalog of the workspace has one version of each, whoever asks. */
  #foreign(specifier, from) {
    const id = `${specifier.replace('@', '').replaceAll('/', '-')}:${specifier}`;
    if (this.#ids.has(specifier)) return id;
    this.#ids.set(specifier, id);
    this.#waiting.push({ id, text: async () => {
      const { inputs, text } = await bundled(specifier, from);
      for (const input of inputs) this.#others.add(/^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(input)[0]);
      return text;
    } });
    return id;
  }

  /** The scripts, by the names of the chunks: each answers its modules. */
  scripts() {
    const chunks = new Map();
    for (const [id, text] of this.modules) {
      const chunk = id.slice(0, id.indexOf(':'));
      chunks.set(chunk, [...(chunks.get(chunk) ?? []), `${JSON.stringify(id)}${text},\n`]);
    }
    return new Map([...chunks].map(([chunk, texts]) => [chunk, `({\n${texts.join('')}})\n`]));
  }

  /** What the licenses of the packages of others want to be said wherever a copy is. */
  licenses() {
    const texts = [...this.#others].map((directory) => {
      const { name, version, license } = JSON.parse(readFileSync(path.join(directory, 'package.json'), 'utf8'));
      const file = readdirSync(directory).find(each => /^licen[cs]e/i.test(each));
      return `${name} ${version} (${license})\n\n${file === undefined ? '' : readFileSync(path.join(directory, file), 'utf8').trim()}\n`;
    });
    return texts.sort().join(`\n${'-'.repeat(80)}\n\n`);
  }
}
