/** What the server answers instead of a result. */
export class Refusal extends Error {
  /** Another status than 200; Slack says most errors with that one. */
  readonly status: number
  readonly retryAfter: number | undefined

  constructor(error: string, status = 200, retryAfter?: number) {
    super(error)
    this.status = status
    this.retryAfter = retryAfter
  }
}
