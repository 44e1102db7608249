import { createHash } from 'node:crypto';
import type { AskOutcome } from '@tributary/client/testing';
import { fromBase64url } from '@tributary/proof/primitives';
import { requestHash } from '@tributary/proof/statements';
import type { AskHead, Receipt } from '@tributary/schemas';

/** A paid question as a provider received it. */
export interface PaidAsk {
  readonly provider: string;
  readonly peer: string;
  readonly requestHash: string;
  readonly head: AskHead & { payment: NonNullable<AskHead['payment']> };
  /** By the client's clock. */
  readonly clientNow: number;
  /** What the client believed to be charged in the ticket's channel at that time. */
  readonly believed: bigint;
}

/** Observes the whole run: writes its trace and keeps what the checks need. */
export interface Witness {
  note(what: string): void;
  violation(what: string): void;
  asked(ask: Omit<PaidAsk, 'believed'>): void;
  answered(provider: string, outcome: AskOutcome, hash: string): void;
  /** An answer that a liar changed before it left. */
  lied(ticket: string, answer: Answer): void;
  /** A receipt of an answer that a client believed. */
  believed(client: string, ticket: string, answer: Answer): void;
  /** Number of times that a peer read the state of its channel, by provider and peer. */
  readonly resyncs: Map<string, number>;
  /** Receipts with a lie that a client believed, and the client. */
  readonly believedLies: readonly { client: string; receipt: Receipt }[];
  readonly violations: readonly string[];
  readonly asks: readonly PaidAsk[];
  /** Receipts of the answers that clients handed to whoever asked. */
  readonly delivered: readonly { client: string; receipt: Receipt }[];
  /** Receipts with a charge that left, by provider, and the question of each. */
  readonly receipts: readonly { provider: string; requestHash: string; receipt: Receipt }[];
  readonly lines: readonly string[];
  /** Hash of everything noted, equal for equal runs. */
  hash(): string;
}

type Answer = Extract<AskOutcome, { receipt: Receipt }>;

/** @param keep keeps the lines of the trace, not only its hash */
export function createWitness(now: () => number, keep: boolean): Witness {
  const lines: string[] = [];
  const hash = createHash('sha256');
  const [violations, asks, receipts]: [string[], PaidAsk[], Witness['receipts'][number][]] = [[], [], []];
  const note = (what: string): void => {
    const line = `${now().toFixed(2)} ${what}`;
    hash.update(`${line}\n`);
    if (keep) lines.push(line);
  };
  const lies = new Set<string>();
  const believedCharges = new Map<string, Map<string, bigint>>();
  const believedLies: Witness['believedLies'][number][] = [];
  const delivered: Witness['delivered'][number][] = [];
  return {
    note,
    believedLies,
    delivered,
    resyncs: new Map(),
    lied: (ticket, answer) => void lies.add(nameOf(ticket, answer)),
    believed(client, ticket, answer) {
      const { channel, charge } = answer.receipt;
      delivered.push({ client, receipt: answer.receipt });
      believedCharges.set(channel, (believedCharges.get(channel) ?? new Map<string, bigint>()).set(ticket, BigInt(charge)));
      if (lies.has(nameOf(ticket, answer))) believedLies.push({ client, receipt: answer.receipt });
    },
    violation(what) {
      violations.push(what);
      note(`VIOLATION ${what}`);
    },
    asked: (ask) => {
      const { ticket, voucher } = ask.head.payment;
      const charges = [...(believedCharges.get(ticket.channel)?.values() ?? [])];
      asks.push({ ...ask, believed: charges.reduce((sum, charge) => sum + charge, 0n) });
      note(
        `${ask.provider} gets ticket ${ticket.id.slice(0, 6)} from ${ask.peer}, up to ${ticket.maxCharge}, acked ${ticket.ackedTotal}, voucher ${voucher.cumulative}`,
      );
    },
    answered(provider, outcome, request) {
      if ('refusal' in outcome) {
        note(`${provider} refuses ${outcome.refusal.code}: ${outcome.refusal.message}`);
        return;
      }
      const { receipt } = outcome;
      receipts.push({ provider, requestHash: request, receipt });
      note(
        `${provider} answers ticket ${receipt.ticket.slice(0, 6)}: ${receipt.status}, charge ${receipt.charge}, total ${receipt.chargedTotal}`,
      );
    },
    violations,
    asks,
    receipts,
    lines,
    hash: () => hash.copy().digest('hex'),
  };
}

export const requestHashOf = (head: AskHead, body: Uint8Array): string => requestHash(fromBase64url(head.nonce), body);

const nameOf = (ticket: string, { receipt, body }: Answer): string =>
  `${ticket} ${receipt.signature} ${createHash('sha256').update(body).digest('hex')}`;
