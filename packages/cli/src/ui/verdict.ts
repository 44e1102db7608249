import type { Unpinned } from '@tributary/proof';
import { UNPINNED_ROLE } from './unpinned.ts';

/** The member of a trust file that lists a key, by the code for an unpinned key. */
const MEMBER = { LOG_UNPINNED: 'logs', PAYEE_UNPINNED: 'payees', SIGNER_UNPINNED: 'signers' } as const;

/** The first lines about a proof that passed: whether its keys are pinned. */
export function verdict({ trusted, unpinned }: { trusted: boolean; unpinned: readonly Unpinned[] }, trusting: boolean): string[] {
  if (trusted) return ['VERIFIED with pinned keys'];
  if (!trusting) return ['CONSISTENT, but keys are unpinned: pass --trust FILE to say whom you trust'];
  return [
    'CONSISTENT, but keys are unpinned: the trust file does not list',
    ...unpinned.map(({ code, key }) => `  ${UNPINNED_ROLE[code].padEnd(9)} ${key} (under "${MEMBER[code]}")`),
  ];
}
