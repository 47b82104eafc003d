import type { Client } from 'whatsapp-web.js'

/** What is used of the page itself, where the library has no word for it. */
interface WhatsAppPage {
  /** The library's own: the page is in step with WhatsApp. */
  onAppStateHasSyncedEvent(): void
  require(module: 'WAWebSocketModel'): { readonly Socket: { readonly hasSynced?: boolean } }
  require(module: 'WAWebUserPrefsMeUser'): {
    getMaybeMeLidUser(): { readonly _serialized: string } | undefined
  }
  require(module: 'WAWebCollections'): {
    readonly Chat: { getModelsArray(): readonly PageChat[] }
  }
  require(module: 'WAWebChatLoadMessages'): {
    loadEarlierMsgs(wanted: {
      readonly chat: PageChat
    }): Promise<readonly PageMessage[] | undefined>
  }
}
interface PageChat {
  readonly id: { readonly _serialized: string }
  /** When something was said there last, in seconds. */
  readonly t?: number
  readonly msgs: { getModelsArray(): readonly PageMessage[] }
}
interface PageMessage {
  readonly id: { readonly _serialized: string; readonly fromMe: boolean }
  readonly t: number
  readonly isNotification?: boolean
}

type Page = NonNullable<Client['pupPage']>

/** The account's other id, which hides its phone number. */
export function ownLid(page: Page): Promise<string | undefined> {
  return page.evaluate(
    () =>
      (globalThis as unknown as WhatsAppPage).require('WAWebUserPrefsMeUser').getMaybeMeLidUser()
        ?._serialized,
  )
}

/** Whether the page is in step with WhatsApp. */
export function isSynced(page: Page): Promise<boolean> {
  return page.evaluate(() => {
    const whatsapp = globalThis as unknown as WhatsAppPage
    return whatsapp.require('WAWebSocketModel').Socket.hasSynced === true
  })
}

/** Tells the library that the page is in step. To be told twice would confuse it. */
export function tellSynced(page: Page): Promise<void> {
  return page.evaluate(() => (globalThis as unknown as WhatsAppPage).onAppStateHasSyncedEvent())
}

/** From when on messages are wanted, in ms since the epoch: by room, and in all other rooms. */
export interface Since {
  readonly rooms: Readonly<Record<string, number>>
  readonly otherwise: number
}

/**
 * The ids of what others have said since then, in its order. Earlier messages are loaded as far as
 * that needs; the time has whole seconds only, so what was said in the same second is among them.
 */
export function saidSince(page: Page, since: Since): Promise<readonly string[]> {
  return page.evaluate(async ({ rooms, otherwise }) => {
    const whatsapp = globalThis as unknown as WhatsAppPage
    const { loadEarlierMsgs } = whatsapp.require('WAWebChatLoadMessages')
    const said: PageMessage[] = []
    for (const chat of whatsapp.require('WAWebCollections').Chat.getModelsArray()) {
      const from = Math.floor((rooms[chat.id._serialized] ?? otherwise) / 1000)
      if ((chat.t ?? 0) < from) continue
      let messages = chat.msgs.getModelsArray()
      while (messages.every(({ t }) => t >= from)) {
        const earlier = await loadEarlierMsgs({ chat })
        if (!earlier?.length) break
        messages = [...earlier, ...messages]
      }
      said.push(...messages.filter(({ t }) => t >= from))
    }
    return said
      .filter(({ id, isNotification }) => !id.fromMe && !isNotification)
      .sort((one, other) => one.t - other.t)
      .map(({ id }) => id._serialized)
  }, since)
}
