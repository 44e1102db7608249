import { createServer } from 'node:net';
import { TributaryError } from '@tributary/schemas';

/**
 * Checks that the port is free, before minutes of embedding.
 *
 * @throws TributaryError PORT_IN_USE, CONFIG
 */
export async function refuseTakenPort(number: number): Promise<void> {
  if (number === 0) return;
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(number, '127.0.0.1', resolve);
    });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EADDRINUSE')
      throw new TributaryError('PORT_IN_USE', `port ${number} is taken; choose another with --port, or --port 0 for any`, {
        cause,
      });
    throw new TributaryError('CONFIG', `cannot listen on port ${number}: ${(cause as Error).message}`, { cause });
  }
  await new Promise((resolve) => server.close(resolve));
}
