import { TributaryError } from '@tributary/schemas';

const READY_WAIT_MS = 30_000;
const READY_POLL_MS = 200;

/** @throws TributaryError NO_PROVIDER when the gateway does not find all providers in time */
export async function untilReady(url: string, providers: number, signal: AbortSignal): Promise<void> {
  const end = Date.now() + READY_WAIT_MS;
  while (Date.now() < end && !signal.aborted) {
    const reply = await fetch(`${url}/readyz`).catch(() => null);
    const body = (await reply?.json()) as { providers?: number } | undefined;
    if ((body?.providers ?? 0) >= providers) return;
    await new Promise((resolve) => setTimeout(resolve, READY_POLL_MS));
  }
  if (!signal.aborted)
    throw new TributaryError('NO_PROVIDER', `the gateway did not find its ${providers} providers in ${READY_WAIT_MS / 1_000} s`);
}
