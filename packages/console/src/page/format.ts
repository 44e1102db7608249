const whole = new Intl.NumberFormat('en');

/** An amount in the smallest unit of its ledger, with grouped digits. */
export function money(amount: string | bigint, unit: string): string {
  return `${digits(amount)} ${unit}`;
}

/** The same without its unit. */
export function digits(amount: string | bigint): string {
  const text = String(amount);
  return /^\d{1,39}$/.test(text) ? whole.format(BigInt(text)) : text;
}

export function count(value: number): string {
  return whole.format(value);
}

export function counted(value: number, one: string, many = `${one}s`): string {
  return `${value === 0 ? 'No' : count(value)} ${value === 1 ? one : many}`;
}

/** A score with enough digits to distinguish results. */
export function score(value: number): string {
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 3);
}

/** A key by its ends, for a line of text. Where keys are compared they are shown in full. */
export function shortKey(key: string): string {
  const bare = key.replace(/^did:key:/, '');
  return bare.length > 16 ? `${bare.slice(0, 8)}…${bare.slice(-5)}` : bare;
}

export function time(ms: number): string {
  return new Date(ms).toLocaleString('en', { dateStyle: 'medium', timeStyle: 'short' });
}

/** The name in an index id, without the fingerprint of its owner. */
export function nameOf(id: string): string {
  return id.slice(0, id.indexOf('@'));
}

/** The address if a reader may follow it. Schemes other than http and https are shown as text only. */
export function webAddress(uri: string | null): string | null {
  if (uri === null || !URL.canParse(uri)) return null;
  const { protocol, href } = new URL(uri);
  return protocol === 'https:' || protocol === 'http:' ? href : null;
}
