import { askNode } from '@tributary/relay/local';

/** Credit that each provider grants to the local gateway at the first start. */
const STARTING_CREDIT = '100000';

/** Grants the gateway its starting credit, unless an earlier start did. */
export async function grantOnce(providerData: string, payer: string): Promise<void> {
  const account = (await askNode(providerData, 'account', { payer })) as { granted: string };
  if (account.granted === '0') await askNode(providerData, 'grant', { payer, amount: STARTING_CREDIT, note: 'tributary start' });
}
