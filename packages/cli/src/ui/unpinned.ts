/** The role of a key, by the code for an unpinned key. */
export const UNPINNED_ROLE = { LOG_UNPINNED: 'log', PAYEE_UNPINNED: 'payee', SIGNER_UNPINNED: 'signer' } as const;
