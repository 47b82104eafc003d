/**
 * What a person caused and can mend, told in one sentence that says what to do next.
 *
 * It is thrown where it is found and caught in exactly two places: the bot turns it into a reply,
 * the command line into a line on standard error and exit code 1. A transaction that it leaves is
 * rolled back, so that a refused command has changed nothing. Any other error is a bug.
 */
export class Problem extends Error {
  override readonly name = 'Problem'
  /** Stable, kebab-case; tests and callers decide by it, never by the sentence. */
  readonly code: string

  constructor(code: string, sentence: string, options?: { cause?: unknown }) {
    super(sentence, options)
    this.code = code
  }
}
