import type { Guard } from './screen/guard.ts';
import type { Library } from './library.ts';
import type { SpendCap } from './session/spend-cap.ts';

/** A refusal as a caller of a tool reads it. */
export interface ToolRefusal {
  code: string;
  message: string;
  /** The status that the HTTP API gives this refusal. */
  status: number;
  retry: boolean;
}

/** What the tools work with in one call: in the name of its caller, on behalf of its session. */
export interface Toolkit {
  library: Library;
  session: SpendCap;
  /** Address of the page that shows a passage. */
  urlOf(id: string): string;
  /** An external judge of passages; null: none. */
  guard: Guard | null;
  /** What the caller is told of an error. */
  refusal(error: unknown): ToolRefusal;
}
