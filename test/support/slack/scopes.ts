import type { Arguments } from './methods.ts'
import { Refusal } from './refusal.ts'

/** What each method asks of the app, as Slack's reference says; without an entry there is no such method. */
const needs: Readonly<Record<string, readonly string[]>> = {
  'auth.test': [],
  'auth.teams.list': [],
  'users.info': ['users:read'],
  'users.conversations': ['channels:read', 'groups:read', 'im:read', 'mpim:read'],
  'conversations.history': ['*:history'],
  'conversations.replies': ['*:history'],
  'conversations.open': ['im:write'],
  'chat.postMessage': ['chat:write'],
  'chat.postEphemeral': ['chat:write'],
  'chat.update': ['chat:write'],
  'chat.delete': ['chat:write'],
  'reactions.get': ['reactions:read'],
  'reactions.add': ['reactions:write'],
  'reactions.remove': ['reactions:write'],
  'files.getUploadURLExternal': ['files:write'],
  'files.completeUploadExternal': ['files:write'],
  'files.info': ['files:read'],
  'assistant.threads.setStatus': ['chat:write'],
  'views.open': [],
}

/** Throws `Refusal` where the app has not been given what the method needs. */
export function requireScopes(
  granted: ReadonlySet<string>,
  method: string,
  { channel }: Arguments,
): void {
  const needed = needs[method]
  if (!needed) throw new Refusal('unknown_method')
  const kind = String(channel).startsWith('D') ? 'im' : 'channels'
  const missing = needed.map((scope) => scope.replace('*', kind)).find((one) => !granted.has(one))
  if (missing !== undefined) throw new Refusal('missing_scope')
}
