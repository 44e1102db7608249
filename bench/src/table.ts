import type { Report, Row } from './types.ts';

const HEAD = ['what', 'ours', 'baseline', 'unit', 'ratio', 'aim', 'met'];

/** A report as a Markdown table, with notes below. */
export function formatReport(name: string, report: Report): string {
  if (report.skipped !== undefined) return `## ${name}\n\nskipped: ${report.skipped}\n`;
  const rows = [HEAD, ...report.rows.map(cells)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map((row) => `| ${row.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`);
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  const notes = report.notes.map((note) => `- ${note}`);
  return [`## ${name}`, '', lines[0]!, rule, ...lines.slice(1), '', ...notes, ''].join('\n');
}

function cells({ what, ours, baseline, unit, ratio, aim }: Row): string[] {
  const met = aim === null ? '' : aim.met ? 'yes' : 'no';
  return [
    what,
    number(ours),
    baseline === null ? '' : number(baseline),
    unit,
    ratio === null ? '' : ratio.toFixed(2),
    aim?.text ?? '',
    met,
  ];
}

/** Four significant digits, without an exponent. */
function number(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  return size >= 1_000 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(size < 1 ? 3 : 4)));
}
