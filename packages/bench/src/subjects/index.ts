/** All subjects, in the order of the page. */
import type { Subject } from '../subject.js';
import { subjects as commands } from './commands.js';
import { subjects as explorations } from './explore.js';
import { subjects as faults } from './faults.js';
import { subjects as large } from './large.js';
import { subjects as many } from './many.js';
import { subjects as migrations } from './migrate.js';
import { subjects as prompts } from './prompts.js';
import { subjects as series } from './series.js';
import { subjects as views } from './views.js';

const all: readonly Subject[] = [...migrations, ...faults, ...views, ...large, ...many, ...series, ...explorations, ...prompts, ...commands];

/** Those that have a figure. */
export const figureSubjects: readonly Subject[] = all.filter(({ onlyInCurves }) => onlyInCurves !== true);

export const findSubject = (name: string): Subject | undefined => all.find(subject => subject.name === name);
