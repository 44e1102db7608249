import { askClient, askGateway, call, untilAnswered } from '../world/calls.ts';
import { note } from '../load/questions.ts';
import type { Memory } from '../load/types.ts';
import { price, type World } from '../world/world.ts';

/** Longest time after a restart until an honest question is answered. */
const recoveredMs = 30_000;

/** Charges of the storm, in answers. */
export interface Lost {
  /** Charged, and no caller got the answer. */
  undelivered: number;
}

/** The next question of each caller is answered. It also settles what the kill left open. */
export async function checkNextQuestion(world: World, memory: Memory): Promise<string[]> {
  const [first, second] = memory.keys;
  const callers = [
    ['the first key', () => askGateway(world, first)],
    ['the second key', () => askGateway(world, second)],
    ['the SDK', () => askClient(world)],
  ] as const;
  const violations: string[] = [];
  for (const [who, ask] of callers) {
    const counted = async () => {
      const answer = await ask();
      memory.tally.asked += 1;
      if ('charge' in answer) note(memory, who, answer);
      return answer;
    };
    const refusal = await untilAnswered(counted, recoveredMs);
    if (refusal !== null) violations.push(`stuck: the next question of ${who}: ${JSON.stringify(refusal).slice(0, 400)}`);
  }
  return violations;
}

interface Channel {
  payer: string;
  receipts: number;
  charged: string;
}
interface Wallet {
  payer: string;
  spent: string;
  writtenOff: string;
}

/** Provider and wallets book the same, and nothing is charged twice. */
export async function checkBooks(world: World, memory: Memory, before: number): Promise<{ violations: string[]; lost: Lost }> {
  const { channels } = await world.admin<{ channels: Channel[] }>('provider', 'channels');
  const gateway = await world.admin<Wallet>('gateway', 'balance');
  const { address, spent, writtenOff } = (await call(world.url('client'), '/facts')).body as Wallet & { address: string };
  const violations: string[] = [];
  let answers = 0;
  for (const [who, payer, paid] of [
    ['gateway', gateway.payer, BigInt(gateway.spent) + BigInt(gateway.writtenOff)],
    ['client', address, BigInt(spent) + BigInt(writtenOff)],
  ] as const) {
    const own = channels.filter((channel) => channel.payer === payer);
    const charged = own.reduce((sum, channel) => sum + BigInt(channel.charged), 0n);
    const receipts = own.reduce((sum, channel) => sum + channel.receipts, 0);
    answers += receipts;
    if (charged !== paid) violations.push(`books: the ${who} paid ${paid}, and the provider charged ${charged}`);
    if (charged !== price * BigInt(receipts)) violations.push(`books: ${receipts} receipts of the ${who} are worth ${charged}`);
  }
  const { asked, answered } = memory.tally;
  const undelivered = answers - before - answered;
  if (undelivered < 0) violations.push(`books: ${answered} answers arrived, and ${answers - before} were charged`);
  if (answers - before > asked) violations.push(`twice: ${answers - before} answers were charged for ${asked} questions`);
  return { violations, lost: { undelivered } };
}

/** Receipts on all channels of the provider. */
export async function receiptsOf(world: World): Promise<number> {
  const { channels } = await world.admin<{ channels: Channel[] }>('provider', 'channels');
  return channels.reduce((sum, { receipts }) => sum + receipts, 0);
}
