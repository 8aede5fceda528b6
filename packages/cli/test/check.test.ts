/** pmkit check, as people and tools see it. */
import { behaviours } from '@pmkit/series/catalogue';
import { XMLParser } from 'fast-xml-parser';
import { describe, expect, it } from 'vitest';
import { b4Schema } from '../src/check/b4.js';
import { checkSchema } from '../src/check/json.js';
import { run } from '../src/index.js';
import { quickServices, scratch, session, type Answer } from './helpers.js';

const FEW = ['permission-other-user', 'mark-by-anybody', 'get-mempolicy-bits', 'hotplug-tree-builds', 'capture-meets-migrate-pages'];
const services = { ...quickServices, behaviours: behaviours.filter(({ id }) => FEW.includes(id)) };
const pmkit = (command: string): Promise<Answer> => session({ services, columns: 120 })(command);

/** The command with a mail on standard input. */
async function withMail(command: string, mail: string): Promise<Answer> {
  let [out, err] = ['', ''];
  const stdin = { isTTY: false, text: () => Promise.resolve(mail), lines: () => { throw new Error('not a shell'); } };
  const io = { stdout: (text: string) => void (out += text), stderr: (text: string) => void (err += text), cwd: scratch(), env: {}, isTTY: false, stderrIsTTY: false, stdin };
  return { code: await run(command.split(' '), io, { services }), out, err };
}

/** Workflow commands, read as the runner reads them. */
const commandsIn = (out: string): { readonly kind: string; readonly properties: Record<string, string>; readonly message: string }[] => out.trimEnd().split('\n').map((line) => {
  const [, kind, list, data] = /^::(error|warning|notice) ([^:]*)::(.*)$/.exec(line)!;
  const read = (text: string): string => text.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%3A', ':').replaceAll('%2C', ',').replaceAll('%25', '%');
  return { kind: kind!, properties: Object.fromEntries(list!.split(',').map((pair) => [pair.slice(0, pair.indexOf('=')), read(pair.slice(pair.indexOf('=') + 1))])), message: read(data!) };
});

describe('pmkit check', () => {
  it('is a line a check for people, and what there is to look at', async () => {
    const { out, err, code } = await pmkit('check 6');
    expect({ err, code }).toEqual({ err: '', code: 0 });
    expect(out).toMatch(/^6 add-mempolicy-control-rc3\.patch\nmbind\(\) says what is to be migrated\n\npass {2}apply /);
    expect(out).toContain('\nwarn  findings    1 defect, 1 other finding\n');
    expect(out).toMatch(/\nfindings\n {2}defect: mark-by-anybody \(packages\/p06-mbind-control\/src\/mm\/mempolicy\.ts:\d+\)\n {4}No permission is asked for/);
  });
  it('fails with 1 when something fails, and is told what it cannot do with 2', async () => {
    expect(await pmkit('check N1.0')).toMatchObject({ code: 1, err: 'pmkit check: N1.0-memsection_migrate.patch fails: build\n' });
    expect(await pmkit('check 9')).toMatchObject({ code: 0, err: '' });
    expect(await pmkit('check 11')).toMatchObject({ code: 2, out: '' });
    expect(await pmkit('check 6 --format tap')).toMatchObject({ code: 2, out: '' });
    expect(await pmkit('check 6 --paths here')).toMatchObject({ code: 2, out: '' });
    expect(await pmkit('check 6 --format b4 --url here')).toMatchObject({ code: 2, out: '', err: '--url here: expected an address such as https://ci.example.org/7\n' });
    expect(await pmkit('check 6 --format b4 --url javascript:alert(1)')).toMatchObject({ code: 2, out: '' });
    expect(await pmkit('check -')).toMatchObject({ code: 2, out: '' });
  });
  it('is data', async () => {
    const { patch, status, checks } = checkSchema.parse(JSON.parse((await pmkit('check 9 --format json')).out));
    expect({ patch, status }).toEqual({ patch: 'sys_migrate_pages-permissions-check.patch', status: 'pass' });
    expect(checks.find(({ id }) => id === 'behaviours')!.cases.map(({ name }) => name)).toEqual(['permission-other-user at level 8', 'permission-other-user at level 9']);
  });
});

