/** Opens an address in the browser of whoever sits here, as his system does it. */
import { spawn } from 'node:child_process';

const OPENERS: Readonly<Partial<Record<NodeJS.Platform, readonly [program: string, ...before: string[]]>>> = { darwin: ['open'], win32: ['explorer.exe'] };

/** Does not wait for it, nor mind when there is nothing to open it with: the address has been printed. @param url of our own making, with nothing in it that a shell would read */
export function openUrl(url: string, platform: NodeJS.Platform = process.platform): void {
  const [program, ...before] = OPENERS[platform] ?? ['xdg-open'];
  const child = spawn(program, [...before, url], { stdio: 'ignore', detached: true });
  child.on('error', () => undefined);
  child.unref();
}
