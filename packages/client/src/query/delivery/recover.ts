import { readIdentity } from '@tributary/proof/statements';
import { ClientError } from '../../errors.ts';
import type { KnownProvider } from '../../discovery/types.ts';
import type { QuestionKey, WaitingTicket, Wanted } from '../../wallet/wallet.ts';
import { ledgerOf } from '../pay.ts';
import type { QueryContext } from '../types.ts';

/** Answers that were charged, but no question that was not: nobody waits for it. */
const CHARGED: Wanted = () => false;

/**
 * Asks every provider for the answers that it charged and nobody got. Those that cannot be reached are left for later.
 */
export async function recoverAll(context: QueryContext): Promise<void> {
  const { wallet } = context;
  if (wallet === null) return;
  await Promise.all(byPayee(wallet.waiting()).map((one) => recoverFrom(one, context, CHARGED).catch(() => undefined)));
}

/**
 * Asks for the answers of the tickets that were paid under a key. A ticket that was not charged yet is sent again, too:
 * its caller is back.
 *
 * @throws ClientError KEY_CONFLICT, ANSWER_PENDING while it is not known what became of a ticket
 */
export async function recoverKey(key: QuestionKey, context: QueryContext): Promise<void> {
  const { wallet } = context;
  if (wallet === null) return;
  const mine = (): WaitingTicket[] => wallet.waiting().filter(({ origin }) => origin?.key?.name === key.name);
  if (mine().some(({ origin }) => origin!.key!.question !== key.question))
    throw new ClientError('KEY_CONFLICT', `the key ${key.name} was used for another question; take a new one`);
  for (const one of byPayee(mine())) {
    await recoverFrom(one, context, (asked) => asked?.name === key.name).catch((cause: unknown) => {
      throw pending(key, cause);
    });
  }
  if (mine().length > 0) throw pending(key, null);
}

const pending = ({ name }: QuestionKey, cause: unknown): ClientError =>
  new ClientError(
    'ANSWER_PENDING',
    `the question with the key ${name} was paid for, and its provider does not give the answer now; ask again: it is paid once`,
    { cause },
  );

/** One ticket of each channel. */
const byPayee = (waiting: WaitingTicket[]): WaitingTicket[] => [
  ...new Map(waiting.map((one) => [[one.payee.did, one.payee.receiptSigner, one.payee.payee].join(' '), one])).values(),
];

async function recoverFrom({ payee, origin }: WaitingTicket, context: QueryContext, wanted: Wanted): Promise<void> {
  const { providers, wallet } = context;
  const known = providerOf(payee.did, origin, context);
  if (known === null) return;
  const link = await providers.link(known);
  await wallet!.resync(payee, ledgerOf(link), (lost) => context.askAgain(lost, link, context), wanted);
}

/** The provider as it announces itself now, else as it was when the ticket was made. */
function providerOf(did: string, origin: WaitingTicket['origin'], { providers }: QueryContext): KnownProvider | null {
  const known = [...providers.offers(), ...providers.embeddings()].find(({ identity }) => identity.did === did);
  if (known || !origin) return known ?? null;
  const { identity, hash: identityHash } = readIdentity(origin.identity);
  return { signedIdentity: origin.identity, identity, identityHash, addresses: [] };
}
