export { encodeState, type PageState } from './engine/permalink.js';
export { serveSite, siteDirectory, type SiteServer } from './serve.js';
