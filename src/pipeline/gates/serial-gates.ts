import type { GateReport, Gates } from '../gates.ts'
import { KeyedMutex } from '../git/mutex.ts'

/**
 * Gates that run once at a time in each folder, whoever asks for them: two builds in one folder
 * would wait for each other's locks, or spoil each other's files.
 */
export class SerialGates implements Gates {
  readonly #gates: Gates
  readonly #folders = new KeyedMutex<string>()

  constructor(gates: Gates) {
    this.#gates = gates
  }

  run(key: string, directory: string, signal: AbortSignal): Promise<GateReport> {
    return this.#folders.run(directory, () => this.#gates.run(key, directory, signal))
  }
}
