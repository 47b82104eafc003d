import * as sdk from 'matrix-js-sdk'
import { type Logger, logger as theirs } from 'matrix-js-sdk/lib/logger.js'
import type { MatrixUser, Synapse } from '../../support/synapse/synapse.ts'

const silence = () => undefined
const quiet = { trace: silence, debug: silence, info: silence, warn: silence, error: silence }
const logger: Logger = { ...quiet, getChild: () => logger }
// Some of it speaks by this one whatever it was given.
Object.assign(theirs, quiet, { log: silence })

/** A person's program, written elsewhere, with encryption: what it shows is what a person would see. */
export class Element implements AsyncDisposable {
  readonly seen: { readonly sender: string; readonly type: string; readonly body: string }[] = []
  readonly #client: sdk.MatrixClient

  private constructor(client: sdk.MatrixClient) {
    this.#client = client
    client.on(sdk.MatrixEventEvent.Decrypted, (event) => this.#see(event))
    client.on(sdk.RoomEvent.Timeline, (event) => {
      if (!event.isEncrypted()) this.#see(event)
    })
  }

  static async open(server: Synapse, { id, device, token }: MatrixUser): Promise<Element> {
    const client = sdk.createClient({
      baseUrl: server.url,
      userId: id,
      deviceId: device,
      accessToken: token,
      logger,
    })
    await client.initRustCrypto({ useIndexedDB: false })
    const element = new Element(client)
    const ready = new Promise<void>((resolve) => {
      client.on(sdk.ClientEvent.Sync, (state) => state === 'PREPARED' && resolve())
    })
    await client.startClient({ initialSyncLimit: 10 })
    await ready
    return element
  }

  /** Makes an encrypted room with the guests, and returns its id. */
  async makeRoom(guests: readonly string[]): Promise<string> {
    const { room_id } = await this.#client.createRoom({
      preset: sdk.Preset.TrustedPrivateChat,
      is_direct: true,
      invite: [...guests],
      initial_state: [
        {
          type: 'm.room.encryption',
          state_key: '',
          content: { algorithm: 'm.megolm.v1.aes-sha2' },
        },
      ],
    })
    return room_id
  }

  /** Whether the person's program sees this user in the room. */
  sees(room: string, user: string): boolean {
    return this.#client.getRoom(room)?.getMember(user)?.membership === 'join'
  }

  async says(room: string, text: string): Promise<void> {
    await this.#client.sendTextMessage(room, text)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client.stopClient()
  }

  #see(event: sdk.MatrixEvent): void {
    const { body } = event.getContent()
    if (event.getType() !== 'm.room.message' && !event.isDecryptionFailure()) return
    this.seen.push({
      sender: event.getSender() ?? '',
      type: event.getWireType(),
      body: String(body),
    })
  }
}
