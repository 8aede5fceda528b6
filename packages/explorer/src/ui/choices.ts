/** What there is to choose from: of the kernel's worker, and of what the build has prepared. */
import type { PreparedIndex, Requests } from '../protocol.js';

export interface Choices { readonly catalogue: Requests['catalogue']['result']; readonly index: PreparedIndex }
