import { askClient, askGateway, isDelivered, type Delivered, type Reply } from '../world/calls.ts';
import { price } from '../world/world.ts';
import { noteRefusal } from './refusals.ts';
import type { Memory, Work } from './types.ts';

/** A refusal that a question may get beside those of any call: its answer was booked, and the link is not there yet. */
const PAID_FOR: ReadonlySet<string> = new Set(['PAYMENT_NEEDED', 'LEDGER_WRITE', 'WALLET_WRITE', 'DISK_WRITE']);

/** Asks through the gateway with one of the API keys, half of the time under a key of the question's own. */
export async function askByKey(work: Work, apiKey: string): Promise<void> {
  const { world, memory, random } = work;
  while (!work.over()) {
    const named = random.chance(0.5) ? `q-${(memory.version += 1)}` : undefined;
    if (named !== undefined) memory.unanswered.set(named, { apiKey });
    const answer = await counted(work, () => askGateway(world, apiKey, named));
    note(memory, 'a question by key', answer);
    // Whatever was refused is asked again after the restart, under its key.
    if (named !== undefined && (isDelivered(answer) || answer.code === 'NOBODY')) memory.unanswered.delete(named);
  }
}

/** Asks through the SDK. */
export async function askBySdk(work: Work): Promise<void> {
  while (!work.over()) note(work.memory, 'a question by the SDK', await counted(work, () => askClient(work.world)));
}

/** A question that nobody received is not counted. */
async function counted({ memory }: Work, ask: () => Promise<Delivered | Reply>): Promise<Delivered | Reply> {
  const answer = await ask();
  if (isDelivered(answer) || answer.code !== 'NOBODY') memory.tally.asked += 1;
  return answer;
}

/** Notes an answer, and what is wrong with it. */
export function note(memory: Memory, what: string, answer: Delivered | Reply): void {
  if (!isDelivered(answer)) return noteRefusal(memory, what, answer, PAID_FOR);
  memory.tally.answered += 1;
  const { charge, receipt, results } = answer;
  if (charge !== price) memory.violations.push(`price: ${what} cost ${charge}, not ${price}`);
  if (!results.some(({ text }) => text.includes('spring flood')))
    memory.violations.push(`answer: ${what} got ${JSON.stringify(results).slice(0, 200)}`);
  if (receipt === null || memory.receipts.has(receipt)) memory.violations.push(`receipt: ${what} got ${receipt} a second time`);
  else memory.receipts.add(receipt);
}
