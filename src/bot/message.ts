/** Somebody on a network, by the id that the network vouches for. */
export interface Person {
  /** `<transport>:<id on that network>`, for instance `terminal:anna`. */
  readonly id: string
  readonly name: string
}

/** Where a conversation is held: a room of one network, or a thread in it. */
export interface Place {
  readonly transport: string
  readonly room: string
  readonly thread?: string
}

/** A file that came with a message, and is still on its network. */
export interface IncomingFile {
  /** As its sender calls it. */
  readonly name: string
  /** The network's own way to name it. */
  readonly ref: string
}

/** A message as a transport hands it in. */
export interface IncomingMessage extends Place {
  /** The network's own id of the event: the same event twice has the same id. */
  readonly eventId: string
  readonly sender: Person
  readonly text: string
  /** A chat with nobody else in it: every message is for the bot. */
  readonly direct: boolean
  /** The network says that it is for the bot: a mention, a reply to it, a slash command. */
  readonly addressed: boolean
  /** When it was sent, in ms since the epoch. */
  readonly at: number
  readonly files?: readonly IncomingFile[]
  /** The key of the bot's own message to which it is the answer, where a button of it was pressed. */
  readonly answers?: string
  /** Only its sender has seen it; so shall it be with what answers it. */
  readonly aside?: boolean
}

/** Somebody has picked one of the choices that a message of the bot's offers. */
export interface Press extends Omit<IncomingMessage, 'text' | 'addressed' | 'answers'> {
  /** The id of the outgoing message. */
  readonly message: string
  /** Which of its choices, counted from 0. */
  readonly choice: number
}

/** An answer that one tap or one number gives. */
export interface Choice {
  /** What the person sees, for instance `Delete it`. */
  readonly label: string
}

/** A message on its way out. The text is Markdown. */
export interface OutgoingMessage extends Place {
  /** The outbox's id: the same for every attempt. */
  readonly id: string
  readonly text: string
  readonly choices?: readonly Choice[]
  /** The text names the choices as well: it stands alone where there are no buttons. */
  readonly choicesSpelled?: boolean
  /** The network's id of the message that this one answers. */
  readonly replyTo?: string
  /** The id of the person who alone is to see it, where the network can hide it from the others. */
  readonly onlyFor?: string
}

/** As much of an outgoing message as its network takes at once. */
export interface Part extends Place {
  /** Made of the message's id: the same for every attempt. */
  readonly id: string
  /** Without any markup. */
  readonly text: string
  /** The same in the network's own markup. */
  readonly formatted?: string
  readonly choices?: readonly Choice[]
  readonly choicesSpelled?: boolean
  readonly replyTo?: string
  readonly onlyFor?: string
  /** What the text announces: a message that is too long to be read in a chat. */
  readonly file?: { readonly name: string; readonly content: string }
}

/** One session per room, or per thread where the network has threads. */
export function sessionOf({ transport, room, thread }: Place): string {
  const session = `${encodeURIComponent(transport)}/${encodeURIComponent(room)}`
  return thread === undefined ? session : `${session}/${encodeURIComponent(thread)}`
}
