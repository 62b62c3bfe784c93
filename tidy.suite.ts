/**
 * What the suite promises, checked on its text: a slow machine is waited for, the fast set starts no process of ours and loads no model, and no
 * set is empty. Pure functions, so that `tidy.suite.test.ts` can plant violations.
 */
import { posix } from 'node:path';
import ts from 'typescript';
import { importsOf, type Files, type Import } from './tidy.ts';

const RUNNERS = /^(test|it|describe|suite|beforeAll|beforeEach|afterAll|afterEach)$/;

/** `test`, `it.each(…)`, `beforeEach`, …: the name at the root of what is called. */
function rootOf(node: ts.Expression): string {
  if (ts.isIdentifier(node)) return node.text;
  if (ts.isCallExpression(node) || ts.isPropertyAccessExpression(node)) return rootOf(node.expression);
  return ts.isTaggedTemplateExpression(node) ? rootOf(node.tag) : '';
}

/** Time limits of tests and hooks that do not grow with PATIENCE_FACTOR. Without one the default holds, which grows. */
export function checkTimeLimits(files: Files): string[] {
  const problems: string[] = [];
  for (const [path, text] of files) {
    if (!/\.(test|cases)\.ts$/.test(path) || /^vitest\./.test(path)) continue;
    const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
    const visit = (node: ts.Node): void => {
      if (ts.isCallExpression(node) && RUNNERS.test(rootOf(node.expression))) {
        for (const limit of node.arguments.flatMap(limitOf)) {
          const line = source.getLineAndCharacterOfPosition(limit.getStart()).line + 1;
          if (!limit.getText().includes('PATIENCE_FACTOR'))
            problems.push(
              `${path}:${line}: a time limit that a slow machine does not stretch; times PATIENCE_FACTOR, or none`,
            );
        }
      }
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  return problems;
}

/** The limit that an argument of a test sets: a number, a product, or `{ timeout }`. */
function limitOf(argument: ts.Expression): ts.Expression[] {
  const isProduct = ts.isBinaryExpression(argument) && argument.operatorToken.kind === ts.SyntaxKind.AsteriskToken;
  if (ts.isNumericLiteral(argument) || isProduct) return [argument];
  if (!ts.isObjectLiteralExpression(argument)) return [];
  return argument.properties.flatMap((p) =>
    ts.isPropertyAssignment(p) && p.name.getText() === 'timeout' ? [p.initializer] : [],
  );
}

/** Starts a process of ours: our Node with a program of ours. */
const STARTS_OURS = /\b(spawn|spawnSync|fork|execFile|execFileSync)\)?\(\s*process\.execPath|\bfork\(/;
const MODEL_RUNTIME = 'onnxruntime-node';
/** A thread is loaded where it is run, not where it is named. */
const THREADS = /^gateway\/infer\/(worker|decoder)\.ts$/;
/** Programs of ours that only run when they are started, and starters that only tests of the slow set use. */
const PRODUCT = /^(gateway|adapters|models)\/(?!.*\.(test|fixtures|cases)\.ts$)/;

/** Tests of the fast set that lead to a process of ours or to a model, each with the way. `fast`: repository paths. */
export function checkFastSet(files: Files, fast: readonly string[]): string[] {
  const known = new Map<string, Import[]>();
  const loadedBy = (path: string): Import[] => {
    const found = known.get(path) ?? importsOf(path, files.get(path) ?? '').filter((one) => !one.typeOnly);
    known.set(path, found);
    return found;
  };
  return fast.flatMap((test) => {
    const ways = new Map([[test, test]]);
    const found: string[] = [];
    for (const [path, way] of ways) {
      if (!PRODUCT.test(path) && STARTS_OURS.test(files.get(path) ?? '')) found.push(`${way} starts a process of ours`);
      for (const { specifier } of loadedBy(path)) {
        if (specifier === MODEL_RUNTIME) found.push(`${way} loads models`);
        const target = posix.normalize(posix.join(posix.dirname(path), specifier));
        if (specifier.startsWith('.') && files.has(target) && !ways.has(target) && !THREADS.test(target))
          ways.set(target, `${way} > ${target}`);
      }
    }
    return found;
  });
}
