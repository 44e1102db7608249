import { ROLES, type World } from '../world/world.ts';

/** Every role that runs ends in order. */
export async function stopAll(world: World): Promise<string[]> {
  const violations: string[] = [];
  for (const role of ROLES.toReversed()) {
    const said = world.running(role)?.said() ?? '';
    const ended = await world.stop(role);
    if (ended !== null && ended.code !== 0)
      violations.push(`stop: ${role} ended with ${JSON.stringify(ended)}: ${said.slice(-400)}`);
  }
  return violations;
}
