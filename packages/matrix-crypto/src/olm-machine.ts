import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import * as wasm from '@matrix-org/matrix-sdk-crypto-wasm'
import type { DeviceId, DeviceLists, EncryptionSettings, RoomId, UserId } from './arguments.ts'
import { KeyStore } from './key-store.ts'

/** A request that the SDK makes for the machine, and reports back with `markRequestAsSent`. */
interface Request {
  readonly id: string
  readonly type: number
  /** JSON. */
  readonly body: string
}

/** A request to devices, in both forms in which the SDK reads it. */
interface ToDeviceRequest extends Request {
  readonly txnId: string
  readonly eventType: string
}

/** The machines of this process that are open, by their folders. */
const machines = new Map<string, OlmMachine>()

/**
 * Encrypts and decrypts for one device. All that it knows is in one SQLite file, and is stored
 * before a call that changed it resolves.
 */
export class OlmMachine {
  readonly #machine: wasm.OlmMachine
  readonly #store: KeyStore
  readonly #folder: string

  private constructor(machine: wasm.OlmMachine, store: KeyStore, folder: string) {
    this.#machine = machine
    this.#store = store
    this.#folder = folder
  }

  /**
   * Opens or creates the device's keys in the folder `storePath`, and closes the machine that had
   * them open in this process: who connects anew makes a new one. Throws when another process uses
   * those keys, or when its keys are another device's.
   */
  static async initialize(userId: UserId, deviceId: DeviceId, storePath: string) {
    await wasm.initAsync()
    machines.get(storePath)?.close()
    mkdirSync(storePath, { recursive: true, mode: 0o700 })
    const store = await KeyStore.open(join(storePath, 'keys.db'), `${userId} ${deviceId}`)
    try {
      const handle = await wasm.StoreHandle.open(store.name, null, quiet)
      const [user, device] = [userOf(userId), new wasm.DeviceId(deviceId.toString())]
      const machine = await wasm.OlmMachine.initFromStore(user, device, handle, quiet)
      store.check()
      const opened = new OlmMachine(machine, store, storePath)
      machines.set(storePath, opened)
      return opened
    } catch (error) {
      store.close()
      throw error
    }
  }

  get identityKeys(): wasm.IdentityKeys {
    return this.#machine.identityKeys
  }

  async receiveSyncChanges(
    toDeviceEvents: string,
    { changed, left }: DeviceLists,
    oneTimeKeyCounts: Readonly<Record<string, number>>,
    unusedFallbackKeys: readonly string[] = [],
  ): Promise<string> {
    const lists = new wasm.DeviceLists(changed.map(userOf), left.map(userOf))
    const counts = new Map(Object.entries(oneTimeKeyCounts))
    const fallback = new Set(unusedFallbackKeys)
    const events = await this.#machine.receiveSyncChanges(
      toDeviceEvents,
      lists,
      counts,
      fallback,
      anySender(),
    )
    this.#store.check()
    return `[${events.map(({ rawEvent }) => rawEvent).join(',')}]`
  }

  async outgoingRequests(): Promise<Request[]> {
    const requests = await this.#machine.outgoingRequests()
    return requests.map((request) =>
      request instanceof wasm.ToDeviceRequest ? toDevice(request) : plain(request),
    )
  }

  async markRequestAsSent(id: string, type: number, response: string): Promise<boolean> {
    const known = await this.#machine.markRequestAsSent(id, type, response)
    this.#store.check()
    return known
  }

  /**
   * The claim of one-time keys that is needed before these users can be written to; null when none
   * is. While their devices are still to be asked for, the library would wait five seconds for it:
   * the SDK asks again before it encrypts.
   */
  async getMissingSessions(users: readonly UserId[]): Promise<Request | null> {
    const requests = await this.#machine.outgoingRequests()
    if (requests.some(({ type }) => type === wasm.RequestType.KeysQuery)) return null
    const request = await this.#machine.getMissingSessions(users.map(userOf))
    this.#store.check()
    return request ? plain(request) : null
  }

  async updateTrackedUsers(users: readonly UserId[]): Promise<void> {
    await this.#machine.updateTrackedUsers(users.map(userOf))
    this.#store.check()
  }

  async shareRoomKey(
    room: RoomId,
    users: readonly UserId[],
    settings: EncryptionSettings,
  ): Promise<ToDeviceRequest[]> {
    const requests = await this.#machine.shareRoomKey(
      roomOf(room),
      users.map(userOf),
      settingsOf(settings),
    )
    this.#store.check()
    return requests.map(toDevice)
  }

  async encryptRoomEvent(room: RoomId, type: string, content: string): Promise<string> {
    const encrypted = await this.#machine.encryptRoomEvent(roomOf(room), type, content)
    this.#store.check()
    return encrypted
  }

  async decryptRoomEvent(event: string, room: RoomId): Promise<wasm.DecryptedRoomEvent> {
    const decrypted = await this.#machine.decryptRoomEvent(event, roomOf(room), anySender())
    this.#store.check()
    return decrypted
  }

  /** Gives the folder back. The machine cannot be used any more. */
  close(): void {
    if (machines.get(this.#folder) === this) machines.delete(this.#folder)
    this.#machine.close()
    this.#store.close()
  }
}

const silence = () => undefined
/** What goes wrong is thrown; the rest of what the library says is of no use to a bot. */
const quiet = { debug: silence, info: silence, warn: silence, error: silence }

function userOf(user: UserId): wasm.UserId {
  return new wasm.UserId(user.toString())
}

function roomOf(room: RoomId): wasm.RoomId {
  return new wasm.RoomId(room.toString())
}

/** Nobody verifies a bot's room mates for it: whoever is let in by the bot's own list is heard. */
function anySender(): wasm.DecryptionSettings {
  return new wasm.DecryptionSettings(wasm.TrustRequirement.Untrusted)
}

function settingsOf(settings: EncryptionSettings): wasm.EncryptionSettings {
  const made = new wasm.EncryptionSettings()
  made.algorithm = wasm.EncryptionAlgorithm.MegolmV1AesSha2
  made.historyVisibility = settings.historyVisibility
  made.rotationPeriodMessages = settings.rotationPeriodMessages
  made.rotationPeriod = settings.rotationPeriod * 1000n
  made.sharingStrategy = wasm.CollectStrategy.allDevices()
  return made
}

function plain({ id, type, body }: wasm.OutgoingRequest): Request {
  return { id: id ?? '', type, body }
}

function toDevice(request: wasm.ToDeviceRequest): ToDeviceRequest {
  const { id, type, event_type, txn_id } = request
  const body = JSON.stringify({ ...JSON.parse(request.body), event_type, txn_id })
  return { id, type, body, txnId: txn_id, eventType: event_type }
}
