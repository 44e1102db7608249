/** What a lying provider does to its buyers. */
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

/** What a lying buyer does to its providers. */
export const liarBuyers = ['underpays', 'replays-ticket', 'old-voucher', 'hangs-up', 'overspends'] as const;
export type LiarBuyer = (typeof liarBuyers)[number];

/** Lies in the numbers of a receipt that only the receipts before and after it contradict. */
export const isChained = (lie: LiarProvider | null | undefined): boolean => lie === 'inflated-total' || lie === 'forked-receipts';
