/** True in a process that tributary start started. */
export const hasParent = (): boolean => process.send !== undefined;

/** Tells the process that started this one (tributary start) that it is ready; does nothing otherwise. */
export function tellParent(message: Record<string, unknown>): void {
  process.send?.(message);
}
