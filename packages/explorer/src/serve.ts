/** The site on a port of this computer, for this computer alone. */
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { CONTENT_POLICY } from './policy.js';

/** Where the site lies: all below this directory is static, and index.html opens from a file too. */
export const siteDirectory = fileURLToPath(new URL('../dist/site', import.meta.url));

const TYPES: Readonly<Record<string, string>> = { '.css': 'text/css; charset=utf-8', '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8' };
const LOOPBACK = '127.0.0.1';
/** Names by which a browser on this computer may ask: no other site's name that was made to point here. */
const OWN_NAMES = new Set([LOOPBACK, 'localhost']);

export interface SiteServer {
  /** `http://127.0.0.1:8000/` */
  readonly url: string;
  /** Resolves when the server has stopped. */
  readonly closed: Promise<void>;
  close(): void;
}

/** The files of the site by the path they are asked under. */
function filesOf(directory: string): ReadonlyMap<string, string> {
  const names = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter(name => statSync(path.join(directory, name)).isFile());
  return new Map([...names.map(name => [`/${name.split(path.sep).join('/')}`, path.join(directory, name)] as const), ['/', path.join(directory, 'index.html')]]);
}

function answer(files: ReadonlyMap<string, string>, request: IncomingMessage, response: ServerResponse): void {
  const say = (status: number, text: string): void => {
    response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${text}\n`);
  };
  const host = (request.headers.host ?? '').replace(/:\d+$/, '');
  // only what was found when the server began is given out: no path leads anywhere else
  const file = files.get((request.url ?? '/').replace(/[?#].*$/, ''));
  if (!OWN_NAMES.has(host)) say(403, 'this is served to its own computer only');
  else if (request.method !== 'GET' && request.method !== 'HEAD') say(405, 'there is nothing here but files to read');
  else if (file === undefined) say(404, 'no such file');
  else give(file, request, response);
}

function give(file: string, request: IncomingMessage, response: ServerResponse): void {
  const content = readFileSync(file);
  response.writeHead(200, {
    'content-type': TYPES[path.extname(file)] ?? 'application/octet-stream',
    'content-length': content.length,
    'content-security-policy': CONTENT_POLICY,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-cache',
  });
  response.end(request.method === 'HEAD' ? undefined : content);
}

/**
 * Serves the site on loopback.
 *
 * @param port 0: one that is free
 * @throws Error (EADDRINUSE, ENOENT) when the port is taken or the site was not built
 */
export function serveSite(port = 0, directory = siteDirectory): Promise<SiteServer> {
  const files = filesOf(directory);
  const server = createServer((request, response) => {
    answer(files, request, response);
  });
  const closed = new Promise<void>(resolve => server.once('close', resolve));
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, LOOPBACK, () => {
      const { port: taken } = server.address() as AddressInfo;
      resolve({
        url: `http://${LOOPBACK}:${taken}/`,
        closed,
        close: () => {
          server.close();
          server.closeAllConnections();
        },
      });
    });
  });
}
