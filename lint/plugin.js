/** The project's own lint rules, for oxlint (.oxlintrc.json). Every ban says what to do instead; test/architecture.test.ts proves that the bans bite. */
import { imports } from './imports.js';
import { vocabulary } from './vocabulary.js';

export default { meta: { name: 'pmkit' }, rules: { imports, vocabulary } };
