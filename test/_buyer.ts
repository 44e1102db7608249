// A program that buys answers with a wallet of its own, for tests that kill it. `ask` asks until it is killed and
// prints the receipt of each answer, which counts as delivered only then; `recovered` prints those that its
// predecessors paid.
import { writeSync } from 'node:fs';
import { openClient } from '@tributary/client';

const [work = 'ask', directory = '', bootstrap = ''] = process.argv.slice(2);
const AT_ONCE = 6;
const say = (line: string) => writeSync(1, `${line}\n`);

const client = await openClient({ directory, bootstrap: [bootstrap] });
await client.refresh();
say(`wallet ${client.wallet.address}`);
if (work === 'ask') {
  const question = { text: 'spring flood', index: 'rivers', mode: 'bm25' as const, minRelevance: 0 };
  const ask = async (): Promise<never> => {
    for (;;) {
      let handOver = (): void => undefined;
      const onDelivery = ({ delivered }: { delivered(): void }) => (handOver = delivered);
      const { answers } = await client.query(question, { onDelivery });
      for (const { usage } of answers) say(`got ${usage.receipt} ${usage.charge}`);
      handOver();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, ask));
} else {
  for (const { receipt, charge } of await client.recovered()) say(`got ${receipt} ${charge}`);
  const { spent, writtenOff } = await client.wallet.totals();
  say(`books ${spent} ${writtenOff}`);
  await client.close();
}
