/**
 * As much XML as a topology needs: elements, attributes, text, and the line of each, for errors. The library does the
 * parsing; what it could be talked into by a hostile file (entities, an internal DTD, depth) is switched off or refused.
 */
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { show, TopologyError } from './error.js';

export interface Element {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly Element[];
  /** The text directly inside, of all pieces. */
  readonly text: string;
  /** Where it begins, in characters; lineAt() makes a line of it when somebody asks. */
  readonly offset: number;
}

/** hwloc nests some twenty objects at most. */
const MAX_DEPTH = 100;

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  parseAttributeValue: false,
  processEntities: false,
  captureMetaData: true,
  maxNestedTags: MAX_DEPTH,
});

/** The one element that the document consists of. @throws TopologyError */
export function parseXml(file: string, source: string): Element {
  // Carriage returns would shift the positions that the parser counts after it has dropped them.
  const text = withoutDoctype(file, source.replaceAll('\r\n', '\n').replaceAll('\r', '\n'));
  // Its maintainer would rather have it in a package of its own; the version in use is pinned, and no other says line numbers.
  // oxlint-disable-next-line typescript/no-deprecated
  const verdict = XMLValidator.validate(text);
  if (verdict !== true) {
    throw new TopologyError({ file, line: verdict.err.line, field: 'XML', found: verdict.err.msg, expected: 'well-formed XML' });
  }
  let parsed: unknown;
  try {
    parsed = parser.parse(text);
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    throw new TopologyError({ file, field: 'XML', found, expected: `elements at most ${MAX_DEPTH} deep` });
  }
  const roots = elementsOf(parsed).children.filter(({ name }) => !name.startsWith('?'));
  const [root] = roots;
  if (root === undefined || roots.length > 1) {
    throw new TopologyError({ file, field: 'XML', found: `${roots.length} root elements`, expected: 'one' });
  }
  return root;
}

/**
 * Takes out `<!DOCTYPE topology SYSTEM "hwloc.dtd">`, which hwloc writes and nobody needs; positions stay as they are. A
 * document that brings its own declarations is refused, since entities that expand each other are how XML bombs are made.
 */
function withoutDoctype(file: string, text: string): string {
  const plain = text.replace(/<!DOCTYPE\s[^[<>]*>/, (doctype) => doctype.replace(/[^\n]/g, ' '));
  const declaration = /<!(?!--|\[CDATA\[)[^\s>]*/.exec(plain);
  if (declaration !== null) {
    const line = lineAt(plain, declaration.index);
    throw new TopologyError({ file, line, field: 'DOCTYPE', found: `${show(declaration[0])} with declarations`, expected: 'a file without a DTD of its own' });
  }
  return plain;
}

export function lineAt(source: string, offset: number): number {
  let line = 1;
  for (let at = source.indexOf('\n'); at >= 0 && at < offset; at = source.indexOf('\n', at + 1)) line++;
  return line;
}

/** The library answers with lists of `{ [name]: children, ':@': attributes }`, and text as `{ '#text': … }`. */
function elementsOf(list: unknown): Pick<Element, 'children' | 'text'> {
  const children: Element[] = [];
  let text = '';
  for (const item of Array.isArray(list) ? (list as readonly Record<string, unknown>[]) : []) {
    const [name] = Object.keys(item).filter((key) => key !== ':@');
    if (name === undefined) continue;
    if (name === '#text') {
      text += String(item[name]);
      continue;
    }
    const attributes = new Map(Object.entries((item[':@'] ?? {}) as Record<string, string>));
    children.push({ name, attributes, offset: offsetOf(item), ...elementsOf(item[name]) });
  }
  return { children, text };
}

function offsetOf(item: object): number {
  // Declared as the object type Symbol, which no index takes.
  const key = XMLParser.getMetaDataSymbol() as unknown as symbol;
  return (item as Record<symbol, { readonly startIndex?: number } | undefined>)[key]?.startIndex ?? 0;
}
