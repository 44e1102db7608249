import { isTributaryError } from '@tributary/schemas';

/** Why there is no answer, as the page shows it. */
export interface Trouble {
  kind: 'offline' | 'credit' | 'budget' | 'key' | 'error';
  title: string;
  /** What happened, and what to do. */
  text: string;
  code: string | null;
}

const KINDS: Readonly<Record<string, Pick<Trouble, 'kind' | 'title'>>> = {
  GATEWAY_UNREACHABLE: { kind: 'offline', title: 'The gateway does not answer' },
  PAYMENT_NEEDED: { kind: 'credit', title: 'No credit left for this index' },
  CREDIT_INSUFFICIENT: { kind: 'credit', title: 'No credit left for this index' },
  API_KEY_BUDGET: { kind: 'budget', title: 'The budget of your key is used up' },
  SPEND_CAP: { kind: 'budget', title: 'This question is above a spending limit' },
  API_KEY_NEEDED: { kind: 'key', title: 'This gateway needs an API key' },
  API_KEY_INVALID: { kind: 'key', title: 'This API key does not work' },
  INDEX_NOT_OFFERED: { kind: 'error', title: 'There is no such index here' },
  RATE_LIMITED: { kind: 'error', title: 'Too many questions at a time' },
};

/** Puts an error into words. An error of the page itself says that it is one. */
export function troubleOf(error: unknown, online: boolean): Trouble {
  if (!isTributaryError(error))
    return { kind: 'error', title: 'The page failed', text: 'It could not show this answer. Load it again.', code: null };
  const { code, message } = error;
  if (code === 'GATEWAY_UNREACHABLE' && !online)
    return { kind: 'offline', title: 'You are offline', text: 'Your question was not answered. Connect, then try again.', code };
  const known = KINDS[code] ?? { kind: 'error' as const, title: 'No answer' };
  return { ...known, text: sentence(message), code };
}

/** Messages are parts of sentences. */
function sentence(message: string): string {
  const begun = message.slice(0, 1).toUpperCase() + message.slice(1);
  return /[.?!]$/.test(begun) ? begun : `${begun}.`;
}
