export { serveSite, siteDirectory, type SiteServer } from './serve.js';
