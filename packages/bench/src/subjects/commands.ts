/** The command as one types it in the shell: starts, does its work, ends. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { subjectsOf, type Prepared, type SubjectText } from '../subject.js';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const pmkit = fileURLToPath(new URL('../../../cli/bin/pmkit.js', import.meta.url));

function run(args: readonly string[]): void {
  const { status, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, PMKIT_TREE: undefined } });
  if (status !== 0) throw new Error(`node ${args.join(' ')} failed (exit code ${status ?? 'none'})\n${stderr}`);
}

function command(args: readonly string[]): Prepared {
  return {
    operation: () => {
      run([pmkit, ...args]);
      return 1;
    },
    roofline: () => run(['--eval', '0']),
  };
}

const subject = (name: string, title: string, args: readonly string[], quick: readonly string[], more: Partial<SubjectText>): SubjectText => ({
  name, title, unit: 'run', shown: 'time', kernels: false, size: { of: 'whole (1) or not (0)', full: 1, quick: 0 }, roofline: 'Node starts and ends: `node --eval 0`',
  prepare: ({ size }) => command(size === 0 ? quick : args), ...more,
});

export const subjects = subjectsOf(import.meta.url, [
  subject('version', '`pmkit --version`', ['--version'], ['--version'], { samples: 10, goals: [{ of: 'ms', limit: 100 }] }),
  subject('matrix', '`pmkit matrix`: the catalogue at every level', ['matrix'], ['matrix', 'select-library-text'], { samples: 2, goals: [{ of: 'ms', limit: 5000 }] }),
  subject('bisect', '`pmkit bisect --behaviour` of an entry of the catalogue', ['bisect', '--behaviour', 'select-library-text', '--good', '4', '--bad', '10'],
    ['bisect', '--behaviour', 'select-library-text', '--good', '4', '--bad', '10'], { samples: 7, goals: [{ of: 'ms', limit: 300 }] }),
  subject('story', '`npm start` without the build: scenarios/overview.sh at every level', ['run', '--at', 'all', '--machine', 'altix64', 'scenarios/overview.sh'],
    ['run', '--at', '9', '--machine', 'altix8', '-c', 'true'], { samples: 2 }),
]);
