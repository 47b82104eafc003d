import { type ICryptoRoomInformation, RustSdkCryptoStorageProvider } from 'matrix-bot-sdk'
import type { MatrixState } from './matrix-state.ts'

/**
 * Where the SDK keeps which rooms are encrypted, and which device this is: in SQLite, and not in the
 * file that its own class would write again as a whole each time. The keys lie in `folder`.
 */
export class RoomKeys extends RustSdkCryptoStorageProvider {
  readonly #state: MatrixState

  constructor(folder: string, state: MatrixState) {
    super(folder, 0)
    this.#state = state
  }

  override async getDeviceId(): Promise<string> {
    return this.#state.read('device') ?? ''
  }

  override async setDeviceId(device: string): Promise<void> {
    this.#state.write('device', device)
  }

  override async getRoom(room: string): Promise<ICryptoRoomInformation> {
    // The SDK takes nothing for an answer, which its types leave out.
    return JSON.parse(this.#state.read(`room ${room}`) ?? 'null')
  }

  override async storeRoom(room: string, information: ICryptoRoomInformation): Promise<void> {
    this.#state.write(`room ${room}`, JSON.stringify(information))
  }
}
