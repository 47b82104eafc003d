/** What the transport asks of its two modes: lines through pipes, and a conversation on a screen. */
export interface Screen {
  /** Whether a message can be repainted, and whether it can be seen that the bot is at work. */
  readonly interactive: boolean
  /** What the person says, one whole message after the other; ends when the person has left. */
  messages(): AsyncIterable<string>
  /** Shows the rendered text of a new message. Throws `SendFailure`. */
  print(messageId: string, text: string, signal: AbortSignal): Promise<void>
  /** Shows the new text of a message in the place of the old one, or marked as an update. */
  update(messageId: string, text: string, signal: AbortSignal): Promise<void>
  /** Shows or hides that the bot is at work. */
  busy(on: boolean): void
  /** Reads no more. What was printed stays. */
  close(): void
}

/** The longest message that is read, in bytes. */
export const longestMessage = 10_000_000

/** What the person is told in place of a message that was longer. */
export const refusal =
  'A message of more than 10 MB was left out: put its text into a file and name the file.'
