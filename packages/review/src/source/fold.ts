/** A table that a patch writes as the one before and a row more (`{ ...before, row }`), as the table with that row in it. */
import { endOf, parseModule, startOf, type ExpressionOf, type Statement } from './ast.js';
import { applyEdits, type Edit } from './references.js';

function objectOf(statement: Statement | undefined): ExpressionOf<'ObjectExpression'> | null {
  const declaration = statement?.type === 'ExportNamedDeclaration' ? statement.declaration : statement;
  const init = declaration?.type === 'VariableDeclaration' ? declaration.declarations[0]?.init : undefined;
  return init?.type === 'ObjectExpression' ? init : null;
}

type Member = ExpressionOf<'ObjectExpression'>['properties'][number];

/** The key as it is written; two of them are the same row when they are written the same. */
function keyText(text: string, member: Member): string | null {
  if (member.type !== 'ObjectProperty') return null;
  return `${member.computed ? '[' : ''}${text.slice(member.key.start!, member.key.end!)}`;
}

/**
 * The declaration `text` with the rows of the declaration `old` in place of `...name`, its own rows in theirs or behind them.
 * @returns null when it does not begin with these, or `old` is no table.
 */
export function foldRows(text: string, name: string, old: string): string | null {
  const table = objectOf(parseModule(text).body[0]);
  const below = objectOf(parseModule(old).body[0]);
  const [first, ...rows] = table?.properties ?? [];
  if (table === null || below === null || first?.type !== 'SpreadElement' || first.argument.type !== 'Identifier' || first.argument.name !== name) return null;
  const last = below.properties.at(-1);
  if (last === undefined) return null;
  const offset = startOf(below);
  const edits: Edit[] = [];
  const lineStart = old.lastIndexOf('\n', startOf(last)) + 1;
  const indent = old.slice(lineStart, startOf(last)).match(/^\s*/)![0];
  const separator = lineStart > offset ? `,\n${indent}` : ', ';
  let more = '';
  for (const row of rows) {
    const rowText = text.slice(startOf(row), endOf(row));
    const key = keyText(text, row);
    const present = key === null ? undefined : below.properties.find(member => keyText(old, member) === key);
    if (present === undefined) more += separator + rowText;
    else edits.push({ start: startOf(present), end: endOf(present), text: rowText });
  }
  edits.push({ start: endOf(last), end: endOf(last), text: more });
  return text.slice(0, startOf(table)) + applyEdits(old.slice(offset, endOf(below)), edits, offset) + text.slice(endOf(table));
}
