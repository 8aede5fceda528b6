/** What is printed while and after the benchmarks run. */
import { STRAIGHT } from './curves.js';
import { duration, goalText, isMet, memoryText, percentText, plural, rooflineText, spreadText, valueText } from './format.js';
import { isFigure, type CurveResult, type Figure, type Result } from './record.js';
import { operationMs } from './run.js';
import { exponent, steepest, type Point } from './statistics.js';
import type { Subject } from './subject.js';
import { findSubject } from './subjects/index.js';

const labelOf = ({ subject, kernel, among }: Result): string => [subject, ...(kernel === null ? [] : [kernel]), ...(among === true ? ['among all levels'] : [])].join(', ');

/** @param goals whether to say what was to be reached */
function figureText(subject: Subject, figure: Figure, goals: boolean): string {
  const roofline = figure.percent === undefined ? '' : `${percentText(figure.percent.median)} of ${rooflineText(subject, figure)}`;
  const judged = goals ? (subject.goals ?? []).map(goal => `${goalText(subject, goal)}: ${isMet(goal, figure) ? 'met' : 'not met'}`) : [];
  const value = `${valueText(subject, figure)}${subject.shown === 'rate' ? ` (${plural(subject.unit)})` : ''}`;
  return [value, spreadText(subject, figure), roofline, memoryText(subject, figure), ...judged].filter(text => text !== '').join('; ');
}

/** One line: what was measured and what came of it. @param goals whether to say what was to be reached */
export function resultLine(result: Result, goals: boolean): string {
  const subject = findSubject(result.subject);
  const text = !isFigure(result) ? `${result.failed ? 'failed' : 'skipped'}: ${result.why}` : subject === undefined ? '' : figureText(subject, result, goals);
  return `${labelOf(result)}: ${text}`;
}

/** Sizes and times of what was measured. */
const pointsOf = ({ points }: CurveResult): Point[] => points.filter(isFigure).map(figure => ({ size: figure.size, time: operationMs(figure) }));

/** How the time grows with the size, in words; empty when there are too few points. */
export function exponentText(result: CurveResult): string {
  const points = pointsOf(result);
  if (points.length < 2) return '';
  const fitted = exponent(points);
  return `time ~ size^${fitted.toFixed(2)}${fitted > STRAIGHT ? ' (bends upwards)' : ''}; steepest ${steepest(points).toFixed(2)}`;
}

export function curveLines(result: CurveResult): string[] {
  const head = [result.curve, ...(result.kernel === null ? [] : [result.kernel])].join(', ');
  const points = result.points.map(point => {
    const text = isFigure(point) ? `${duration(operationMs(point) * 1e6)}, ${duration(point.time.median)} a ${findSubject(point.subject)?.unit ?? 'unit'}` : `${point.failed ? 'failed' : 'skipped'}: ${point.why}`;
    return `  ${String(point.size).padStart(10)}  ${text}`;
  });
  return [`${head}: ${exponentText(result)}`, ...points];
}
