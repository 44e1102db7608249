import { TributaryError, type Announcement, type MethodName, type MethodParams } from '@tributary/schemas';
import type { Directory } from './discovery/directory.ts';
import { directoryAnnouncementsMax, directoryCharactersMax } from './discovery/limits.ts';
import type { CallContext, LinkHandlers } from './link/types.ts';

/** What every node does for its peers: hears announcements and passes on what it knows. */
export function directoryHandlers(directory: Directory, own: () => Announcement | null): LinkHandlers {
  return {
    ask: () =>
      Promise.resolve({ refusal: { code: 'INDEX_NOT_FOUND', message: 'this node offers no index', retryAfterMs: null } }),
    call: (method, params, context) => Promise.resolve(answerDirectoryCall(directory, own, method, params, context)),
  };
}

/** @throws TributaryError METHOD_UNKNOWN for a method that only providers answer */
export function answerDirectoryCall<M extends MethodName>(
  directory: Directory,
  own: () => Announcement | null,
  method: M,
  params: MethodParams<M>,
  context: CallContext,
): unknown {
  if (method === 'announce') {
    directory.learn(params as Announcement, context.peer);
    return {};
  }
  if (method === 'directory') {
    const self = own();
    return { announcements: fitting([...(self ? [self] : []), ...directory.announcements()]) };
  }
  throw new TributaryError('METHOD_UNKNOWN', `this node does not answer '${method}'`);
}

/** As many announcements, from the first, as one answer holds. */
function fitting(announcements: Announcement[]): Announcement[] {
  let characters = 0;
  const end = announcements.findIndex(({ identity, offers }) => {
    characters += identity.body.length + offers.reduce((sum, { body }) => sum + body.length, 0);
    return characters > directoryCharactersMax;
  });
  return announcements.slice(0, Math.min(end < 0 ? announcements.length : end, directoryAnnouncementsMax));
}
