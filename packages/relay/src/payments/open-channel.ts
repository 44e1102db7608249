import { recoverOpenChannel } from '@tributary/proof';
import type { OpenChannel } from '@tributary/schemas';
import { RelayError } from '../errors.ts';
import type { Rate } from '../policy/rate.ts';
import type { ChannelState, Ledger } from './ledger.ts';
import { opensPerMinuteMax } from './limits.ts';

const NO_TOKEN = `0x${'0'.repeat(40)}`;

/**
 * Opens a channel, raises its deposit, or tells its state: an opening is signed for a total, so it may be repeated.
 *
 * @throws RelayError CHANNEL_TERMS when the terms are not ours or not signed by the payer, CREDIT_INSUFFICIENT, RATE_LIMITED
 */
export async function openChannel(open: OpenChannel, ledger: Ledger, rate: Rate): Promise<ChannelState> {
  const { terms } = open;
  if (terms.payee !== ledger.payee) throw wrongTerms(`pay ${terms.payee}; this provider is paid at ${ledger.payee}`);
  if (terms.receiverAuthorizer !== ledger.payee) throw wrongTerms(`name another receiver than ${ledger.payee}`);
  if (terms.token !== NO_TOKEN) throw wrongTerms('name a token; the embedded ledger has none');
  if (terms.withdrawDelay >= 2 ** 40) throw wrongTerms('have a withdrawal delay above 40 bits');
  if (recoverOpenChannel(open, ledger.network) !== terms.payer)
    throw wrongTerms(`are not signed by the payer ${terms.payer} for this ledger`);
  const waitMs = rate.take(terms.payer, opensPerMinuteMax);
  if (waitMs > 0) throw new RelayError('RATE_LIMITED', `more than ${opensPerMinuteMax} openings in a minute; wait ${waitMs} ms`);
  return ledger.openChannel(open);
}

const wrongTerms = (what: string): RelayError => new RelayError('CHANNEL_TERMS', `the channel's terms ${what}`);
