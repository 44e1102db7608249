import { askNode } from '@tributary/relay/local';
import { dataFolder } from '../folders.ts';
import type { Output } from '../ui/output.ts';

interface Earned {
  /** UTC, as 2026-11-28. */
  day: string;
  index: string;
  answers: number;
  /** Decimal, in the ledger's smallest unit. */
  charged: string;
}

/** `tributary earnings`: what each index of a provider earned on each day, UTC. */
export async function earningsCommand(options: { data?: string; json?: boolean }, output: Output): Promise<number> {
  const report = (await askNode(dataFolder('provider', options.data), 'earnings')) as { unit: string; earnings: Earned[] };
  if (options.json) output.json(report);
  else for (const line of describeEarnings(report.earnings, report.unit)) output.line(line);
  return 0;
}

/**
 * Newest day first, then by index; the last line is the sum.
 */
export function describeEarnings(earnings: readonly Earned[], unit: string): string[] {
  if (earnings.length === 0) return ['nothing was earned yet'];
  const sorted = earnings.toSorted((a, b) => b.day.localeCompare(a.day) || a.index.localeCompare(b.index));
  const sum = earnings.reduce((total, { charged }) => total + BigInt(charged), 0n);
  const answers = earnings.reduce((total, one) => total + one.answers, 0);
  return [
    ...sorted.map((one) => `${one.day}  ${one.index}: ${one.charged} ${unit} for ${counted(one.answers)}`),
    `total       ${sum} ${unit} for ${counted(answers)}`,
  ];
}

const counted = (answers: number): string => `${answers} answer${answers === 1 ? '' : 's'}`;
