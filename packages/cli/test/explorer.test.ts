/** The command serves the site until it is told to end; what the page does with the address is tested in packages/explorer. */
import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { siteDirectory } from '@pmkit/explorer';
import { scratch, session } from './helpers.js';

const program = fileURLToPath(new URL('../bin/pmkit.js', import.meta.url));
const isBuilt = existsSync(path.join(siteDirectory, 'index.html'));

/** The first line that pmkit explorer prints; it is ended after `look`. */
async function served<T>(cwd: string, argv: readonly string[], look: (url: string) => Promise<T>): Promise<T> {
  const child = spawn(process.execPath, [program, 'explorer', '--no-open', ...argv], { cwd, stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const line = await new Promise<string>((resolve, reject) => {
      child.stdout.setEncoding('utf8').once('data', resolve);
      child.once('close', code => reject(new Error(`ended with ${code ?? 'a signal'}`)));
    });
    return await look(line.trimEnd());
  } finally {
    child.kill();
  }
}

describe.skipIf(!isBuilt)('pmkit explorer (skipped before a build)', () => {
  it('serves the page at the level of the working directory', async () => {
    const cwd = scratch();
    const pmkit = session({ cwd });
    await pmkit('goto 4');
    writeFileSync(path.join(cwd, 'job.sh'), 'echo $((1 + 1))\n');
    await served(cwd, ['job.sh', '--machine', 'altix8', '--step', '2'], async url => {
      const { origin, pathname, hash } = new URL(url);
      expect(pathname).toBe('/');
      const words = new URLSearchParams(hash.slice(1));
      expect([words.get('level'), words.get('machine'), words.get('at'), words.get('name')]).toEqual(['4', 'altix8', '2', 'job.sh']);
      expect(words.get('bash')).toBe("cat > job.sh <<'END_OF_SCRIPT'\necho $((1 + 1))\nEND_OF_SCRIPT\nbash job.sh");
      const page = await fetch(origin);
      expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(await page.text()).toContain('<title>pmkit explorer</title>');
    });
  });
});

it('refuses what is no port, no position, no level and no file', async () => {
  const pmkit = session();
  for (const words of ['--port 70000', '--step x', '--at 11', 'missing.sh']) expect(await pmkit(`explorer --no-open ${words}`)).toMatchObject({ code: 2, out: '' });
});
