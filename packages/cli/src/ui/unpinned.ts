/** What a key is for, by the code of its absence from a trust file. */
export const UNPINNED_ROLE = { LOG_UNPINNED: 'log', PAYEE_UNPINNED: 'payee', SIGNER_UNPINNED: 'signer' } as const;
