/** What a measurement asks of each framework that it compares. */
export interface Setup {
  /** How many commands are to be registered: `cmd0`, `cmd1`, ... */
  readonly commands: number
  /**
   * What every command does: takes the arguments of one message (of several, where the framework
   * joins the messages of a session) and gives the reply.
   */
  readonly handle: (session: number, texts: readonly string[]) => string | Promise<string>
  /** Whether `handle` waits for something; otherwise it returns its reply at once. */
  readonly waits: boolean
  /** Where every reply must end: the network that is not there. */
  readonly sink: (reply: string) => void
}

/** A framework that is ready to take messages. */
export interface Subject {
  /** Hands in `text` (`cmd7 12`) as its network would. */
  deliver(session: number, text: string): Promise<unknown>
  /**
   * What the end of `deliver` means: that the handler has ended, or only that the message has
   * arrived and its network may be told so.
   */
  readonly settles: 'handled' | 'accepted'
  /** Ends everything that it started. */
  close(): Promise<void>
}

/** Makes a subject; each is set up as its own documentation says, in its quickest configuration. */
export type MakeSubject = (setup: Setup) => Promise<Subject>

/** The part of `cmd7 12` behind the command. */
export function argumentsOf(text: string): string {
  return text.slice(text.indexOf(' ') + 1)
}
