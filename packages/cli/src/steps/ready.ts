/** True in a process that `tributary start` started. */
export const hasParent = (): boolean => process.send !== undefined;

/** Tells the parent process (`tributary start`) that this one is ready. Does nothing without a parent. */
export function tellParent(message: Record<string, unknown>): void {
  process.send?.(message);
}
