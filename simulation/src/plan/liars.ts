/** How a lying provider cheats its clients. */
export const liarProviders = [
  'silent',
  'hangs-up',
  'wrong-answer',
  'double-charge',
  'inflated-total',
  'forked-receipts',
  'old-answer',
  'forged-state',
  'others-payee',
] as const;
export type LiarProvider = (typeof liarProviders)[number];

/** How a lying client cheats its providers. */
export const liarClients = ['underpays', 'replays-ticket', 'old-voucher', 'hangs-up', 'overspends'] as const;
export type LiarClient = (typeof liarClients)[number];

/** Lies in the numbers of a receipt that only earlier and later receipts contradict. */
export const isChained = (lie: LiarProvider | null | undefined): boolean => lie === 'inflated-total' || lie === 'forked-receipts';
