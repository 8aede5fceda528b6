/** Users and groups: /etc/passwd and /etc/group as getpwnam(3) and its like read them. */
import type { Process } from '../../process.js';
import { readText } from '../numa/libnuma/host.js';

export interface User { readonly name: string; readonly uid: number; readonly gid: number; readonly home: string; readonly shell: string }
export interface Group { readonly name: string; readonly gid: number; readonly members: readonly string[] }

async function lines(p: Process, path: string): Promise<string[][]> {
  const text = await readText(p, path);
  return typeof text === 'number' ? [] : text.split('\n').filter(line => line !== '').map(line => line.split(':'));
}

export class Accounts {
  readonly users: readonly User[];
  readonly groups: readonly Group[];

  private constructor(users: readonly User[], groups: readonly Group[]) {
    this.users = users;
    this.groups = groups;
  }

  static async read(p: Process): Promise<Accounts> {
    const users = (await lines(p, '/etc/passwd')).map(([name = '', , uid, gid, , home = '/', shell = '/bin/bash']) => ({ name, uid: Number(uid), gid: Number(gid), home, shell }));
    const groups = (await lines(p, '/etc/group')).map(([name = '', , gid, members = '']) => ({ name, gid: Number(gid), members: members.split(',').filter(member => member !== '') }));
    return new Accounts(users, groups);
  }

  /** By name, or by number where no user has that name. */
  user(word: string): User | undefined {
    return this.users.find(({ name }) => name === word) ?? (/^\d+$/.test(word) ? this.users.find(({ uid }) => uid === Number(word)) : undefined);
  }
  group(word: string): Group | undefined {
    return this.groups.find(({ name }) => name === word) ?? (/^\d+$/.test(word) ? this.groups.find(({ gid }) => gid === Number(word)) : undefined);
  }
  userName(uid: number): string | undefined {
    return this.users.find(user => user.uid === uid)?.name;
  }
  groupName(gid: number): string | undefined {
    return this.groups.find(group => group.gid === gid)?.name;
  }
  /** Groups of a user besides the one of /etc/passwd (initgroups(3)), ascending. */
  groupsOf({ name, gid }: User): number[] {
    return [gid, ...this.groups.filter(({ members, gid: other }) => members.includes(name) && other !== gid).map(group => group.gid)].sort((a, b) => a - b);
  }
}
