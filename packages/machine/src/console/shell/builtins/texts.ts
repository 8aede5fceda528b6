/** Code that comes as text: eval, source, and functions that other shells are to know. See ../rewrite.ts. */
import type { Command } from 'just-bash';
import type { Shell } from '../shell.js';
import { rewrittenText } from '../text.js';
import { quote } from '../words.js';
import { builtin, ended, failed } from './builtin.js';
import { preludeOf } from './processes.js';

/** Where `source` looks: a name without slash along PATH, then in the working directory. */
async function find(name: string, cwd: string, path: string, fs: Shell['files']['fs']): Promise<string | null> {
  const places = name.includes('/') ? [''] : [...path.split(':').map(directory => `${directory || '.'}/`), ''];
  for (const place of places) {
    const candidate = fs.resolvePath(cwd, place + name);
    if ((await fs.exists(candidate)) && (await fs.stat(candidate)).isFile) return candidate;
  }
  return null;
}

export function textBuiltins(shell: Shell): Command[] {
  return [
    builtin(shell, '__pmkit_eval', async (args, ctx) => {
      await ctx.assignShellVariable!('__PMKIT_TEXT', rewrittenText(args.join(' '), shell.store));
      return ended(0);
    }),
    builtin(shell, '__pmkit_source', async ([name = ''], ctx) => {
      const { fs } = shell.files;
      const path = await find(name, ctx.cwd, ctx.env.get('PATH') ?? '', fs);
      if (path === null) return failed(shell, `${name}: No such file or directory`);
      await ctx.assignShellVariable!('__PMKIT_FILE', shell.files.keepText(rewrittenText(await shell.files.readScript(path), shell.store)));
      return ended(0);
    }),
    // status, options, variables, settings: the next command typed, with $? as the last one has left it
    builtin(shell, '__pmkit_next', async ([status = '0', options = '', ...state], ctx) => {
      shell.lastState = `cd ${quote(ctx.cwd)}\n${preludeOf(state, true)}`;
      const next = await shell.nextCommand?.(ctx.cwd);
      if (next === undefined) return ended(1);
      const left = next.status === null ? status : String(next.status);
      await ctx.assignShellVariable!('__PMKIT_TEXT', left === '0' || options.includes('e') ? next.text : `__pmkit_status ${left}\n${next.text}`);
      return ended(0);
    }),
    builtin(shell, '__pmkit_fn', ([number]) => {
      const definition = shell.store.function(Number(number));
      if (definition !== undefined) shell.functions.set(definition.name, definition);
      return ended(0);
    }),
  ];
}
