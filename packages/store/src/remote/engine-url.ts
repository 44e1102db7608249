import { StoreError } from '../errors.ts';

/**
 * No message has the address, which may hold a password.
 *
 * @throws StoreError ENGINE_REFUSED when it is not the address of a PostgreSQL server
 */
export function checkEngineUrl(url: string): void {
  const { protocol = '', host = '' } = URL.canParse(url) ? new URL(url) : {};
  if (/^postgres(?:ql)?:$/.test(protocol) && host !== '') return;
  throw new StoreError(
    'ENGINE_REFUSED',
    'engineUrl is not the address of a PostgreSQL server; give postgres://user:password@host:5432/database',
  );
}
