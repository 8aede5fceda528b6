/** stat, after stat.c of GNU coreutils 9.1. */
import { FileError, type Stat } from '../../files/index.js';
import type { Process } from '../../process.js';
import { Accounts } from '../system/accounts.js';
import { strftime } from '../system/date.js';
import { defineProgram, helpOf, none, parseOptions, required, type Definition } from '../system/define.js';
import { ioBlockOf, sectorsOf, statFs } from './blocks.js';
import { quote, statOf, wrongUse } from './common.js';
import { kindOf } from './kind.js';
import { FORMATS, modeString } from './mode.js';

const STAT: Definition = {
  path: '/usr/bin/stat', summary: 'show what is known of files or file systems', synopsis: ['stat [OPTION]... FILE...'],
  description: 'Formats: %a %A mode, %b %B blocks and their size, %d %D device, %f raw mode, %F kind, %g %G group, %h links, %i inode, %m mount point, %n %N name, %o size for I/O, %s size, %t %T device numbers of a special file, '
    + '%u %U owner, %x %X access, %y %Y modification, %z %Z change, %w %W birth. With -f: %a %b %f blocks free for users, in all, free; %c %d inodes; %i id, %l length of names, %n name, %s %S block sizes, %t %T type.',
  options: [['-c, --format FORMAT', 'a line of that form for each'], ['--printf FORMAT', 'the same with \\n and its like, and no newline'], ['-f, --file-system', 'the file system that the file is on'], ['-L, --dereference', 'go through links'], ['-t, --terse', 'in one line']],
  notes: ['No file system of 2.6.12 tells when a file was made. Disks are modelled as 36 GB each.'], run,
};
export const stat = defineProgram(STAT);

const DEFAULT = `  File: %N
  Size: %-10s\tBlocks: %-10b IO Block: %-6o %F
Device: %Hd,%Ld\tInode: %-10i  Links: %h
Access: (%04a/%10.10A)  Uid: (%5u/%8U)   Gid: (%5g/%8G)
Access: %x
Modify: %y
Change: %z
 Birth: %w
`;
const DEFAULT_DEVICE = DEFAULT.replace('Links: %h', 'Links: %-5h Device type: %Hr,%Lr');
const DEFAULT_FS = `  File: "%n"
    ID: %-8i Namelen: %-7l Type: %T
Block size: %-10s Fundamental block size: %S
Blocks: Total: %-10b Free: %-10f Available: %a
Inodes: Total: %-10c Free: %d
`;
const TERSE = '%n %s %b %f %u %g %D %i %h %t %T %X %Y %Z %W %o\n';
const TERSE_FS = '%n %i %l %t %s %S %b %f %a %c %d\n';

type Values = Readonly<Record<string, string | number>>;

async function run(p: Process): Promise<number> {
  const parsed = parseOptions(p, 'c:fLt', [required('format', 'c'), required('printf', 'printf'), none('file-system', 'f'), none('dereference', 'L'), none('terse', 't'), required('cached')]);
  if (parsed === null) return 1;
  if (parsed.has('help')) {
    p.out(helpOf(STAT));
    return 0;
  }
  if (parsed.operands.length === 0) return wrongUse(p, 'missing operand');
  const accounts = await Accounts.read(p);
  const given = parsed.options.findLast(({ opt }) => opt === 'c' || opt === 'printf');
  const format = given === undefined ? null : given.opt === 'c' ? `${given.arg!}\n` : unescape(given.arg!);
  let code = 0;
  for (const path of parsed.operands) {
    const found = statOf(p, path, parsed.has('L') || parsed.has('f'));
    if (typeof found === 'number') {
      code = p.fail(parsed.has('f') ? `cannot read file system information for ${quote(path)}: ${p.strerror(found)}` : `cannot statx ${quote(path)}: ${p.strerror(found)}`);
    } else if (parsed.has('f')) p.out(fill(format ?? (parsed.has('t') ? TERSE_FS : DEFAULT_FS), fileSystemValues(p, path)));
    else p.out(fill(format ?? (parsed.has('t') ? TERSE : found.rdev === undefined ? DEFAULT : DEFAULT_DEVICE), fileValues(p, path, found, parsed.has('L'), accounts, message => { code = p.fail(message); })));
  }
  return code;
}

const time = (ms: number): string => strftime('%Y-%m-%d %H:%M:%S.%N %z', new Date(ms));
/** The number of a device as stat(2) packs it. */
const packed = ([major, minor]: readonly [number, number]): number => (minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12);

