import './page.css';
import { mount } from 'svelte';
import { connect, type Client } from '../engine/client.js';
import App from './App.svelte';
import { Link } from './link.svelte.js';
import { Session } from './session.svelte.js';
import { startWorker } from './worker-parts.js';

declare global {
  interface Window {
    /** For whoever scripts the page: what the page itself asks the machine (src/protocol.ts). */
    pmkit?: { readonly request: Client['request'] };
  }
}

async function start(): Promise<void> {
  const client = connect(await startWorker('worker.js'));
  window.pmkit = { request: (name, params) => client.request(name, params) };
  const session = new Session(client);
  mount(App, { target: document.body, props: { session, link: new Link(session) } });
}

void start();
