/** What an exported project has beside the kernel, the linker and the catalogue: its own few files. The same at every level. */

/** Exactly what the kit itself is checked with; a test holds them against its own list. */
export const TOOLS = { '@types/node': '20.19.43', typescript: '7.0.2', vitest: '4.1.12' } as const;

export const PROJECT_NAME = 'page-migration';

export const PACKAGE_JSON = `${JSON.stringify({
  name: PROJECT_NAME,
  version: '0.0.0',
  private: true,
  description: 'Manual page migration for Linux 2.6.12 (-rc3, June 2005), one patch a commit, as a simulated kernel.',
  license: 'MIT',
  type: 'module',
  engines: { node: '>=20.19' },
  scripts: { typecheck: 'tsc --noEmit', build: 'tsc', test: 'vitest run --dir test', behaviour: 'node tools/behaviour.mjs' },
  devDependencies: TOOLS,
}, null, 2)}\n`;

export const TSCONFIG = `${JSON.stringify({
  compilerOptions: {
    target: 'ES2023', lib: ['ES2023'], module: 'NodeNext', moduleResolution: 'NodeNext', moduleDetection: 'force', types: [],
    strict: true, noUncheckedIndexedAccess: true, exactOptionalPropertyTypes: true, noImplicitOverride: true, noImplicitReturns: true,
    noFallthroughCasesInSwitch: true, noUnusedLocals: true, useUnknownInCatchVariables: true, verbatimModuleSyntax: true, isolatedModules: true, skipLibCheck: true,
    rootDir: '.', outDir: 'build', noEmitOnError: true, incremental: true, tsBuildInfoFile: 'build/.tsbuildinfo',
  },
  exclude: ['build', 'node_modules'],
}, null, 2)}\n`;

export const GITIGNORE = 'node_modules/\nbuild/\npackage-lock.json\n';

export const README = `# Manual page migration for Linux 2.6.12, one patch a commit

A simulated kernel in the layout of the real one: \`mm/mmigrate.ts\` plays the part of \`mm/mmigrate.c\`. The first commit is the tree below the series, each further one a
patch of Ray Bryant's -rc3 of June 2005 as pmkit models it; author and date are those of the original, the code and the message are not. Tags \`level-0\` to \`level-10\`
name the levels. \`main\` ends with patch 9. Patch 10 mends a function of the memory hotplug project, so it is on the branch \`hotplug\`, behind the two patches of that project, with
which the tree does not build until patch 10 is there.

    npm install
    npm run typecheck
    npm test                              # the catalogue of behaviours, as it should be in this tree
    npm run behaviour                     # names of behaviours
    npm run behaviour policy-task-new-memory

| | |
|---|---|
| \`arch fs include init ipc kernel lib mm drivers\` | the kernel; \`kernel-table.ts\` lists its object files |
| \`machine.ts model sim\` | what the kernel runs on |
| \`linker\` | links object files into a table of functions |
| \`catalogue\` | behaviours: what they are, how to see them, what is seen at each level |

The TypeScript is pmkit's, under the MIT licence; no text or code of the kernel or of the mails is in it.

Which patch changed a behaviour:

    git bisect start level-9 level-0
    git bisect run node tools/behaviour.mjs policy-task-new-memory

The program says 0 when what is seen is what the catalogue expects at level 0, or at the level after \`--good\`; 1 when it is not; 125 when the tree does not build.
`;

export const BOOT_TREE = `/** Boots the kernel of this tree, whatever it is. */
import { boot, type MachineConfig } from '../index.js';
import type { Tree } from './behaviour.js';
import type { AnyKernel } from './tree.js';

/** @throws {LinkError} when the tree does not build. */
export const bootTree = (_tree: Tree, config: MachineConfig): AnyKernel => boot(config);
`;

export const THIS_TREE = `/** Which tree of the series this is: the kernel table names the patch on top. */
import { base } from '../kernel-table.js';
import type { KernelTable } from '../kernel-table.js';
import type { Calls } from '../linker/index.js';
import type { Machine } from '../machine.js';
import type { Tree } from './behaviour.js';

/** What every level's kernel has. try_to_migrate_pages() is not among it: its prototype changes. */
export type AnyKernel = Omit<Calls<KernelTable, keyof KernelTable>, 'try_to_migrate_pages'> & { readonly m: Machine };

const PATCHES = [
  'AA-PM-99-x86_64-IMMOVABLE.patch', 'hirokazu-steal_page_from_lru.patch', 'xfs-migrate-page-rc3.patch', 'add-node_map-arg-to-try_to_migrate_pages-rc3.patch',
  'add-sys_migrate_pages-rc3.patch', 'sys_migrate_pages-mempolicy-migration-rc3.patch', 'add-mempolicy-control-rc3.patch',
  'sys_migrate_pages-migration-selection-rc3.patch', 'sys_migrate_pages-cpuset-support.patch', 'sys_migrate_pages-permissions-check.patch',
  'N1.2-add-nodemap-to-try_to_migrate_pages-call.patch',
];

/** The hotplug patches stand on level 9 and do not build there. */
export const thisTree: Tree = base.name.startsWith('N1.0') || base.name.startsWith('N1.1') ? { level: 9, hotplug: true } : { level: PATCHES.indexOf(base.name), hotplug: false };
`;

export const CATALOGUE_TEST = `import { expect, test } from 'vitest';
import { behaviours } from '../catalogue/list.js';
import { observe } from '../catalogue/run.js';
import { thisTree } from '../catalogue/tree.js';

test.each(behaviours.map(behaviour => [behaviour.id, behaviour] as const))('%s', (_id, behaviour) => {
  const { seen, expected } = observe(behaviour, thisTree);
  expect(seen).toBe(expected);
});
`;

export const BEHAVIOUR_TOOL = `// node tools/behaviour.mjs ID [--good LEVEL]: whether a behaviour is what the catalogue expects at a level (default 0), for git bisect run.
// Exit code 0: it is. 1: it is not. 125: the tree does not build. 128: wrong arguments, or no compiler; it ends a bisect.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const fail = (code, text) => {
  console.error(text);
  process.exit(code);
};

const [id, option, level = '0', ...rest] = process.argv.slice(2);
if (rest.length > 0 || (option !== undefined && option !== '--good') || !/^([0-9]|10)$/.test(level)) fail(128, 'usage: node tools/behaviour.mjs ID [--good LEVEL]');
const compiler = \`\${root}node_modules/typescript/bin/tsc\`;
if (!existsSync(compiler)) fail(128, 'npm install comes first');
const { status } = spawnSync(process.execPath, [compiler, '-p', root], { stdio: ['ignore', 'inherit', 'inherit'] });
if (status !== 0) fail(125, 'the tree does not build');

const { behaviours, findBehaviour } = await import('../build/catalogue/list.js');
const { expected } = await import('../build/catalogue/behaviour.js');
const { seenAnyhow } = await import('../build/catalogue/run.js');
const { thisTree } = await import('../build/catalogue/tree.js');
if (id === undefined) {
  for (const behaviour of behaviours) console.log(\`\${behaviour.id}: \${behaviour.sentence}\`);
  process.exit(0);
}
const behaviour = findBehaviour(id);
if (behaviour === undefined) fail(128, \`no behaviour is called \${id}\`);
const seen = seenAnyhow(behaviour, thisTree);
const good = expected(behaviour, { level: Number(level), hotplug: false });
console.log(seen === good ? \`\${id}: \${seen}\` : \`\${id}: \${seen}; at level \${level}: \${good}\`);
process.exit(seen === good ? 0 : 1);
`;
