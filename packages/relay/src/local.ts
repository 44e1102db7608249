// What a command needs to speak with nodes on this machine, without loading one.
export { openKeys } from './keys.ts';
export { askNode } from './admin/admin-client.ts';
export { readRendezvous, rendezvousDirectory } from './discovery/rendezvous.ts';
