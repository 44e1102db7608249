import { channelId, recoverAboutChannel, recoverOpenChannel, signChannelState } from '@tributary/proof/payment';
import type { AboutChannel, OpenChannel, ToldChannel } from '@tributary/schemas';
import { inWords } from '../duration.ts';
import { RelayError } from '../errors.ts';
import { rateCallersMax } from '../policy/limits.ts';
import { createRate, type Rate } from '../policy/rate.ts';
import type { BookedChannel, Ledger } from './ledger.ts';
import { opensPerMinuteMax, readsPerMinuteMax } from './limits.ts';

/**
 * What a payer may do with its channels (docs/spec/relay.md). Every call may be repeated and returns the same state
 * again.
 */
export interface Channels {
  /**
   * Opens a channel or raises its deposit.
   *
   * @throws RelayError CHANNEL_TERMS, CREDIT_INSUFFICIENT, RATE_LIMITED, LEDGER_WRITE
   */
  open(open: OpenChannel): Promise<ToldChannel>;
  /** @throws RelayError CHANNEL_UNKNOWN, RATE_LIMITED, LEDGER_WRITE */
  read(about: AboutChannel): Promise<ToldChannel>;
  /**
   * Closes a channel. The uncharged rest of the deposit becomes available credit.
   *
   * @throws as `read`; IN_FLIGHT_CAP while its questions are in progress
   */
  close(about: AboutChannel): Promise<ToldChannel>;
}

interface Parts {
  readonly ledger: Ledger;
  /** Private key that signs the states. */
  readonly receiptKey: Uint8Array;
  now(): number;
}

export function createChannels(parts: Parts): Channels {
  const openings = createRate(rateCallersMax, parts.now);
  const readings = createRate(rateCallersMax, parts.now);
  return {
    open: (open) => openChannel(open, parts, openings),
    async read(about) {
      checkPayer('channelState', about, parts, readings);
      return tell(await parts.ledger.channelState(about.channel), about.nonce, parts);
    },
    async close(about) {
      const { closed } = checkPayer('closeChannel', about, parts, readings);
      if (!closed) await parts.ledger.closeChannel(about.channel);
      return tell(await parts.ledger.channelState(about.channel), about.nonce, parts);
    },
  };
}

async function openChannel(open: OpenChannel, parts: Parts, rate: Rate): Promise<ToldChannel> {
  const { ledger } = parts;
  const { terms } = open;
  if (terms.payee !== ledger.payee) throw wrongTerms(`pay ${terms.payee}; this provider is paid at ${ledger.payee}`);
  if (recoverOpenChannel(open, ledger.network) !== terms.payer)
    throw wrongTerms(`are not signed by the payer ${terms.payer} for this ledger`);
  take(rate, terms.payer, opensPerMinuteMax, 'openings');
  const id = channelId(terms, ledger.network);
  const known = ledger.channel(id)?.closed === true ? ledger.channelState(id) : ledger.openChannel(open);
  return tell(await known, open.nonce, parts);
}

/** Only the payer learns anything, even whether the channel exists. */
function checkPayer(method: 'channelState' | 'closeChannel', about: AboutChannel, { ledger }: Parts, rate: Rate) {
  const channel = ledger.channel(about.channel);
  if (channel === null || recoverAboutChannel(method, about, ledger.network) !== channel.terms.payer)
    throw new RelayError('CHANNEL_UNKNOWN', `no channel ${about.channel} of the payer who signed this`);
  take(rate, channel.terms.payer, readsPerMinuteMax, 'questions about channels');
  return channel;
}

function take(rate: Rate, payer: string, perMinute: number, what: string): void {
  const waitMs = rate.take(payer, perMinute);
  if (waitMs <= 0) return;
  const message = `more than ${perMinute} ${what} per minute; ask again in ${inWords(waitMs)}`;
  throw new RelayError('RATE_LIMITED', message, { retryAfterMs: waitMs });
}

function tell({ receipt, ...booked }: BookedChannel, nonce: string, { ledger, receiptKey }: Parts): ToldChannel {
  return { state: signChannelState({ ...booked, nonce }, ledger.network, receiptKey), receipt };
}

const wrongTerms = (what: string): RelayError => new RelayError('CHANNEL_TERMS', `the channel's terms ${what}`);
