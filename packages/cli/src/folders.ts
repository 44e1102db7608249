import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/** Where nodes keep their data by default: `$TRIBUTARY_HOME`, otherwise `~/.tributary`. */
export function homeFolder(env: NodeJS.ProcessEnv = process.env): string {
  return resolve(env['TRIBUTARY_HOME'] ?? join(homedir(), '.tributary'));
}

export type Role = 'provider' | 'gateway' | 'client' | 'node' | 'start' | 'import';

/** The data folder of a role. Roles never share one, because each has its own keys and locks. */
export function dataFolder(role: Role, given: string | undefined): string {
  return given === undefined ? join(homeFolder(), role) : resolve(given);
}

/** The folder of a package that this one depends on. */
export const packageFolder = (name: string): string => dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));

/** The embedding model that comes along as a package. */
export const shippedModel: string = packageFolder('@tributary/bge-small-en-v1.5');
