/** The server gives out the files of the site, to this computer, and nothing else. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serveSite, type SiteServer } from '../src/serve.js';

interface Got { readonly status: number | undefined; readonly headers: IncomingHttpHeaders; readonly text: string }

/** The path is sent as it stands: fetch() would tidy it up. */
function ask(url: string, target: string, options: { method?: string; host?: string } = {}): Promise<Got> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    httpRequest({ hostname, port, path: target, method: options.method ?? 'GET', headers: options.host === undefined ? {} : { host: options.host } }, response => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk)).on('end', () => {
        resolve({ status: response.statusCode, headers: response.headers, text });
      });
    }).on('error', reject).end();
  });
}

describe('serveSite()', () => {
  const scratch = mkdtempSync(path.join(tmpdir(), 'pmkit-site-'));
  const site = path.join(scratch, 'site');
  let server: SiteServer;

  beforeAll(async () => {
    mkdirSync(path.join(site, 'data'), { recursive: true });
    writeFileSync(path.join(scratch, 'secret'), 'secret');
    writeFileSync(path.join(site, 'index.html'), '<p>page');
    writeFileSync(path.join(site, 'data/index.js'), 'data');
    server = await serveSite(0, site);
  });
  afterAll(async () => {
    server.close();
    await server.closed;
    rmSync(scratch, { recursive: true });
  });

  it('listens on loopback', () => {
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
  });

  it('gives out the page and its files, with their types and what the page may load', async () => {
    const page = await ask(server.url, '/');
    expect(page).toMatchObject({ status: 200, text: '<p>page' });
    expect(page.headers).toMatchObject({ 'content-type': 'text/html; charset=utf-8', 'x-content-type-options': 'nosniff' });
    expect(page.headers['content-security-policy']).toContain("default-src 'none'");
    expect(page.headers['content-security-policy']).not.toContain('unsafe');
    expect(await ask(server.url, '/data/index.js?x')).toMatchObject({ status: 200, text: 'data' });
    expect(await ask(server.url, '/', { method: 'HEAD' })).toMatchObject({ status: 200, text: '' });
  });

  it.each(['/../secret', '/%2e%2e/secret', '/data/../../secret', '//secret', '/data', '/nothing', '/index.html/'])('has nothing at %s', async target => {
    expect(await ask(server.url, target)).toMatchObject({ status: 404 });
  });

  it('neither takes anything nor speaks to other names', async () => {
    expect(await ask(server.url, '/', { method: 'POST' })).toMatchObject({ status: 405 });
    expect(await ask(server.url, '/', { host: 'pmkit.example:80' })).toMatchObject({ status: 403 });
  });

  it('says that a port is taken', async () => {
    await expect(serveSite(Number(new URL(server.url).port), site)).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  it('is gone when it is closed', async () => {
    const other = await serveSite(0, site);
    other.close();
    await other.closed;
    await expect(new Promise((resolve, reject) => get(other.url, resolve).on('error', reject))).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});
