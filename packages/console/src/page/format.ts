const whole = new Intl.NumberFormat('en');

/** An amount in the smallest unit of its ledger, with grouped digits. */
export function money(amount: string, unit: string): string {
  return `${/^\d{1,39}$/.test(amount) ? whole.format(BigInt(amount)) : amount} ${unit}`;
}

export function count(value: number): string {
  return whole.format(value);
}

/** A score with enough digits to distinguish results. */
export function score(value: number): string {
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 3);
}

/** A key shortened to its ends, because people compare those. */
export function shortKey(key: string): string {
  return key.length > 28 ? `${key.slice(0, 16)}…${key.slice(-6)}` : key;
}

export function time(ms: number): string {
  return new Date(ms).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
}

/** The address if a reader may follow it. Schemes other than http and https are shown as text only. */
export function webAddress(uri: string | null): string | null {
  if (uri === null || !URL.canParse(uri)) return null;
  const { protocol, href } = new URL(uri);
  return protocol === 'https:' || protocol === 'http:' ? href : null;
}
