/** Somebody on WhatsApp, who has two names there. */
export interface Someone {
  readonly name: string
  readonly phone: string
  readonly lid: string
}

/** A message, as the page is told of it, with what became of it. */
export interface Told {
  readonly id: { fromMe: boolean; remote: string; id: string; _serialized: string }
  readonly type: string
  readonly t: number
  readonly from: string
  readonly to: string
  readonly author?: string
  readonly notifyName?: string
  readonly mentionedJidList?: readonly string[]
  readonly quotedMsg?: object
  readonly quotedStanzaID?: string
  readonly caption?: string
  readonly filename?: string
  readonly directPath?: string
  body: string
  ack: number
  reaction?: string
  /** There only once it was changed. */
  latestEditMsgKey?: object
  isSeen?: boolean
  isDeleted?: boolean
  isOld?: boolean
}

/** What goes wrong with the next message of the bot's, or from now on. */
export type Fault =
  /** The page throws, and nothing is sent. */
  | 'refuse'
  /** It is taken, and its browser ends before it can say so. */
  | 'take-and-die'
  /** Nothing is answered any more. */
  | 'stall'
  /** It stays on this machine: the server never has it. */
  | 'no-ack'
  /** The page is logged in, and does not come to an end with loading. */
  | 'no-sync'
  /** It has come to that end before the library can hear of it. */
  | 'early-sync'

export interface SayOptions {
  readonly mentions?: readonly Someone[]
  readonly quoting?: Told | undefined
  readonly file?: { readonly name: string; readonly content: string }
  /** The name by which WhatsApp tells of the sender. */
  readonly as?: 'phone' | 'lid' | undefined
}

/** A deleted message stays where it was, and says so. */
export function onPage(message: Told): Told {
  return message.isDeleted ? { ...message, type: 'revoked', body: '' } : message
}
