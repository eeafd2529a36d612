import { isNear, mixed, parseColour, white } from './cssColours.ts';
import { type Declarations, type Side, sides } from './cssDeclarations.ts';

const lineStyles = new Set('solid dashed dotted double groove ridge inset outset'.split(' '));

/** The sides of an element along which its style draws a line that can be seen on a white page. */
export function linesOf(style: Declarations): readonly Side[] {
  return sides.filter((side) => {
    const [look, width, colour] = ['style', 'width', 'color'].map((part) =>
      style.get(`border-${side}-${part}`),
    );
    return lineStyles.has(look ?? '') && !/^0(?:\D|$)/.test(width ?? '') && isSeen(colour);
  });
}

function isSeen(colour: string | undefined): boolean {
  const parsed = parseColour(colour ?? '');
  return parsed === null || !isNear(mixed(parsed, white), white);
}

const gap = 'padding:2px 8px';

/**
 * The style of a table, a row or a cell as it is written into FreeScout, '' for none: one of {@link tableStyles}. FreeScout's
 * style sheet takes all padding from cells and leaves `cellpadding` without effect, so each cell carries its own.
 */
export function tableStyle(lines: readonly Side[], isPadded: boolean): string {
  const drawn =
    lines.length === sides.length
      ? ['border:1px solid #ccc']
      : lines.map((side) => `border-${side}:1px solid #ccc`);
  return [...(isPadded ? [gap] : []), ...drawn].join(';');
}

/** Every style there is; nothing that a mail says about its own looks passes. */
export const tableStyles: readonly string[] = Array.from({ length: 2 ** sides.length }, (_, chosen) =>
  sides.filter((_side, at) => (chosen & (1 << at)) !== 0),
)
  .flatMap((lines) => [tableStyle(lines, false), tableStyle(lines, true)])
  .filter((style) => style !== '');
