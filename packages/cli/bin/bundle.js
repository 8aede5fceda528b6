// Runs the modules of dist/bundle (scripts/bundle-cli.mjs): a chunk is a script that holds many of them as functions. Beside it may lie what V8 made of it when it was built, and then nothing
// is parsed again; V8 refuses what another version or other flags have made.
'use strict';

const { readFileSync } = require('node:fs');
const { createRequire } = require('node:module');
const path = require('node:path');
const { pathToFileURL } = require('node:url');
const vm = require('node:vm');

const directory = path.join(__dirname, '../dist/bundle');
const dynamic = vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER;

/** The scripts that were compiled, by the name of their cache. */
const scripts = new Map();
const chunks = new Map();
const loaded = new Map();
/** Manifests of the kit's packages: by them a package is found where it is installed. */
const manifests = new Map([['@pmkit/cli', path.join(__dirname, '../package.json')]]);

function compile(name, filename, source) {
  let cachedData;
  try {
    cachedData = readFileSync(path.join(directory, `${name}.cache`));
  } catch {
    // It runs without, too.
  }
  const script = new vm.Script(source, { filename, cachedData, importModuleDynamically: dynamic });
  scripts.set(name, script);
  return script.runInThisContext();
}

function chunk(name) {
  let modules = chunks.get(name);
  if (modules === undefined) {
    const file = path.join(directory, `${name}.js`);
    chunks.set(name, (modules = compile(name, file, readFileSync(file, 'utf8'))));
  }
  return modules;
}

/** The exports of a module, which runs when it is asked for first. Its name begins with that of its chunk. */
function use(id) {
  let exports = loaded.get(id);
  if (exports === undefined) loaded.set(id, (exports = chunk(id.slice(0, id.indexOf(':')))[id](use)));
  return exports;
}

/** For import(): what goes wrong is a promise's, too. */
use.later = async id => use(id);

use.node = require;

function manifestOf(name) {
  let found = manifests.get(name);
  if (found === undefined) manifests.set(name, (found = createRequire(__filename).resolve(`${name}/package.json`)));
  return found;
}

/** import.meta.url of a file of a package as it is installed. */
use.url = (name, file) => pathToFileURL(path.join(path.dirname(manifestOf(name)), file)).href;

/** The program of a thread. */
use.thread = name => pathToFileURL(path.join(directory, name));

/** A CommonJS package that one of the kit's depends on, where it is installed. */
use.installed = (owner, name) => {
  let exports = loaded.get(name);
  if (exports === undefined) {
    const file = createRequire(manifestOf(owner)).resolve(name);
    const own = { exports: {} };
    const source = `(function (exports, require, module, __filename, __dirname) {${readFileSync(file, 'utf8')}\n})`;
    compile(name, file, source)(own.exports, createRequire(file), own, file, path.dirname(file));
    loaded.set(name, (exports = own.exports));
  }
  return exports;
};

/** Modules of others import the packages by name and would get other instances than those in here: bin/pmkit.js does not take the bundle for them. */
use.foreign = name => Promise.reject(new Error(`${name}: not a module of the kit; it cannot run beside the bundle`));

module.exports = { directory, scripts, use };
