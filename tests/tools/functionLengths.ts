/* Finds functions that are too long to be seen at once: `node tests/tools/functionLengths.ts`. */

import { type ArrowFunctionExpression, type Function as FunctionNode, parseSync, Visitor } from 'oxc-parser';
import { readSources, type Sources } from './sources.ts';

const mostLines = 80;

/** A function longer than {@link mostLines} lines, from its first to its last one, comments and inner functions included. */
export interface LongFunction {
  readonly file: string;
  /** number of its first line, from 1 */
  readonly line: number;
  readonly lines: number;
}

/** The long functions of all files, in the order of the files. */
export function longFunctions(sources: Sources): readonly LongFunction[] {
  return [...sources].flatMap(([file, text]) => longFunctionsOf(file, text));
}

function longFunctionsOf(file: string, text: string): readonly LongFunction[] {
  const lineAt = (offset: number) => text.slice(0, offset).split('\n').length;
  const found: LongFunction[] = [];
  const measure = ({ start, end }: FunctionNode | ArrowFunctionExpression) => {
    const line = lineAt(start);
    const lines = lineAt(end) - line + 1;
    if (lines > mostLines) {
      found.push({ file, line, lines });
    }
  };
  new Visitor({
    FunctionDeclaration: measure,
    FunctionExpression: measure,
    ArrowFunctionExpression: measure,
  }).visit(parseSync(file, text).program);
  return found;
}

if (import.meta.main) {
  const found = longFunctions(readSources(['functions/**/*.ts', 'shared/drafts/**/*.ts']));
  for (const { file, line, lines } of found) {
    process.stdout.write(`${file}:${line} has ${lines} lines; at most ${mostLines} are allowed.\n`);
  }
  process.exitCode = found.length > 0 ? 1 : 0;
}
