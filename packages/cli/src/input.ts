/** Standard input: all of it for a script, line by line for a person. */
import { appendFileSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Input, LineOptions, Lines } from './io.js';

/** Lines that are remembered. */
const HISTORY = 1000;
const LONGEST_LINE = 4096;

export function standardInput(stdin: NodeJS.ReadStream, stdout: NodeJS.WriteStream, env: NodeJS.ProcessEnv): Input {
  return {
    isTTY: stdin.isTTY,
    text: async () => {
      let text = '';
      stdin.setEncoding('utf8');
      for await (const chunk of stdin) text += String(chunk);
      return text;
    },
    lines: options => typedLines(stdin, stdout, options, env['PMKIT_HISTFILE'] ?? path.join(homedir(), '.pmkit_history')),
  };
}

/** readline on a terminal, with the history of earlier sessions. Without a terminal: the lines of a pipe, and no prompt. */
function typedLines(stdin: NodeJS.ReadStream, stdout: NodeJS.WriteStream, options: LineOptions, historyFile: string): Lines {
  const terminal = stdin.isTTY;
  const lines = createInterface({
    input: stdin, ...(terminal ? { output: stdout, completer: (line: string) => options.complete(line).map(part => (typeof part === 'string' ? part : [...part])) as [string[], string], history: readHistory(historyFile), historySize: HISTORY } : {}), terminal,
  });
  const waiting: string[] = [];
  let ended = false;
  let answer: ((line: string | null | undefined) => void) | null = null;
  const give = (line: string | null | undefined): void => {
    const resolve = answer;
    answer = null;
    resolve?.(line);
  };
  lines.on('line', line => {
    if (answer === null) waiting.push(line);
    else give(line);
    if (terminal) remember(historyFile, line);
  });
  lines.on('close', () => {
    ended = true;
    give(null);
  });
  lines.on('SIGINT', () => {
    stdout.write('^C\n');
    waiting.length = 0; // as a terminal forgets what was typed ahead
    if (answer === null) options.interrupted();
    else give(undefined);
  });
  return {
    next: prompt => {
      const line = waiting.shift();
      if (line !== undefined) return Promise.resolve(line);
      if (ended) return Promise.resolve(null);
      return new Promise(resolve => {
        answer = resolve;
        lines.setPrompt(terminal ? prompt : '');
        lines.prompt();
      });
    },
    close: () => { lines.close(); },
  };
}

/** Newest first, as readline wants it. A history that cannot be read is none. */
function readHistory(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n').filter(line => line !== '').slice(-HISTORY).reverse();
  } catch {
    return [];
  }
}

function remember(file: string, line: string): void {
  if (line.trim() === '' || line.startsWith(' ') || line.length > LONGEST_LINE) return;
  try {
    appendFileSync(file, `${line}\n`, { mode: 0o600 });
  } catch {
    // Without a home directory there is no history.
  }
}
