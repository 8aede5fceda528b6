/** Where the site lies, for whoever serves it: all below this directory is static, and index.html opens from a file too. */
import { fileURLToPath } from 'node:url';

export const siteDirectory = fileURLToPath(new URL('../dist/site', import.meta.url));
