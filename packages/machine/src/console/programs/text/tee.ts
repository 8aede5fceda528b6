/** tee, after tee.c of GNU coreutils. LTP writes files of /dev/cpuset through it, and looks at what it says. */
import { O_APPEND, O_CREAT, O_TRUNC, O_WRONLY } from '@pmkit/mm-core/include/asm-ia64/fcntl';
import { FileError, type OpenFile } from '../../files/index.js';
import { strerror, type Process } from '../../process.js';
import { defineProgram, helpOf, none, optional, parseOptions, type Definition } from '../system/define.js';
import { quoteIfNeeded } from '../files/common.js';

const TEE: Definition = {
  path: '/usr/bin/tee', summary: 'copy standard input to files', synopsis: ['tee [OPTION]... [FILE]...'], description: 'Copies standard input to standard output and to each FILE.',
  options: [['-a, --append', 'add to the files instead of replacing what is in them'], ['-i, --ignore-interrupts; -p', 'accepted']], run,
};
export const tee = defineProgram(TEE);
/** Bytes of a read(2). */
const PIECE = 1024;

async function run(p: Process): Promise<number> {
  const parsed = parseOptions(p, 'aip', [none('append', 'a'), none('ignore-interrupts', 'i'), optional('output-error', 'p')]);
  if (parsed === null) return 1;
  if (parsed.has('help')) {
    p.out(helpOf(TEE));
    return 0;
  }
  const flags = O_WRONLY | O_CREAT | (parsed.has('a') ? O_APPEND : O_TRUNC);
  let code = 0;
  const complain = (path: string, error: unknown): void => {
    if (!(error instanceof FileError)) throw error;
    code = p.fail(`${quoteIfNeeded(path)}: ${strerror(error.errno)}`);
  };
  const open: { readonly path: string; readonly file: OpenFile; failed?: boolean }[] = [];
  for (const path of parsed.operands) {
    try {
      open.push({ path, file: await p.box.files.open(p, path, flags) });
    } catch (error) {
      complain(path, error);
    }
  }
  for (let data; (data = await p.read(PIECE)).length > 0;) {
    p.out(data);
    for (const target of open) {
      try {
        for (let at = 0; target.failed !== true && at < data.length; ) at += await target.file.write(data.subarray(at));
      } catch (error) {
        target.failed = true;
        complain(target.path, error);
      }
    }
  }
  for (const { file } of open) await file.close();
  return code;
}
