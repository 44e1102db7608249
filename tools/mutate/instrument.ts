// Puts every mutant of a source file into it at once: `(mutant('file#7') ? a <= b : a < b)`. One of them is switched on
// at a time, so a test runs against hundreds of mutants without loading anything again.
import { parseAst } from 'vitest/node';

interface Node {
  type: string;
  start: number;
  end: number;
  [member: string]: unknown;
}

export interface Instrumented {
  readonly code: string;
  /** Description of each mutant, by its id. */
  readonly mutants: ReadonlyMap<string, string>;
}

const SWAPS: Readonly<Record<string, readonly string[]>> = {
  '===': ['!=='],
  '!==': ['==='],
  '<': ['<=', '>='],
  '<=': ['<', '>'],
  '>': ['>=', '<='],
  '>=': ['>', '<'],
  '+': ['-'],
  '-': ['+'],
  '*': ['/'],
  '/': ['*'],
  '%': ['*'],
  '&&': ['||'],
  '||': ['&&'],
};
const METHODS: Readonly<Record<string, string>> = { every: 'some', some: 'every', min: 'max', max: 'min' };

/** True for a file whose mutants are wanted. */
export function isSource(path: string): boolean {
  return path.endsWith('.ts') && !/(?:\.(?:test|suite)|\/_\w+)\.ts$/.test(path);
}

/** Makes maps forget what a module cached under another mutant. */
export function forgetful(source: string): string {
  return source.replace(/^(\s*const \w+ = )new Map</gm, '$1new globalThis.MUTATION.Map<');
}

/** @param name name of the file in reports */
export function instrument(original: string, name: string): Instrumented {
  const source = forgetful(original);
  const mutants = new Map<string, string>();
  const lineOf = (at: number) => source.slice(0, at).split('\n').length;
  const textOf = (node: Node) => source.slice(node.start, node.end);
  /**
   * The source of a node with all mutants of its children. `live`: inside a function, so that it runs again for each
   * mutant.
   */
  const inside = (node: Node, live: boolean): string => {
    const children = childrenOf(node).toSorted((a, b) => a.start - b.start);
    let code = '';
    let at = node.start;
    for (const child of children) {
      code += source.slice(at, child.start) + write(child, live || isFunction(node));
      at = child.end;
    }
    return code + source.slice(at, node.end);
  };
  const ask = (node: Node, to: string): string => {
    const id = `${name}#${mutants.size}`;
    mutants.set(id, `line ${lineOf(node.start)}: ${short(textOf(node))} -> ${short(to)}`);
    return `__mutant(${JSON.stringify(id)})`;
  };
  const write = (node: Node, live: boolean): string => {
    const code = inside(node, live);
    if (!live) return code;
    if (LOOPS.has(node.type)) return guardLoop(node, code, source);
    if (node.type === 'ThrowStatement') return `{ if (!${ask(node, 'nothing')}) ${code} }`;
    const changes = changesOf(node, textOf);
    return changes.reduce((inner, to) => `(${ask(node, to)} ? (${to}) : ${inner})`, changes.length > 0 ? `(${code})` : code);
  };
  const program = parseAst(source, { lang: 'ts' } as never, `${name}`) as unknown as Node;
  const body = write({ ...program, start: 0, end: source.length }, false);
  return { code: `const { mutant: __mutant, tick: __tick } = globalThis.MUTATION;\n${body}`, mutants };
}

const LOOPS = new Set(['ForStatement', 'WhileStatement', 'DoWhileStatement', 'ForOfStatement']);

/** Counts each turn of a loop, because a mutant must not run for ever. */
function guardLoop(node: Node, code: string, source: string): string {
  const body = node['body'] as Node;
  if (body.type !== 'BlockStatement' || node.type === 'DoWhileStatement') {
    const bare = source.slice(node.start, node.end);
    // A loop of one statement stays as it is, except for the count in its condition.
    const test = node['test'] as Node | undefined;
    if (!test) return code;
    const from = test.start - node.start;
    return `${bare.slice(0, from)}__tick() && (${source.slice(test.start, test.end)})${bare.slice(test.end - node.start)}`;
  }
  const head = source.slice(node.start, body.start);
  const at = code.indexOf(head) === 0 ? head.length : code.lastIndexOf(source.slice(body.start, body.start + 1), code.length);
  return code.indexOf(head) === 0 ? `${head}{ __tick();${code.slice(at + 1)}` : code;
}

/** Texts that can replace a node. */
function changesOf(node: Node, textOf: (node: Node) => string): string[] {
  switch (node.type) {
    case 'BinaryExpression':
    case 'LogicalExpression': {
      const [left, right] = [node['left'] as Node, node['right'] as Node];
      if (node['operator'] === '+' && [left, right].some(isText)) return [];
      const swaps = SWAPS[node['operator'] as string] ?? [];
      return swaps.map((operator) => `(${textOf(left)}) ${operator} (${textOf(right)})`);
    }
    case 'UnaryExpression':
      return node['operator'] === '!' ? [textOf(node['argument'] as Node)] : [];
    case 'ConditionalExpression':
      return [textOf(node['consequent'] as Node), textOf(node['alternate'] as Node)];
    case 'Literal':
      if (typeof node['value'] === 'boolean') return [String(!node['value'])];
      return typeof node['value'] === 'number' ? [`${textOf(node)} + 1`] : [];
    case 'CallExpression': {
      const callee = node['callee'] as Node;
      const property = callee.type === 'MemberExpression' ? (callee['property'] as Node) : null;
      const other = property?.type === 'Identifier' ? METHODS[property['name'] as string] : undefined;
      if (property === null || other === undefined) return [];
      return [textOf(node).replace(`.${property['name'] as string}(`, `.${other}(`)];
    }
    default:
      return [];
  }
}

function childrenOf(node: Node): Node[] {
  // Types, imports, and the words of messages do not matter to a test.
  if (node.type.startsWith('TS') && node['expression'] === undefined) return [];
  if (node.type === 'ImportDeclaration' || node.type === 'TemplateLiteral') return [];
  if (node.type === 'NewExpression' && String((node['callee'] as Node)['name']).endsWith('Error')) return [];
  const skipped = new Set(['typeAnnotation', 'typeParameters', 'typeArguments', 'returnType', 'superTypeArguments']);
  return Object.entries(node).flatMap(([key, value]) => {
    if (skipped.has(key)) return [];
    if ((key === 'key' || key === 'property') && node['computed'] !== true) return [];
    const list = Array.isArray(value) ? value : [value];
    return list.filter((item): item is Node => typeof item === 'object' && item !== null && 'type' in item && 'start' in item);
  });
}

const isFunction = ({ type }: Node): boolean =>
  type === 'FunctionDeclaration' || type === 'FunctionExpression' || type === 'ArrowFunctionExpression';
const isText = ({ type, value }: Node): boolean =>
  type === 'TemplateLiteral' || (type === 'Literal' && typeof value === 'string');
const short = (text: string): string => text.replace(/\s+/g, ' ').slice(0, 90);
