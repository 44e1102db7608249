const COLUMNS = [
  'flip',
  'cut',
  'missing',
  'older',
  'right',
  'refused',
  'refused, sound parts opened',
  'refused in use',
  'broken',
];

/**
 * What was done to each kind of file and folder, and what came of it.
 *
 * @param kinds all that could be drawn; some more than once
 */
export function tableOf(kinds: readonly string[], counts: Readonly<Record<string, number>>): string[] {
  const all = [...new Set(kinds)].toSorted();
  const cells = (kind: string): number[] => COLUMNS.map((column) => counts[`${kind}: ${column}`] ?? 0);
  const sums = COLUMNS.map((_, at) => all.reduce((sum, kind) => sum + cells(kind)[at]!, 0));
  const row = (name: string, values: readonly (number | string)[]): string => `| ${name} | ${values.join(' | ')} |`;
  return [
    row('kind', COLUMNS),
    row(
      '---',
      COLUMNS.map(() => '---:'),
    ),
    ...all.map((kind) => row(kind, cells(kind))),
    row('all', sums),
  ];
}