function fileValues(p: Process, path: string, found: Stat, follow: boolean, accounts: Accounts, complain: (message: string) => void): Values {
  const { mode, uid, gid, nlink, size, ino, dev, rdev = [0, 0] as const, atime, mtime, ctime, type } = found;
  const { mount, node } = p.box.files.place(p, path, 'stat', follow);
  const target = type === 'link' ? leadsTo(p, path, complain) : '';
  const seconds = (ms: number): number => Math.floor(ms / 1000);
  return {
    a: mode.toString(8), A: modeString(found), b: sectorsOf(p, node!, found), B: 512, C: '?', d: packed(dev), D: packed(dev).toString(16), Hd: dev[0], Ld: dev[1], f: (FORMATS[type] | mode).toString(16), F: kindOf(found),
    g: gid, G: accounts.groupName(gid) ?? 'UNKNOWN', h: nlink, i: ino, m: mount.target, n: path, N: `${path === '' ? "''" : quoteName(path)}${target}`, o: ioBlockOf(p, mount), r: packed(rdev), R: packed(rdev).toString(16), Hr: rdev[0], Lr: rdev[1],
    s: size, t: rdev[0].toString(16), T: rdev[1].toString(16), u: uid, U: accounts.userName(uid) ?? 'UNKNOWN', w: '-', W: 0, x: time(atime), X: seconds(atime), y: time(mtime), Y: seconds(mtime), z: time(ctime), Z: seconds(ctime),
  };
}
/** ` -> TARGET`; a link of /proc leads nowhere that others may know. */
function leadsTo(p: Process, path: string, complain: (message: string) => void): string {
  try {
    return ` -> ${quote(p.box.files.readlink(p, path))}`;
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    complain(`cannot read symbolic link ${quote(path)}: ${p.strerror(-error.errno)}`);
    return '';
  }
}
const quoteName = (name: string): string => quote(name);

const TYPES: Readonly<Record<string, string>> = { ext2: 'ext2/ext3', ext3: 'ext2/ext3', xfs: 'xfs', tmpfs: 'tmpfs', proc: 'proc', sysfs: 'sysfs', cpuset: 'UNKNOWN (0x27e0eb)' };

function fileSystemValues(p: Process, path: string): Values {
  const { mount } = p.box.files.place(p, path, 'statfs');
  const { type, bsize, blocks, bfree, files, ffree, namelen } = statFs(p, mount);
  return { a: bfree, b: blocks, c: files, d: ffree, f: bfree, i: '0', l: namelen, n: path, s: bsize, S: bsize, t: type.toString(16), T: TYPES[mount.type] ?? mount.type };
}

/** %[FLAGS][WIDTH][.PRECISION]LETTER, with H or L before d and r. */
function fill(format: string, values: Values): string {
  const quoted = format !== DEFAULT && format !== DEFAULT_DEVICE;
  return format.replaceAll(/%([-#+ 0']*)(\d*)(?:\.(\d+))?([HL]?[A-Za-z%]|)/g, (whole, flags: string, width: string, precision: string | undefined, letter: string) => {
    if (letter === '%') return '%';
    if (letter === '') return whole;
    const value = letter === 'N' && !quoted ? plainName(values) : values[letter];
    if (value === undefined) return '?';
    let text = String(value);
    if (letter === 'a' && flags.includes('#') && !text.startsWith('0')) text = `0${text}`;
    if ((letter === 'f' || letter === 'D') && flags.includes('#')) text = `0x${text}`;
    if (precision !== undefined && typeof value === 'string' && !/^[XYZW]/.test(letter)) text = text.slice(0, Number(precision));
    if (width === '') return text;
    return flags.includes('-') ? text.padEnd(Number(width)) : text.padStart(Number(width), flags.includes('0') && /^[\da-f]+$/.test(text) ? '0' : ' ');
  });
}
/** In the default form a name is only quoted when it must be. */
const plainName = ({ n, N }: Values): string => {
  const target = String(N).slice(quote(String(n)).length);
  return `${String(n)}${target.replace(/^ -> '([^']*)'$/, ' -> $1')}`;
};

/** The escapes of --printf. */
function unescape(text: string): string {
  return text.replaceAll(/\\(x[\da-fA-F]{1,2}|[0-7]{1,3}|.)/g, (_whole, code: string) => {
    if (/^x/.test(code) && code.length > 1) return String.fromCharCode(parseInt(code.slice(1), 16));
    if (/^[0-7]/.test(code)) return String.fromCharCode(parseInt(code, 8));
    return { n: '\n', t: '\t', a: '\x07', b: '\b', e: '\x1b', f: '\f', r: '\r', v: '\v', '"': '"', '\\': '\\' }[code] ?? `\\${code}`;
  });
}
