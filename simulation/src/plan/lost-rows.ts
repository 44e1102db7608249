import type { Fault, Plan } from './types.ts';

/** Whether a machine's disk in this run loses rows that were written but not synced, or refuses some. */
export const losesRows = ({ faults }: Plan, name: string): boolean =>
  faults.some((fault) => diskOf(fault)?.test(name) === true && loses(fault));

/** Names of the machines whose disks a fault concerns. A plan does not say whose question an answer is for. */
function diskOf(fault: Fault): RegExp | null {
  if (fault.kind === 'at-answer' && fault.what !== 'provider-dies') return fault.what === 'client-dies' ? /^b/ : null;
  return 'node' in fault ? new RegExp(`^${fault.node}$`) : null;
}

function loses(fault: Fault): boolean {
  return fault.kind === 'full' || fault.kind === 'read-only' || fault.kind === 'write-error' || ('power' in fault && fault.power);
}
