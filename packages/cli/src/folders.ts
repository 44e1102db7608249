import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where nodes keep their data by default: `$TRIBUTARY_HOME`, otherwise `~/.tributary`. */
function homeFolder(env: NodeJS.ProcessEnv = process.env): string {
  return resolve(env['TRIBUTARY_HOME'] ?? join(homedir(), '.tributary'));
}

export type Role = 'provider' | 'gateway' | 'client' | 'node' | 'start' | 'import';

/** The data folder of a role. Roles never share one, because each has its own keys and locks. */
export function dataFolder(role: Role, given: string | undefined): string {
  return given === undefined ? join(homeFolder(), role) : resolve(given);
}

/** The embedding model in the checkout. */
export const shippedModel: string = fileURLToPath(new URL('../../../models/bge-small-en-v1.5', import.meta.url));
