import type { Link } from '@tributary/client';
import { signVoucher, ticketHash, type Network } from '@tributary/proof/payment';
import type { AskHead } from '@tributary/schemas';
import type { Random } from '../random.ts';
import type { LiarClient } from '../plan/liars.ts';

export interface ClientTools {
  readonly random: Random;
  readonly voucherKey: Uint8Array;
  readonly network: Network;
}

type Sent = [head: AskHead, body: Uint8Array];

/** A link that looks honest to the client and sends something else to the provider. */
export function lyingLink(link: Link, lie: LiarClient, tools: ClientTools): Link {
  const before: Sent[] = [];
  return {
    ...link,
    get isOpen() {
      return link.isOpen;
    },
    async ask(head, body, options) {
      const sent: Sent = [head, Uint8Array.from(body)];
      before.push(sent);
      const [first, second] = tools.random.chance(0.5) ? changed(lie, sent, before, tools) : sent;
      const reply = link.ask(first, second, options);
      if (lie === 'hangs-up' && tools.random.chance(0.5)) link.close('a liar hangs up');
      return reply;
    },
  };
}

function changed(lie: LiarClient, sent: Sent, before: readonly Sent[], tools: ClientTools): Sent {
  const [head, body] = sent;
  if (head.payment === null) return sent;
  const old = tools.random.pick(before);
  switch (lie) {
    case 'underpays':
      return [repaid(head, tools, (cumulative) => cumulative / 2n), body];
    case 'overspends':
      return [repaid(head, tools, (cumulative) => cumulative * 1_000n), body];
    case 'old-voucher':
      return [{ ...head, payment: { ...head.payment, voucher: old[0].payment?.voucher ?? head.payment.voucher } }, body];
    case 'replays-ticket':
      // The same ticket for another question, or an old question word for word.
      return tools.random.chance(0.5) ? [old[0], body] : old;
    case 'hangs-up':
      return sent;
  }
}

function repaid(head: AskHead, { voucherKey, network }: ClientTools, change: (cumulative: bigint) => bigint): AskHead {
  const { ticket, voucher } = head.payment!;
  const cumulative = String(change(BigInt(voucher.cumulative)));
  const signature = signVoucher({ channel: ticket.channel, cumulative, ctx: ticketHash(ticket) }, network, voucherKey);
  return { ...head, payment: { ticket, voucher: { cumulative, signature } } };
}
