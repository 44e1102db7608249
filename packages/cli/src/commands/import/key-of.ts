/** The key of a source. It comes from the environment, because every process of the machine can read a command line. */
export function keyOf(variable: string, env: NodeJS.ProcessEnv): string | undefined {
  const key = env[variable];
  return key === undefined || key === '' ? undefined : key;
}
