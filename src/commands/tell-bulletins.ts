import type { Bulletins } from '../bot/bulletins.ts'
import type { LookAgain, Reconciler } from '../pipeline/reconcilers/reconciler.ts'

/** Sends the bulletins that were kept back to be joined, when it is time. Its keys are rooms. */
export class TellBulletins implements Reconciler {
  readonly name = 'tell-bulletins'
  readonly #bulletins: Bulletins

  constructor(bulletins: Bulletins) {
    this.#bulletins = bulletins
  }

  keys(): string[] {
    return this.#bulletins.waiting()
  }

  /** No change of an item says anything of them. */
  keysOf(): string[] {
    return []
  }

  async reconcile(room: string): Promise<LookAgain | undefined> {
    const afterMs = this.#bulletins.tellDue(room)
    return afterMs > 0 ? { afterMs } : undefined
  }
}
