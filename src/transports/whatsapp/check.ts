import { systemClock } from '../../kernel/clock.ts'
import { Problem } from '../../kernel/problem.ts'
import { ConnectionFailure } from '../transport.ts'
import { findBrowser } from './chromium.ts'
import { notPaired } from './failures.ts'
import { Pairing } from './pairing.ts'
import { type Account, Profile } from './profile.ts'
import { Session } from './session.ts'
import type { WhatsAppSettings } from './settings.ts'

/** What the account is checked with. */
export interface CheckWorld {
  readonly state: string
  readonly env: NodeJS.ProcessEnv
  /** Shows something to the person who is there to pair the account. */
  readonly show?: (text: string) => void
}

/**
 * Looks whether there are a browser and a login, and returns how the account is called. Where a
 * person is there, it is logged in with their help. Throws `Problem`.
 */
export async function checkWhatsApp(
  settings: WhatsAppSettings,
  world: CheckWorld,
): Promise<string> {
  const profile = new Profile(world.state, systemClock)
  findBrowser(settings)
  const account = world.show
    ? await pair(settings, profile, world.env, world.show)
    : profile.account
  if (!account) throw new Problem('not-paired', notPaired().message)
  return `${account.name} (+${account.id.split('@')[0]})`
}

async function pair(
  settings: WhatsAppSettings,
  profile: Profile,
  env: NodeJS.ProcessEnv,
  show: (text: string) => void,
): Promise<Account> {
  const pairing = new Pairing({ show, phone: settings.phone, picture: profile.picture })
  show('WhatsApp Web is opened ...')
  try {
    const session = await Session.open(
      { settings, profile, env, pairing, clock: systemClock },
      new AbortController().signal,
    )
    profile.keep(session.account)
    await session.close()
    return session.account
  } catch (error) {
    if (error instanceof ConnectionFailure) throw new Problem('not-paired', error.message)
    throw error
  }
}
