import { rmSync, writeFileSync } from 'node:fs'
import { renderSVG, renderUnicodeCompact } from 'uqr'
import type { Client } from 'whatsapp-web.js'

/** What a person is led through the pairing with. */
export interface PairingParts {
  /** Shows the person a text, as it stands. */
  readonly show: (text: string) => void
  /** The account's number: with it a code is typed, and nothing is scanned. */
  readonly phone: string | undefined
  /** Where the picture is written. Whoever sees it can take the login, so only the owner may. */
  readonly picture: string
}

/** Shows what the account's phone has to scan, or the code that has to be typed there. */
export class Pairing {
  readonly #parts: PairingParts
  #isAskedFor = false

  constructor(parts: PairingParts) {
    this.#parts = parts
  }

  /** Follows what the page shows; `failed` is told why there is no code. */
  follow(client: Client, failed: (reason: string) => void): void {
    const { show, phone } = this.#parts
    client.on('qr', (secret: string) => {
      if (phone === undefined) this.#picture(secret)
      else if (!this.#isAskedFor) {
        this.#isAskedFor = true
        client.requestPairingCode(phone).catch((error: unknown) => failed(String(error)))
      }
    })
    client.on('code', (code: string) => {
      const spelled = code.replace(/^(.{4})(.{4})$/, '$1-$2')
      show(
        `On the phone with the number +${phone}, open WhatsApp: Settings, Linked devices, Link a device,
Link with phone number instead. Type the code ${spelled}`,
      )
    })
  }

  /** Takes the picture away. */
  end(): void {
    rmSync(this.#parts.picture, { force: true })
  }

  #picture(secret: string): void {
    const { show, picture } = this.#parts
    rmSync(picture, { force: true })
    writeFileSync(picture, renderSVG(secret), { mode: 0o600 })
    show(
      `${renderUnicodeCompact(secret)}
On the phone of the bot's account, open WhatsApp: Settings, Linked devices, Link a device. Scan this,
or ${picture} in a browser. It changes every 20 seconds or so.`,
    )
  }
}
