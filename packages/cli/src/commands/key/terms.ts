import { apiKeyTerms, checkShape, isTributaryError, PERMISSIONS, TributaryError, type ApiKeyTerms } from '@tributary/schemas';
import { credits, wholeNumber } from '../../arguments.ts';

/** Options of `tributary key create`. */
export interface TermOptions {
  name?: string;
  permission?: string[];
  index?: string[];
  budget?: string;
  budgetPerDay?: string;
  rate?: string;
  burst?: string;
  expires?: string;
  writer?: string;
}

const UNIT_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * What a key may do. Limits that are left out do not apply.
 *
 * @throws TributaryError USAGE
 */
export function readTerms(options: TermOptions, nowMs: number): ApiKeyTerms {
  const { name = 'key', index, writer = null, expires } = options;
  const terms = {
    name,
    permissions: permissionsOf(options.permission),
    indexes: index ?? ['*'],
    budget: { total: amountOf('--budget', options.budget), perDay: amountOf('--budget-per-day', options.budgetPerDay) },
    rate: rateOf(options),
    writer,
    expiresAt: expires === undefined ? null : expiryOf(expires, nowMs),
  };
  try {
    return checkShape(apiKeyTerms, terms, 'the key');
  } catch (cause) {
    throw isTributaryError(cause) ? new TributaryError('USAGE', cause.message, { cause }) : cause;
  }
}

function permissionsOf(given: string[] | undefined): readonly string[] {
  if (given === undefined) return PERMISSIONS;
  const words = given.flatMap((part) => part.split(','));
  const wrong = words.find((word) => !(PERMISSIONS as readonly string[]).includes(word));
  if (wrong !== undefined) throw new TributaryError('USAGE', `--permission takes ${PERMISSIONS.join(', ')}, not '${wrong}'`);
  return PERMISSIONS.filter((permission) => words.includes(permission));
}

const amountOf = (option: string, text: string | undefined): string | null =>
  text === undefined ? null : String(credits(option, text));

function rateOf({ rate, burst }: TermOptions): ApiKeyTerms['rate'] {
  if (rate === undefined) {
    if (burst !== undefined) throw new TributaryError('USAGE', '--burst goes with --rate');
    return null;
  }
  const perMinute = wholeNumber('--rate', rate, { min: 1 });
  return { perMinute, burst: burst === undefined ? perMinute : wholeNumber('--burst', burst, { min: 1 }) };
}

/** `30d`, `12h`, `15m`, or a date such as 2027-01-31 or 2027-01-31T12:00:00Z. */
function expiryOf(text: string, nowMs: number): number {
  const [, count, unit = ''] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  const at =
    count === undefined
      ? /^\d{4}-\d{2}-\d{2}(?:T.+)?$/.test(text)
        ? Date.parse(text)
        : Number.NaN
      : nowMs + Number(count) * UNIT_MS[unit]!;
  if (Number.isNaN(at))
    throw new TributaryError(
      'USAGE',
      `--expires takes a span such as 30d, 12h or 15m, or a date such as 2027-01-31, not '${text}'`,
    );
  if (at <= nowMs) throw new TributaryError('USAGE', `--expires ${text} is in the past`);
  return at;
}
