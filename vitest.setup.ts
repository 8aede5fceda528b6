/** Random tests take the same cases at every run: those of FC_SEED, or of the day on which -rc3 was posted. A failure prints seed and path. */
import fc from 'fast-check';

fc.configureGlobal({ seed: Number(process.env['FC_SEED'] ?? '20050622') });
