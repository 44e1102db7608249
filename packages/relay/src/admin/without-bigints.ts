/** JSON has no bigint: money goes over the admin socket as decimal strings. */
export function withoutBigints(value: object): object {
  const json = JSON.stringify(value, (_name, member: unknown) => (typeof member === 'bigint' ? String(member) : member));
  return JSON.parse(json) as object;
}