describe('for b4', () => {
  it('is a list of results', async () => {
    const results = b4Schema.parse(JSON.parse((await pmkit('check 6 --format b4 --url https://ci.example.org/7')).out));
    expect(results.map(({ tool, status }) => `${tool} ${status}`)).toEqual(
      ['pmkit-apply pass', 'pmkit-build pass', 'pmkit-prototypes pass', 'pmkit-behaviours pass', 'pmkit-invariants pass', 'pmkit-findings warn']);
    expect(results.every(({ url }) => url === 'https://ci.example.org/7')).toBe(true);
    expect(results.at(-1)!.details).toContain('discrepancy: get-mempolicy-bits');
    expect(results[0]).not.toHaveProperty('details');
  });
  it('takes the patch from the mail, and has nothing to say of others', async () => {
    const { out, code } = await withMail('check - --format b4', 'Subject: [PATCH 09/12] sys_migrate_pages-permissions-check: who may migrate whom\n\ndiff\n');
    expect([code, b4Schema.parse(JSON.parse(out)).length]).toEqual([0, 6]);
    expect(await withMail('check - --format b4', 'Subject: [PATCH 00/12] manual page migration\n\ncover\n')).toEqual({ code: 0, out: '[]\n', err: '' });
    expect(await withMail('check - --format junit', 'Subject: lunch\n\n')).toMatchObject({ code: 2, out: '', err: 'pmkit check -: expected a mail whose subject names a patch of the series, and that is no cover letter and no answer\n' });
  });
  it('does not take a cover letter or an answer for the patch that it names', async () => {
    for (const subject of ['[PATCH 00/10] sys_migrate_pages-permissions-check and others', 'Re: [PATCH 09/12] sys_migrate_pages-permissions-check: who may migrate whom']) {
      expect(await withMail('check - --format b4', `Subject: ${subject}\n\ntext\n`)).toEqual({ code: 0, out: '[]\n', err: '' });
      expect((await withMail('check -', `Subject: ${subject}\n\ntext\n`)).code).toBe(2);
    }
    expect(await pmkit('check 6 --url https://ci.example.org/7')).toMatchObject({ code: 2, out: '', err: 'pmkit check: --url is for --format b4\n' });
  });
  it('fails with results, not instead of them', async () => {
    const { out, code } = await pmkit('check N1.1 --format b4');
    expect([code, b4Schema.parse(JSON.parse(out)).find(({ tool }) => tool === 'pmkit-build')!.status]).toEqual([1, 'fail']);
  });
});

describe('for JUnit', () => {
  it('is a suite a check, warnings among what a case has printed', async () => {
    const { out } = await pmkit('check N1.0 --format junit');
    const { testsuites } = new XMLParser({ ignoreAttributes: false, isArray: (name) => name === 'testcase' }).parse(out) as { testsuites: { testsuite: { '@_name': string; '@_failures': string; testcase?: Record<string, unknown>[] }[] } & Record<string, unknown> };
    expect(testsuites).toMatchObject({ '@_name': 'pmkit check', '@_failures': '1' });
    expect(testsuites.testsuite.map((suite) => `${suite['@_name']} ${suite['@_failures']}`)).toEqual(['apply 0', 'build 1', 'prototypes 0', 'behaviours 0', 'invariants 0', 'findings 0']);
    expect(testsuites.testsuite[1]!.testcase![0]!['failure']).toMatchObject({ '@_type': 'build', '@_message': "mm/page_alloc.c: In function `capture_page_range':" });
    expect(testsuites.testsuite[5]!.testcase![0]!['system-out']).toMatch(/^warning: /);
  });
});

describe('for GitHub', () => {
  it('is a workflow command for each place, failures first', async () => {
    const commands = commandsIn((await pmkit('check N1.0 --format github')).out);
    expect(commands[0]).toMatchObject({
      kind: 'error', properties: { file: 'packages/n10-memsection-migrate/src/mm/page_alloc.ts', title: 'pmkit build: the tree' },
      message: "mm/page_alloc.c: In function `capture_page_range':\nmm/page_alloc.c: error: too few arguments to function `try_to_migrate_pages'",
    });
    expect(commands.slice(1).every(({ kind }) => kind === 'warning')).toBe(true);
  });
  it('joins what is at one place, as a step shows only ten', async () => {
    const [command, ...others] = commandsIn((await pmkit('check 6 --format github')).out);
    expect(others).toEqual([]);
    expect(command).toMatchObject({ kind: 'warning', properties: { title: 'pmkit findings: 2 of add-mempolicy-control-rc3.patch' } });
    expect(command!.message).toContain('defect: mark-by-anybody\n');
  });
  it('says nothing when there is nothing to say', async () => {
    expect(await pmkit('check 9 --format github')).toEqual({ code: 0, out: '', err: '' });
  });
});
