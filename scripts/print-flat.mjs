// Prints the flat kernel of each level into dist/flat of the package in the working directory, which is @pmkit/series, after it was built.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { printFlat, readSources } from './flat/print.mjs';

const { levels } = await import(pathToFileURL(path.resolve('dist/levels.js')).href);
const names = new Set(levels.flatMap(({ definitions }) => [...definitions.values()].map(({ origin }) => origin.package)));
const sources = readSources([...names]);
const texts = [];
for (const { definitions } of levels) texts.push(await printFlat(sources, definitions));
rmSync('dist/flat', { recursive: true, force: true });
mkdirSync('dist/flat', { recursive: true });
for (const [level, text] of texts.entries()) writeFileSync(`dist/flat/level-${String(level).padStart(2, '0')}.js`, text);
