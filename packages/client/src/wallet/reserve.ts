import type { Ticket } from '@tributary/schemas';
import { ClientError } from '../errors.ts';
import { ceilingFor, claimable, openTicket, outstanding, releaseTicket, roomInFlight, type WalletChannel } from './channel.ts';
import type { RowChange } from './database.ts';
import { fund } from './fund.ts';
import { reserveWaitMsMax, statedOffersMax } from './limits.ts';
import { keep, type WalletParts } from './parts.ts';
import { channelRow, dayRow, statementsRow, ticketGone, ticketRow } from './rows.ts';
import { channelAt, countToday, isLeft, rowsOf, startChannel } from './state.ts';
import { checkCaps } from './totals.ts';
import type { Payment, PaymentRequest, ProviderLedger } from './wallet.ts';

/**
 * Waits for room on the payee's channel, opens and signs the ticket, and writes it. Repeats this on a new channel when
 * the old one was given up.
 */
export async function reserve(
  parts: WalletParts,
  request: PaymentRequest,
  ledger: ProviderLedger,
  signal?: AbortSignal,
): Promise<Payment> {
  const { state, signer, caps } = parts;
  checkCaps(parts.together, caps, parts.steadyNow(), request.maxCharge, 0n);
  await parts.rows.caughtUp(); // a full disk takes no more promises, so what waits for it stays bounded
  const { address: payer, voucherSigner } = signer;
  const channel =
    channelAt(state, request.payee) ?? startChannel(state, request.payee, { payer, voucherSigner, salt: signer.salt() });
  const waitMs = timeTo(request.deadline, parts);
  const room = (passing: number) => isLeft(state, channel) || roomInFlight(channel, request.payee.maxInFlight) > passing;
  const passed = await parts.work(channel).queue.pass(room, { waitMs, signal });
  const opened = await open(parts, channel, request, ledger).finally(passed);
  return opened ? opened.payment : reserve(parts, request, ledger, signal);
}

/** Milliseconds to a deadline, bounded because the clock may have been set. */
const timeTo = (deadline: number, { now }: WalletParts): number => Math.min(reserveWaitMsMax, Math.max(1, deadline - now()));

/**
 * Opens and signs the ticket once the deposit covers it. The caps are checked, the place is taken and the rows are
 * queued for the disk in one turn, so that the limits hold for concurrent calls. Null when the channel was lost or
 * closed meanwhile.
 */
async function open(parts: WalletParts, channel: WalletChannel, request: PaymentRequest, ledger: ProviderLedger) {
  const { state, caps } = parts;
  const { ticketId: id, offerHash: offer, requestHash, maxCharge, deadline, mostLocked = null } = request;
  const work = parts.work(channel);
  while (!isLeft(state, channel)) {
    const [wanted, most] = [ceiling(parts, channel, request), claimable(channel, maxCharge)];
    const cumulative = wanted < most ? wanted : most;
    const raised = cumulative > channel.signed ? cumulative - channel.signed : 0n;
    checkCaps(parts.together, caps, parts.steadyNow(), maxCharge, raised);
    if (cumulative <= channel.deposit) {
      const draft = { id, offer, request: requestHash, maxCharge: String(maxCharge), deadline };
      const ticket = openTicket(channel, draft, cumulative);
      channel.open.get(id)!.overAt = parts.elapsedMs() + timeTo(deadline, parts);
      countToday(state, parts.steadyNow(), { signed: raised });
      // In an object: the place in the queue is given up before the rows are on disk.
      return { payment: sign(parts, channel, request, { ticket, cumulative: String(cumulative), raised }) };
    }
    work.funding ??= fund(parts, channel, ledger, { needed: cumulative, maxCharge, mostLocked }).finally(
      () => (work.funding = null),
    );
    await work.funding;
  }
  return null;
}

/**
 * A question that is tried again promises no more than its price over both attempts, unless the first promise is proven
 * void.
 */
function ceiling({ state }: WalletParts, channel: WalletChannel, { before, maxCharge }: PaymentRequest): bigint {
  if (!before || state.closed.has(before.channel)) return ceilingFor(channel, maxCharge);
  if (before.channel === channel.channel) {
    const most = channel.signed + maxCharge - before.raised;
    const wanted = ceilingFor(channel, maxCharge);
    // The adopted state explains the refusal. If it does not, a released ticket is still in progress at the provider.
    return wanted > BigInt(before.voucher.cumulative) && wanted < most ? wanted : most;
  }
  if (before.raised === 0n) return ceilingFor(channel, maxCharge);
  throw new ClientError('SPEND_CAP', `${before.raised} were promised for this question in a channel that was lost; ask it again`);
}

async function sign(
  parts: WalletParts,
  channel: WalletChannel,
  request: PaymentRequest,
  { ticket, cumulative, raised }: { ticket: Ticket; cumulative: string; raised: bigint },
): Promise<Payment> {
  const { state, rows, signer } = parts;
  const couldLose = outstanding(channel);
  const voucher = signer.voucher(channel, ticket, cumulative);
  channel.open.get(ticket.id)!.voucher = { cumulative, signature: voucher.signature };
  const changes = [...originRows(parts, channel, request), ticketRow(channel, ticket.id), channelRow(channel), dayRow(state.day)];
  try {
    // What a crash or a power cut forgets could be paid twice, and is missing from the day's budget.
    await rows.write(changes, { sync: true });
  } catch (error) {
    parts.stated.delete(request.offerHash);
    releaseTicket(channel, ticket.id); // it was never sent
    keep(parts, channel, [ticketGone(channel.channel, ticket.id), ...rowsOf(state, channel)]);
    throw error;
  }
  const signed = { ...voucher, signer: signer.voucherSigner };
  return {
    channel: channel.channel,
    terms: channel.terms,
    ticket,
    voucher: { cumulative, signature: voucher.signature },
    couldLose,
    raised,
    signed,
  };
}

/** The rows that allow the ticket to be asked again. The statements of an offer are written once. */
function originRows(
  { stated }: WalletParts,
  channel: WalletChannel,
  { ticketId, offerHash, origin }: PaymentRequest,
): RowChange[] {
  if (!origin) return [];
  channel.open.get(ticketId)!.origin = origin;
  if (stated.has(offerHash)) return [];
  if (stated.size >= statedOffersMax) stated.clear(); // they are written again then
  stated.add(offerHash);
  return [statementsRow(offerHash, origin)];
}
