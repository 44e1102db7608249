import { randomBytes } from 'node:crypto';
import { conformanceFixtures, createGuard, type Guard, type McpExtension } from '@tributary/mcp';
import { TributaryError } from '@tributary/schemas';
import { credits, webAddress } from '../arguments.ts';

/** Options about agents, which call `/mcp` or run `tributary mcp`. */
export interface AgentOptions {
  sessionCap?: string;
  guard?: string;
  guardFail?: string;
}

/**
 * What the owner decides about agents.
 *
 * @throws TributaryError USAGE
 */
export function agentTerms(
  options: AgentOptions,
  env: NodeJS.ProcessEnv,
  onFailure: (reason: string) => void,
): { sessionCap: bigint | null; guard: Guard | null; extension?: McpExtension } {
  return {
    sessionCap: options.sessionCap === undefined ? null : credits('--session-cap', options.sessionCap),
    guard: guardOf(options, onFailure),
    ...(env['TRIBUTARY_MCP_FIXTURES'] === '1' ? { extension: conformanceFixtures(randomBytes(32)) } : {}),
  };
}

/** The judge at `--guard`; null: none. @throws TributaryError USAGE */
export function guardOf({ guard, guardFail = 'closed' }: AgentOptions, onFailure: (reason: string) => void): Guard | null {
  if (guardFail !== 'open' && guardFail !== 'closed')
    throw new TributaryError('USAGE', `--guard-fail is open or closed, not '${guardFail}'`);
  if (guard === undefined) return null;
  return createGuard({ url: webAddress('--guard', guard), fail: guardFail, onFailure });
}
