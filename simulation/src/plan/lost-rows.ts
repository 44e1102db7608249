import type { Fault, Plan } from './types.ts';

/** Whether a machine's disk in this run loses rows that were written but not synced, or refuses some. */
export const losesRows = ({ faults }: Plan, name: string): boolean => faults.some((fault) => hits(fault, name) && loses(fault));

const hits = (fault: Fault, name: string): boolean => 'node' in fault && fault.node === name;

function loses(fault: Fault): boolean {
  return fault.kind === 'full' || fault.kind === 'read-only' || fault.kind === 'write-error' || ('power' in fault && fault.power);
}
