/**
 * What is handed to the machine. The WebAssembly build takes an object away from whoever passes it,
 * while the SDK uses its own several times: so these only hold text, and are made anew for each call.
 */
class Identifier {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  toString(): string {
    return this.#text
  }
}

export class UserId extends Identifier {}
export class DeviceId extends Identifier {}
export class RoomId extends Identifier {}

/** Whose devices have changed, and whose need not be known any more. */
export class DeviceLists {
  readonly changed: readonly UserId[]
  readonly left: readonly UserId[]

  constructor(changed: readonly UserId[] = [], left: readonly UserId[] = []) {
    this.changed = changed
    this.left = left
  }
}

/** How a room is encrypted. The SDK sets the fields one by one. */
export class EncryptionSettings {
  /** Undefined, or the one algorithm there is. */
  algorithm: number | undefined
  /** As the SDK counts: invited, joined, shared, world-readable. */
  historyVisibility = 1
  /** In milliseconds, which is what the SDK passes. */
  rotationPeriod = 604_800_000n
  rotationPeriodMessages = 100n
}
