/** One bar. */
export interface Bar {
  readonly label: string;
  readonly value: number;
  /** Written behind the bar. */
  readonly text: string;
  readonly muted?: boolean;
}

export interface Line {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  readonly muted?: boolean;
}

const chartWidth = 720;
const colours = ['#2f6f4f', '#c0662d', '#3b5b92', '#8a8a8a'];
const mutedColour = '#b9b9b9';
const font = 'font-family="system-ui, sans-serif" font-size="13"';

/** Horizontal bars, as SVG. */
export function barChart(title: string, bars: readonly Bar[]): string {
  const [left, right, top, step] = [200, 190, 44, 26];
  const most = Math.max(...bars.map(({ value }) => value));
  const rows = bars.map(({ label, value, text, muted }, index) => {
    const y = top + index * step;
    const length = Math.max(1, (value / most) * (chartWidth - left - right));
    return [
      `<text x="${left - 8}" y="${y + 13}" text-anchor="end" fill="#333">${escaped(label)}</text>`,
      `<rect x="${left}" y="${y}" width="${length.toFixed(1)}" height="17" fill="${muted ? mutedColour : colours[0]}"/>`,
      `<text x="${(left + length + 6).toFixed(1)}" y="${y + 13}" fill="#333">${escaped(text)}</text>`,
    ].join('');
  });
  return svg(title, top + bars.length * step + 12, rows);
}

/** Lines over one x axis that starts at 0, as SVG. */
export function lineChart(
  title: string,
  axes: { readonly x: string; readonly y: string },
  lines: readonly Line[],
): string {
  const [left, top, width, height] = [64, 52, chartWidth - 64 - 160, 230];
  const all = lines.flatMap(({ points }) => points);
  const mostX = Math.max(...all.map(([x]) => x));
  const mostY = roundMaximum(Math.max(...all.map(([, y]) => y)));
  const place = ([x, y]: readonly [number, number]) =>
    `${(left + (x / mostX) * width).toFixed(1)},${(top + height - (y / mostY) * height).toFixed(1)}`;
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const y = top + height - share * height;
    return [
      `<line x1="${left}" x2="${left + width}" y1="${y}" y2="${y}" stroke="#e4e4e4"/>`,
      `<text x="${left - 6}" y="${y + 4}" text-anchor="end" fill="#555">${rounded(share * mostY)}</text>`,
    ].join('');
  });
  const xs = [...new Set((lines[0]?.points ?? []).map(([x]) => x))];
  const shownXs = xs.filter((_, index) => xs.length <= 8 || index % Math.ceil(xs.length / 8) === 0);
  const xTicks = shownXs.map(
    (x) =>
      `<text x="${place([x, 0]).split(',')[0]}" y="${top + height + 18}" text-anchor="middle" fill="#555">${rounded(x)}</text>`,
  );
  const drawn = lines.map(({ name, points, muted }, index) => {
    const colour = muted ? mutedColour : colours[index % colours.length];
    const last = points.at(-1) ?? [0, 0];
    const [x = '0', y = '0'] = place(last).split(',');
    return [
      `<polyline points="${points.map(place).join(' ')}" fill="none" stroke="${colour}" stroke-width="2"${muted ? ' stroke-dasharray="5 4"' : ''}/>`,
      ...points.map((point) => {
        const [cx, cy] = place(point).split(',');
        return `<circle cx="${cx}" cy="${cy}" r="3" fill="${colour}"/>`;
      }),
      `<text x="${Number(x) + 8}" y="${Number(y) + 4}" fill="#333">${escaped(name)}</text>`,
    ].join('');
  });
  return svg(title, top + height + 48, [
    ...ticks,
    ...xTicks,
    `<text x="${left}" y="${top - 10}" fill="#555">${escaped(axes.y)}</text>`,
    `<text x="${left + width}" y="${top + height + 36}" text-anchor="end" fill="#555">${escaped(axes.x)}</text>`,
    ...drawn,
  ]);
}

function svg(title: string, height: number, parts: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${chartWidth} ${height}" width="${chartWidth}" height="${height}" ${font}>`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${chartWidth}" height="${height}" fill="#fff"/>`,
    `<text x="12" y="24" font-size="15" font-weight="600" fill="#222">${escaped(title)}</text>`,
    ...parts,
    '</svg>\n',
  ].join('\n');
}

/** The next number upwards whose quarters are round. */
function roundMaximum(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 4, 6, 8, 10].map((step) => step * power).find((step) => step >= value) ?? value;
}

function rounded(value: number): string {
  return value >= 10 || Number.isInteger(value) ? String(Math.round(value)) : value.toFixed(1);
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
