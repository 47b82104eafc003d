import type { WhatsAppServer } from '../../../test/support/whatsapp/whatsapp-server.ts'

/** Where those who are measured find the networks, all of them on this machine. */
export interface Networks {
  readonly telegram: { readonly token: string; readonly apiRoot: string }
  readonly slack: { readonly botToken: string; readonly appToken: string; readonly apiRoot: string }
  readonly matrix: { readonly homeserver: string; readonly token: string }
  /** Missing where there is no Chromium. */
  readonly whatsapp?: {
    readonly state: string
    readonly settings: WhatsAppServer['settings']
  }
}

/** Loads what a bot needs, and returns how it connects to its network, which returns how that ends. */
export type Loading = (networks: Networks) => Promise<() => Promise<() => Promise<void>>>

/** The login on WhatsApp; throws where there is no Chromium. */
export function paired(whatsapp: Networks['whatsapp']) {
  if (!whatsapp) throw new Error('There is no Chromium.')
  return whatsapp
}
