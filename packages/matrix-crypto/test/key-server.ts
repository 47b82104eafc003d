import type { OlmMachine } from '../src/index.ts'

interface Request {
  readonly id: string
  readonly type: number
  readonly body: string
}

/** As the requests of the library are numbered. */
const [keysUpload, keysQuery, keysClaim, toDevice] = [0, 1, 2, 3]

interface Device {
  keys: unknown
  readonly oneTimeKeys: Map<string, unknown>
}

/** The few things of a Matrix server that devices need to find each other's keys, in memory. */
export class KeyServer {
  readonly #devices = new Map<string, Map<string, Device>>()
  readonly #mail = new Map<string, unknown[]>()

  /** Answers all that the machine asks for now. */
  async serve(machine: OlmMachine, user: string): Promise<void> {
    for (const request of await machine.outgoingRequests())
      await machine.markRequestAsSent(request.id, request.type, this.answer(user, request))
  }

  /** What was sent to the user's devices since the last call. */
  collect(user: string): unknown[] {
    const mail = this.#mail.get(user) ?? []
    this.#mail.delete(user)
    return mail
  }

  answer(user: string, { type, body }: Request): string {
    const asked = JSON.parse(body)
    if (type === keysUpload) return JSON.stringify(this.#upload(user, asked))
    if (type === keysQuery) return JSON.stringify({ device_keys: this.#query(asked.device_keys) })
    if (type === keysClaim) return JSON.stringify({ one_time_keys: this.#claim(asked) })
    if (type === toDevice) this.#send(user, asked)
    return '{}'
  }

  #upload(user: string, { device_keys, one_time_keys }: Record<string, Record<string, unknown>>) {
    const devices = this.#devices.get(user) ?? new Map<string, Device>()
    this.#devices.set(user, devices)
    const id = String(device_keys?.device_id ?? [...devices.keys()][0])
    const device = devices.get(id) ?? { keys: device_keys, oneTimeKeys: new Map() }
    devices.set(id, device)
    for (const [name, key] of Object.entries(one_time_keys ?? {})) device.oneTimeKeys.set(name, key)
    return { one_time_key_counts: { signed_curve25519: device.oneTimeKeys.size } }
  }

  #query(users: Readonly<Record<string, unknown>>) {
    const keysOf = (user: string) =>
      [...(this.#devices.get(user) ?? [])].map(([id, { keys }]) => [id, keys])
    return Object.fromEntries(
      Object.keys(users).map((user) => [user, Object.fromEntries(keysOf(user))]),
    )
  }

  #claim({ one_time_keys }: { one_time_keys: Record<string, Record<string, string>> }) {
    const take = (user: string, id: string) => {
      const keys = this.#devices.get(user)?.get(id)?.oneTimeKeys
      const [name, key] = [...(keys ?? [])][0] ?? []
      if (name !== undefined) keys?.delete(name)
      return [id, name === undefined ? {} : { [name]: key }]
    }
    return Object.fromEntries(
      Object.entries(one_time_keys).map(([user, devices]) => [
        user,
        Object.fromEntries(Object.keys(devices).map((id) => take(user, id))),
      ]),
    )
  }

  #send(sender: string, asked: { event_type: string; messages: Record<string, object> }): void {
    for (const [user, devices] of Object.entries(asked.messages)) {
      const mail = this.#mail.get(user) ?? []
      for (const content of Object.values(devices))
        mail.push({ sender, type: asked.event_type, content })
      this.#mail.set(user, mail)
    }
  }
}
