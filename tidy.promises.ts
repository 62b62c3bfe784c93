/**
 * Promises that nobody waits for, found with the compiler's types. A rejection of one ends the process, or, where it is the head of a queue,
 * stops the queue for good without a word. So each ends in a `.catch`; `tidy.promises.test.ts` lists those that may differ, and why.
 */
import { join, relative, sep } from 'node:path';
import ts from 'typescript';

export interface LoosePromise {
  /** `gateway/upstream/deliver.ts`. */
  readonly path: string;
  /** From 1. */
  readonly line: number;
  /** `void`, or what becomes of a chain without a catch: it is `discarded`, or `stored` where a later rejection finds nobody. */
  readonly what: 'void' | 'discarded' | 'stored';
  /** The beginning of the expression, in one line. */
  readonly text: string;
}

const TEXT_MAX = 70;
const CHAIN = new Set(['then', 'catch', 'finally']);

/** The types of `files` (absolute paths) and of all that they import. `more`: further files, path to text, for planted violations. */
export function programOf(root: string, files: readonly string[], more: ReadonlyMap<string, string>): ts.Program {
  const config = ts.getParsedCommandLineOfConfigFile(
    join(root, 'tsconfig.json'),
    {},
    {
      ...ts.sys,
      onUnRecoverableConfigFileDiagnostic: (d) => {
        throw new Error(ts.flattenDiagnosticMessageText(d.messageText, '\n'));
      },
    },
  )!;
  const host = ts.createCompilerHost(config.options, true);
  const disk = { ...host };
  const planted = new Map([...more].map(([path, text]) => [join(root, path), text]));
  host.readFile = (path) => planted.get(path) ?? disk.readFile(path);
  host.fileExists = (path) => planted.has(path) || disk.fileExists(path);
  return ts.createProgram([...files, ...planted.keys()], config.options, host);
}

/** Every `void` of a promise, and every chain of `.then` that is discarded or stored without ending in `.catch`, of the files `wanted` names. */
export function loosePromises(program: ts.Program, root: string, wanted: (path: string) => boolean): LoosePromise[] {
  const checker = program.getTypeChecker();
  const found: LoosePromise[] = [];
  for (const source of program.getSourceFiles()) {
    const path = relative(root, source.fileName).split(sep).join('/');
    if (!wanted(path)) continue;
    const add = (node: ts.Node, what: LoosePromise['what']): void => {
      const text = node.getText(source).replace(/\s+/g, ' ').slice(0, TEXT_MAX);
      found.push({ path, line: source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1, what, text });
    };
    const visit = (node: ts.Node): void => {
      if (ts.isVoidExpression(node) && isThenable(checker, node.expression)) add(node, 'void');
      else if (isChain(node) && !isChain(topOf(node).parent.parent) && isThenable(checker, node)) {
        const fate = endsInCatch(node) ? undefined : fateOf(topOf(node));
        if (fate) add(node, fate);
      }
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  return found;
}

function isThenable(checker: ts.TypeChecker, node: ts.Node): boolean {
  const parts = (type: ts.Type): readonly ts.Type[] => (type.isUnion() ? type.types : [type]);
  return parts(checker.getTypeAtLocation(node)).some((type) => checker.getPropertyOfType(type, 'then') !== undefined);
}

/** `x.then(…)`, `x.catch(…)` or `x.finally(…)`. */
function isChain(
  node: ts.Node | undefined,
): node is ts.CallExpression & { readonly expression: ts.PropertyAccessExpression } {
  return (
    node !== undefined &&
    ts.isCallExpression(node) &&
    ts.isPropertyAccessExpression(node.expression) &&
    CHAIN.has(node.expression.name.text)
  );
}

function endsInCatch(chain: ts.CallExpression & { readonly expression: ts.PropertyAccessExpression }): boolean {
  return chain.expression.name.text === 'catch';
}

/** The expression around it that has the same value. */
function topOf(node: ts.Node): ts.Node {
  const { parent } = node;
  const same = ts.isParenthesizedExpression(parent) || ts.isAsExpression(parent) || ts.isNonNullExpression(parent);
  return same || ts.isSatisfiesExpression(parent) ? topOf(parent) : node;
}

/** Undefined: handed on, by `await`, `return`, as an argument or an element; whoever gets it has to answer for it. */
function fateOf(node: ts.Node): 'discarded' | 'stored' | undefined {
  const { parent } = node;
  if (ts.isExpressionStatement(parent)) return 'discarded';
  if (ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent) || ts.isPropertyDeclaration(parent))
    return 'stored';
  if (ts.isBinaryExpression(parent)) {
    const assigns =
      parent.operatorToken.kind >= ts.SyntaxKind.FirstAssignment &&
      parent.operatorToken.kind <= ts.SyntaxKind.LastAssignment;
    if (assigns) return 'stored';
    return fateOf(topOf(parent));
  }
  if (ts.isConditionalExpression(parent)) return fateOf(topOf(parent));
  return undefined;
}
